import { type FileHandle, open } from 'node:fs/promises';
import { type HullcastError, badUsage } from '../errors.js';

/** Others may do nothing with the file, its group at most read it: so Kubernetes gives secrets to a process. */
const FORBIDDEN_MODE = 0o037;
const MOST_BYTES = 64 * 1024;

/**
 * Text of a file that holds a secret: a regular file of at most 64 KiB that nobody beside its owner (and, to read, its
 * group) may touch. `what` is what it is for people, e.g. `the master keys`. Throws KEY_FILE_UNREADABLE,
 * KEY_FILE_EXPOSED; their messages tell nothing of what is in the file.
 */
export async function readSecretFile(path: string, what: string): Promise<string> {
  const text = await readSecretFileIfThere(path, what);
  if (text === undefined) throw unreadable(path, what, 'there is no such file');
  return text;
}

/** The same; undefined where there is no such file. */
export async function readSecretFileIfThere(path: string, what: string): Promise<string | undefined> {
  let file: FileHandle;
  try {
    file = await open(path, 'r');
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined;
    throw unreadable(path, what, code === 'EACCES' ? 'it may not be read' : message);
  }
  try {
    const { mode, size } = await file.stat().then((found) => {
      if (!found.isFile()) throw unreadable(path, what, 'it is no file');
      return found;
    });
    if ((mode & FORBIDDEN_MODE) !== 0) throw exposed(path, what, mode);
    if (size > MOST_BYTES) throw unreadable(path, what, `it is larger than ${MOST_BYTES} bytes`);
    return await file.readFile('utf8');
  } finally {
    await file.close();
  }
}

function unreadable(path: string, what: string, why: string): HullcastError {
  return badUsage(
    'KEY_FILE_UNREADABLE',
    `${what} cannot be read from ${path}: ${why}`,
    'Check the path in the variable that names it, and its permissions.',
  );
}

function exposed(path: string, what: string, mode: number): HullcastError {
  return badUsage(
    'KEY_FILE_EXPOSED',
    `${what} lie in ${path}, which others may read or change (mode ${(mode & 0o777).toString(8).padStart(3, '0')})`,
    'Take it from them (chmod 600, or 640 for a group that may read), and consider whether the secret is one still.',
  );
}
