import { randomUUID } from 'node:crypto';
import { type FileHandle, chmod, chown, link, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { HullcastError, badUsage } from '../../errors.js';
import { takeLock } from '../../lock.js';
import { asDiskError } from '../../storage/index.js';
import { readSecretFile, readSecretFileIfThere } from '../secret-file.js';
import { newMasterLine, parseMasterKeys } from './master-key.js';

const WHAT = 'the master keys';
const UNWRITABLE = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'ENOENT', 'EEXIST']);
const HEAD = [
  '# Master keys of hullcast, one a line, the current one first: docs/keys.md.',
  '# Whoever has this file can open every content key that it wrapped. Who loses it loses them all: keep a copy',
  '# elsewhere, and not beside the store.',
];

/**
 * Makes the file with a new master key, for its owner alone, unless it is there; its folder too. Throws
 * KEY_FILE_UNWRITABLE, DISK_FULL.
 */
export function makeMasterFile(path: string): Promise<void> {
  return writing(path, () => make(path));
}

async function make(path: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  await replace(path, [...HEAD, newMasterLine().line], async (draft) => {
    try {
      await link(draft, path); // is made whole or not at all, and only by the first
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
    await rm(draft);
  });
}

/**
 * Adds a new master key to the file, which is made where it is not there: before the others, so that it is the current
 * one, or as the last. Gives its fingerprint. Throws KEY_MASTER_FILE, KEY_MASTER_BUSY, KEY_FILE_EXPOSED,
 * KEY_FILE_UNREADABLE, KEY_FILE_UNWRITABLE, DISK_FULL.
 */
export function addMasterKey(path: string, { last }: { last: boolean }): Promise<string> {
  return writing(path, () => add(path, last));
}

async function add(path: string, last: boolean): Promise<string> {
  if ((await readSecretFileIfThere(path, WHAT)) === undefined) {
    await make(path);
    return parseMasterKeys(await readSecretFile(path, WHAT), path)[0]!.id;
  }
  // Two that add at the same time must not lose each other's.
  const release = await takeLock(`${path}.lock`, (who) => {
    return new HullcastError('KEY_MASTER_BUSY', `${who} ${path}`, { hint: 'Wait for it, and try again.' });
  });
  try {
    const text = await readSecretFile(path, WHAT);
    parseMasterKeys(text, path);
    const lines = text.replace(/\n$/, '').split('\n');
    const { line, id } = newMasterLine();
    const first = lines.findIndex((one) => one.trim() !== '' && !one.startsWith('#'));
    lines.splice(last ? lines.length : first, 0, line);
    const { mode, uid, gid } = await stat(path);
    await replace(path, lines, async (draft) => {
      const own = await stat(draft);
      if (own.uid !== uid || own.gid !== gid) await chown(draft, uid, gid); // who could read it still can
      await chmod(draft, mode & 0o777);
      await rename(draft, path);
    });
    return id;
  } finally {
    await release();
  }
}

/** Writes lines to a draft beside the file, for its owner alone, and to the disk, before `place` puts it there. */
async function replace(
  path: string,
  lines: readonly string[],
  place: (draft: string) => Promise<void>,
): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await withFile(draft, 'wx', async (file) => {
      await file.writeFile(`${lines.join('\n')}\n`);
      await file.sync();
    });
    await place(draft);
    // A content key may be wrapped by it from now on: after a power cut the file has to be there.
    await withFile(dirname(path), 'r', (folder) => folder.sync());
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Errors of the disk as ours. */
async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (error instanceof HullcastError || !UNWRITABLE.has(code ?? '')) throw asDiskError(error, path);
    throw badUsage(
      'KEY_FILE_UNWRITABLE',
      `${WHAT} cannot be written to ${path}: ${message}`,
      'Name a file in a folder of your own, or run it as who owns that one.',
    );
  }
}

async function withFile(path: string, flags: string, work: (file: FileHandle) => Promise<void>) {
  const file = await open(path, flags, 0o600);
  try {
    await work(file);
  } finally {
    await file.close();
  }
}
