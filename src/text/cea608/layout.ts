import { tidy, wrapped } from '../markup/content.js';
import type { CueContent, CueSettings } from '../types.js';
import { COLUMNS, type Cell, type Pen, ROWS, type Screen, WHITE } from './screen.js';

/** The captions' area is the middle 80% of the picture (CEA-608-E, 5.3.2: the safe caption area). */
const MARGIN = 10;
const ROW_PERCENT = (100 - 2 * MARGIN) / ROWS;
const COLUMN_PERCENT = (100 - 2 * MARGIN) / COLUMNS;
/** Rows from here, counted from 0, are where players put text by themselves. */
const BOTTOM_ROW = 12;

interface Line {
  row: number;
  cells: readonly (Cell | undefined)[];
  /** First column with a character, and the one behind the last. */
  left: number;
  right: number;
}

function linesOf(screen: Screen): Line[] {
  return Array.from({ length: ROWS }, (_, row) => row).flatMap((row) => {
    const cells = screen.row(row);
    const written = cells.flatMap((cell, column) => (cell && cell.character !== ' ' ? [column] : []));
    const [left] = written;
    const last = written.at(-1);
    return left === undefined || last === undefined ? [] : [{ row, cells, left, right: last + 1 }];
  });
}

/** A line in the middle, give or take what columns cannot express. */
const centred = ({ left, right }: Line): boolean => Math.abs((left + right) / 2 - COLUMNS / 2) <= 1;

/** Lines that follow each other and are all centred, or all begin in one column. */
function blocksOf(lines: readonly Line[]): Line[][] {
  const blocks: Line[][] = [];
  for (const line of lines) {
    const block = blocks.at(-1);
    const above = block?.at(-1);
    const together = [...(block ?? []), line];
    const alike = together.every(centred) || together.every(({ left }) => left === line.left);
    if (block && above?.row === line.row - 1 && alike) block.push(line);
    else blocks.push([line]);
  }
  return blocks;
}

const percent = (value: number): number => Number(value.toFixed(2));

function settingsOf(block: readonly Line[], alone: boolean): CueSettings {
  const first = block[0]!;
  const bottom = block.at(-1)!.row;
  const line =
    alone && bottom >= BOTTOM_ROW
      ? {}
      : { line: { value: percent(MARGIN + first.row * ROW_PERCENT), percent: true } };
  if (block.every(centred)) return line;
  const position = MARGIN + first.left * COLUMN_PERCENT;
  return {
    ...line,
    position: { value: percent(position) },
    size: percent(100 - MARGIN - position),
    align: 'start',
  };
}

function styled(text: string, { colour, italic, underline, background }: Pen): CueContent {
  const classes = [
    ...(colour === 'white' ? [] : [colour]),
    ...(background === 'black' || background === 'none' ? [] : [`bg_${background}`]),
  ];
  let content: CueContent = [text];
  if (underline) content = wrapped(content, { tag: 'u' });
  if (italic) content = wrapped(content, { tag: 'i' });
  return classes.length > 0 ? wrapped(content, { tag: 'c', classes }) : content;
}

const samePen = (a: Pen, b: Pen): boolean =>
  a.colour === b.colour &&
  a.italic === b.italic &&
  a.underline === b.underline &&
  a.background === b.background;

function lineContent({ cells, left, right }: Line): CueContent {
  const content: CueContent = [];
  let text = '';
  let pen = WHITE;
  for (const cell of cells.slice(left, right)) {
    const { character, pen: own } = cell ?? { character: ' ', pen };
    if (!samePen(own, pen) && text !== '') {
      content.push(...styled(text, pen));
      text = '';
    }
    pen = own;
    text += character;
  }
  return [...content, ...styled(text, pen)];
}

/** What is on a screen, as texts with their places. */
export function screenText(screen: Screen): { settings: CueSettings; content: CueContent }[] {
  const blocks = blocksOf(linesOf(screen));
  return blocks.map((block) => ({
    settings: settingsOf(block, blocks.length === 1),
    content: tidy(block.flatMap((line) => [...lineContent(line), '\n'])),
  }));
}
