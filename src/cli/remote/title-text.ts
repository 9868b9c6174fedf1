import { commandLine } from '../../media/index.js';
import { plainText, plural } from '../../report/index.js';
import type { ApiTitle } from '../../services/contract/index.js';
import { rungLine } from '../rung-line.js';

/** A title's state for people: `running, attempt 2`, `failed (MASTER_NO_VIDEO)`. */
export function stateText({ state, attempt, error }: ApiTitle): string {
  const why = state === 'failed' && error ? ` (${plainText(error.code)})` : '';
  return `${state}${why}${attempt > 1 ? `, attempt ${attempt}` : ''}`;
}

/** `clip.mov: running`. Names come from whoever submitted them. */
export function titleLine(title: ApiTitle): string {
  return `${plainText(title.name)}: ${stateText(title)}`;
}

const HEAD = ['title', 'state', 'priority', 'submitted', 'name'];
/** Column of numbers, which are set right. */
const PRIORITY = 2;

/** Titles as a table; times in UTC. */
export function titleTable(titles: readonly ApiTitle[]): string {
  const cells = titles.map((title) => [
    plainText(title.id),
    stateText(title),
    String(title.priority),
    title.createdAt.slice(0, 16).replace('T', ' '),
    plainText(title.name),
  ]);
  const rows = [HEAD, ...cells];
  const widths = HEAD.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const pad = (cell: string, column: number): string =>
    column === PRIORITY ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!);
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}

/** What people want to know of a title that is done: the ladder, what it cost, where it is. */
export function outcomeText(title: ApiTitle, server: string): string {
  const { id, name, result } = title;
  if (!result) return `${plainText(name)}: done`;
  const { renditions, cost, findings, manifests } = result;
  const files = `${server}/v1/titles/${encodeURIComponent(id)}/files`;
  return [
    `${plainText(name)}: ${plural(renditions.length, 'rung')}`,
    ...renditions.map(rungLine),
    `${cost.encodes} encodes, ${cost.cacheHits} results from earlier, ${cost.cpuSeconds.toFixed(0)} CPU s, ${cost.wallSeconds.toFixed(0)} s`,
    ...(findings > 0 ? [`${plural(findings, 'finding')} about the master: see the report`] : []),
    '',
    `Report    ${server}/#/titles/${encodeURIComponent(id)}`,
    ...manifests.map((path) => `Manifest  ${files}/${plainText(path, 200)}`),
  ].join('\n');
}

/** A command to go on with, as it can be pasted into a shell. */
export function nextCommand(command: string, id: string, serverArgs: readonly string[]): string {
  return commandLine('npx', ['hullcast', command, id, ...serverArgs]);
}
