import type { AuditEntry, KeyFacts } from '../../keys/index.js';
import { plainText } from '../../report/index.js';

/** Widths of columns; what is longer moves the rest. */
const KID = 32;
const LABEL = 5;
const TIME = 24;
const MASTER = 12;
const PURPOSE = 7;

export const LIST_HEAD = `${'KEY ID'.padEnd(KID)}  ${'FOR'.padEnd(LABEL)}  ${'MADE'.padEnd(TIME)}  ${'MASTER KEY'.padEnd(MASTER)}  TITLE`;

/** A key that is kept, as a line; the times are UTC. */
export function keyLine({ kid, label, contentId, createdAt, master }: KeyFacts): string {
  return `${kid}  ${label.padEnd(LABEL)}  ${createdAt}  ${plainText(master.name).padEnd(MASTER)}  ${plainText(contentId)}`;
}

/** A use of keys, as a line for each key. */
export function useLines({ time, host, purpose, subject, contentId, keys }: AuditEntry): string {
  const start = `${time}  ${purpose.padEnd(PURPOSE)}`;
  const end = `title ${plainText(contentId)}, by ${plainText(subject)} on ${plainText(host)}`;
  return keys
    .map(({ kid, label }) => `${start}  ${plainText(kid)}  ${plainText(label).padEnd(LABEL)}  ${end}`)
    .join('\n');
}
