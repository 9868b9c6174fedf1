import { constants } from 'node:fs';
import { copyFile, mkdir, open, readFile, readdir, rename, rm, stat } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { asDiskError, errorCode } from './disk-error.js';
import {
  type ObjectStore,
  type PutOptions,
  type StoredObject,
  checkKey,
  objectMissing,
} from './object-store.js';

const TEMPORARY = '.tmp';

/**
 * An object store in a folder: the key is the path below it. A put writes a temporary file, flushes it to the disk and
 * renames it, so a key never names a part of a file, not even after a power cut.
 */
export class FileStore implements ObjectStore {
  private readonly temporary: string;

  constructor(readonly root: string) {
    this.temporary = join(root, TEMPORARY);
  }

  putFile(key: string, path: string, options: PutOptions = {}): Promise<StoredObject> {
    return this.commit(key, async (temporary) => {
      if (options.move && (await renamed(path, temporary))) return;
      // A clone where the file system can share blocks; a copy elsewhere.
      await copyFile(path, temporary, constants.COPYFILE_FICLONE);
      if (options.move) await rm(path);
    });
  }

  put(key: string, data: Uint8Array | string): Promise<StoredObject> {
    return this.commit(key, async (temporary) => {
      const file = await open(temporary, 'wx');
      try {
        await file.writeFile(data);
      } finally {
        await file.close();
      }
    });
  }

  async read(key: string): Promise<Buffer> {
    checkKey(key);
    try {
      return await readFile(join(this.root, key));
    } catch (error) {
      throw absent(error) ? objectMissing(key) : error;
    }
  }

  async localPath(key: string): Promise<string> {
    if (!(await this.stat(key))) throw objectMissing(key);
    return join(this.root, key);
  }

  async stat(key: string): Promise<StoredObject | undefined> {
    checkKey(key);
    try {
      const found = await stat(join(this.root, key));
      return found.isFile() ? { key, bytes: found.size } : undefined;
    } catch (error) {
      if (absent(error)) return undefined;
      throw error;
    }
  }

  async delete(key: string): Promise<void> {
    if (await this.stat(key)) await rm(join(this.root, key), { force: true });
  }

  list(prefix: string): AsyncIterable<StoredObject> {
    return walk(this.root, '', prefix);
  }

  /** Removes what killed puts left behind. Only where no other process uses the store. */
  async sweep(): Promise<void> {
    await rm(this.temporary, { recursive: true, force: true });
  }

  private async commit(key: string, write: (temporary: string) => Promise<void>): Promise<StoredObject> {
    checkKey(key);
    const target = join(this.root, key);
    const temporary = join(this.temporary, randomUUID());
    try {
      await mkdir(this.temporary, { recursive: true });
      await mkdir(dirname(target), { recursive: true });
      await write(temporary);
      const bytes = await flush(temporary);
      await rename(temporary, target);
      await flush(dirname(target));
      return { key, bytes };
    } catch (error) {
      await rm(temporary, { force: true });
      throw asDiskError(error, target);
    }
  }
}

/** False where the two paths lie on different file systems, which a rename cannot cross. */
async function renamed(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EXDEV') return false;
    throw error;
  }
}

/** Waits until a file's (or folder's) content is on the disk; gives its size. */
async function flush(path: string): Promise<number> {
  const handle = await open(path, 'r');
  try {
    await handle.sync();
    return (await handle.stat()).size;
  } finally {
    await handle.close();
  }
}

/** ENOTDIR: a file lies where the key has a folder, so the key itself cannot exist. */
function absent(error: unknown): boolean {
  return ['ENOENT', 'ENOTDIR'].includes(errorCode(error) ?? '');
}

/** For what another process may remove while it is listed, or what was never there. */
function ifAbsent<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (absent(error)) return value;
    throw error;
  };
}

async function* walk(root: string, folder: string, prefix: string): AsyncGenerator<StoredObject> {
  const entries = await readdir(join(root, folder), { withFileTypes: true }).catch(ifAbsent([]));
  const keys = entries
    .filter((entry) => !entry.name.startsWith('.'))
    .map((entry) => folder + entry.name + (entry.isDirectory() ? '/' : ''))
    // A folder sorts with its slash, as its keys do: `a.txt` comes before `a/b`.
    .sort((a, b) => (a < b ? -1 : 1));
  for (const key of keys) {
    if (!key.startsWith(prefix) && !(key.endsWith('/') && prefix.startsWith(key))) continue;
    if (key.endsWith('/')) {
      yield* walk(root, key, prefix);
    } else {
      const found = await stat(join(root, key)).catch(ifAbsent(undefined));
      if (found) yield { key, bytes: found.size };
    }
  }
}
