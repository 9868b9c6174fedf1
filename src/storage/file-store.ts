import { constants } from 'node:fs';
import { copyFile, link, mkdir, open, readFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { asDiskError, errorCode } from './disk-error.js';
import {
  type ByteRange,
  type FoundObject,
  type ObjectStore,
  type OpenObject,
  type PutOptions,
  type StoredObject,
  badRange,
  checkKey,
  objectMissing,
  storeDenied,
} from './object-store.js';
import { renamed } from './rename.js';

const TEMPORARY = '.tmp';

/**
 * An object store in a folder: the key is the path below it. A put writes a temporary file (or moves one that is there),
 * flushes it to the disk and renames it, so a key never names a part of a file, not even after a power cut.
 */
export class FileStore implements ObjectStore {
  private readonly temporary: string;

  constructor(readonly root: string) {
    this.temporary = join(root, TEMPORARY);
  }

  async check(): Promise<void> {
    const temporary = join(this.temporary, randomUUID());
    try {
      await mkdir(this.temporary, { recursive: true });
      await writeNew(temporary, '');
      await rm(temporary);
    } catch (error) {
      throw asDiskError(denied(error) ? storeDenied(this.root, error) : error, this.root);
    }
  }

  async putFile(key: string, path: string, { move = false }: PutOptions = {}): Promise<StoredObject> {
    // A file to be moved may be the only copy: whatever fails, it is there, under its old name or as the object.
    const moved = move ? await this.move(key, path) : undefined;
    if (moved) return moved;
    // A clone where the file system can share blocks; a copy elsewhere.
    const stored = await this.commit(key, (to) => copyFile(path, to, constants.COPYFILE_FICLONE));
    if (move) await rm(path);
    return stored;
  }

  put(key: string, data: Uint8Array | string): Promise<StoredObject> {
    return this.commit(key, (temporary) => writeNew(temporary, data));
  }

  async putIfAbsent(key: string, data: Uint8Array | string): Promise<Buffer> {
    for (;;) {
      let first = true;
      // A link is made with its content or not at all, and only by the first.
      await this.commit(
        key,
        (temporary) => writeNew(temporary, data),
        async (temporary, target) => {
          first = await linked(temporary, target);
          await rm(temporary);
        },
      );
      if (first) return Buffer.from(data);
      try {
        return await this.read(key);
      } catch (error) {
        if (errorCode(error) !== 'OBJECT_MISSING') throw error; // deleted in between: then it is ours to write
      }
    }
  }

  async copy(from: string, to: string): Promise<void> {
    checkKey(to);
    const path = await this.localPath(from);
    await this.putFile(to, path).catch((error: unknown) => {
      throw absent(error) ? objectMissing(from) : error;
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

  async open(key: string, range?: ByteRange): Promise<OpenObject> {
    const path = await this.localPath(key);
    const file = await open(path, 'r').catch((error: unknown) => {
      throw absent(error) ? objectMissing(key) : error;
    });
    const { size: bytes } = await file.stat();
    if (range && (range.start > range.end || range.end >= bytes)) {
      await file.close();
      throw badRange(key, range, bytes);
    }
    return { body: file.createReadStream(range), bytes, range };
  }

  async localPath(key: string): Promise<string> {
    if (!(await this.stat(key))) throw objectMissing(key);
    return join(this.root, key);
  }

  async stat(key: string): Promise<FoundObject | undefined> {
    checkKey(key);
    const found = await stat(join(this.root, key)).catch(ifAbsent(undefined));
    return found?.isFile() ? { key, bytes: found.size, modifiedMs: found.mtimeMs } : undefined;
  }

  async refresh(key: string): Promise<boolean> {
    if (!(await this.stat(key))) return false;
    const now = new Date();
    return utimes(join(this.root, key), now, now).then(() => true, ifAbsent(false));
  }

  async delete(key: string): Promise<void> {
    if (await this.stat(key)) await rm(join(this.root, key), { force: true });
  }

  list(prefix: string): AsyncIterable<FoundObject> {
    return walk(this.root, '', prefix);
  }

  async sweep(olderThanMs: number): Promise<void> {
    for (const name of await readdir(this.temporary).catch(ifAbsent([]))) {
      const path = join(this.temporary, name);
      const found = await stat(path).catch(ifAbsent(undefined));
      if (found && found.mtimeMs <= Date.now() - olderThanMs)
        await rm(path, { recursive: true, force: true });
    }
  }

  private async commit(
    key: string,
    write: (temporary: string) => Promise<void>,
    place: (temporary: string, target: string) => Promise<void> = rename,
  ): Promise<StoredObject> {
    const target = await this.target(key);
    const temporary = join(this.temporary, randomUUID());
    try {
      await mkdir(this.temporary, { recursive: true });
      await write(temporary);
      const bytes = await flush(temporary);
      await place(temporary, target);
      await flush(dirname(target));
      return { key, bytes };
    } catch (error) {
      await rm(temporary, { force: true });
      throw asDiskError(error, target);
    }
  }

  /** Undefined where the file lies on another file system. */
  private async move(key: string, path: string): Promise<StoredObject | undefined> {
    const target = await this.target(key);
    try {
      const bytes = await flush(path);
      if (!(await renamed(path, target))) return undefined;
      await flush(dirname(target));
      return { key, bytes };
    } catch (error) {
      throw asDiskError(error, target);
    }
  }

  /** Where an object goes, in a folder that is there. */
  private async target(key: string): Promise<string> {
    checkKey(key);
    const target = join(this.root, key);
    try {
      await mkdir(dirname(target), { recursive: true });
      return target;
    } catch (error) {
      throw asDiskError(error, target);
    }
  }
}

async function writeNew(path: string, data: Uint8Array | string): Promise<void> {
  const file = await open(path, 'wx');
  try {
    await file.writeFile(data);
  } finally {
    await file.close();
  }
}

/** False where there is something under the new name. */
async function linked(path: string, to: string): Promise<boolean> {
  try {
    await link(path, to);
    return true;
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
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

function denied(error: unknown): boolean {
  return ['EACCES', 'EPERM', 'EROFS'].includes(errorCode(error) ?? '');
}

/** For what another process may remove while it is listed, or what was never there. */
function ifAbsent<T>(value: T): (error: unknown) => T {
  return (error) => {
    if (absent(error)) return value;
    throw error;
  };
}

async function* walk(root: string, folder: string, prefix: string): AsyncGenerator<FoundObject> {
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
      if (found) yield { key, bytes: found.size, modifiedMs: found.mtimeMs };
    }
  }
}
