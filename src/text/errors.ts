import { EXIT, HullcastError } from '../errors.js';

/** A text file that cannot be understood. `line` counts from 1. */
export function malformed(name: string, line: number, reason: string): HullcastError {
  return new HullcastError('TEXT_SYNTAX', `${name}, line ${line}: ${reason}`, {
    exitCode: EXIT.masterRejected,
    hint: 'Correct that line, or export the file again. What is repaired and what is refused: docs/text.md.',
  });
}

/** Text from a file, short and harmless, for messages. */
export function shown(text: string): string {
  const plain = text.replaceAll(/\p{C}+/gu, ' ').trim();
  return plain.length > 60 ? `"${plain.slice(0, 57)}…"` : `"${plain}"`;
}
