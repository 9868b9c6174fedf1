import { readFile, stat } from 'node:fs/promises';
import { EXIT, HullcastError } from '../../errors.js';
import { Notes } from '../findings.js';
import { type FileHints, checkSize, readTextFile } from './index.js';

function unreadable(path: string, why: string): HullcastError {
  return new HullcastError('TEXT_UNREADABLE', `${path} ${why}`, {
    exitCode: EXIT.masterRejected,
    hint: 'Check the path and who may read it.',
  });
}

/**
 * Looks at a text file before anything is made of the master, which takes hours: most mistakes show here. Throws
 * TEXT_UNREADABLE and what `readTextFile` throws.
 */
export async function checkTextFile(path: string, label: string, hints: FileHints): Promise<void> {
  const stats = await stat(path).catch((cause: NodeJS.ErrnoException) => {
    const why =
      cause.code === 'ENOENT' ? 'does not exist' : `cannot be opened (${cause.code ?? 'unknown error'})`;
    throw unreadable(label, why);
  });
  if (!stats.isFile()) throw unreadable(label, 'is not a file');
  checkSize(stats.size, label);
  // Nothing is known of the title yet: only what does not depend on it is judged.
  const unknown = { titleMs: Number.MAX_SAFE_INTEGER, fps: hints.fps ?? { num: 30_000, den: 1001 } };
  readTextFile(await readFile(path), unknown, hints, new Notes(label));
}
