import { bar, endText, runningParts } from './format.js';
import type { StageView } from './state.js';

const MARKS: Record<StageView['state'], string> = { running: '•', finished: '✓', cached: '=', failed: '✗' };
const MOST_BAR = 30;
const LEAST_BAR = 8;
/** Columns between the parts of a line. */
const GAP = '  ';

/** Cuts a text to `width` characters; none of ours is wider than a column. */
function cut(text: string, width: number): string {
  return text.length <= width ? text : `${text.slice(0, Math.max(0, width - 1))}…`;
}

/**
 * One stage as one line of at most `width` columns. What does not fit is left out, the least important first: the bar,
 * the remaining time, the speed.
 */
export function stageLine(view: StageView, nameWidth: number, width: number): string {
  const head = `${MARKS[view.state]} ${view.stage.padEnd(nameWidth)}`;
  if (view.state !== 'running') return cut(`${head}${GAP}${endText(view)}`, width);
  const [percent = '', ...others] = runningParts(view);
  let line = `${head}${GAP}${percent}`;
  for (const part of others) {
    if (line.length + GAP.length + part.length > width) break;
    line += GAP + part;
  }
  const space = Math.min(MOST_BAR, width - line.length - GAP.length);
  if (space < LEAST_BAR) return cut(line, width);
  return `${head}${GAP}${bar(view.percent, space)}${line.slice(head.length)}`;
}

/** All stages, one line each, at most `width` columns and `height` lines: then the ones that are under way. */
export function screen(views: readonly StageView[], width: number, height: number): string[] {
  const nameWidth = Math.max(0, ...views.map(({ stage }) => stage.length));
  const lines = (some: readonly StageView[]): string[] => some.map((one) => stageLine(one, nameWidth, width));
  if (views.length <= height) return lines(views);
  const running = views.filter(({ state }) => state === 'running');
  return lines(running.slice(0, height));
}

/** Rows that lines take on a terminal of `columns` columns: after it was made narrower, lines of before are wrapped. */
export function rowsOf(lines: readonly string[], columns: number): number {
  return lines.reduce((rows, line) => rows + Math.max(1, Math.ceil(line.length / columns)), 0);
}

/** What to write so that `lines` stand where `previous` stood. */
export function redraw(previous: readonly string[], lines: readonly string[], columns: number): string {
  const rows = rowsOf(previous, columns);
  const up = rows > 0 ? `\r\u001b[${rows}A` : '\r';
  // Clearing to the end of the screen first, so that nothing of a longer or wrapped line is left.
  return `${up}\u001b[J${lines.map((line) => `${line}\n`).join('')}`;
}
