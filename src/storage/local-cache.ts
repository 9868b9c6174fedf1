import { randomUUID } from 'node:crypto';
import { mkdir, open, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../errors.js';
import { asDiskError, errorCode } from './disk-error.js';
import type { Lease } from './lease.js';
import { renamed } from './rename.js';

/** A file that the cache is to have. */
export interface CacheItem {
  /** Lower-case hex, 64 digits: names the content. */
  name: string;
  bytes: number;
}

export interface CacheOptions {
  /** What unused files may take of the disk. Files in use are kept beyond it. */
  maxBytes: number;
  /** Told whether a file was there. */
  onLookup?: ((hit: boolean) => void) | undefined;
}

interface Entry {
  bytes: number;
  /** Callers that hold its path; those without a lease hold it for good. */
  users: number;
}

interface Filling {
  done: Promise<Entry>;
  /** Callers that wait for it: users of the entry from its first moment, so that nothing can evict it before. */
  waiting: number;
}

const NAME = /^[0-9a-f]{64}$/;
const PARTIAL = 'partial';

/**
 * Local copies of a remote store's objects, for one process at a time: the least recently used go when there are more
 * bytes than allowed, except those that somebody holds a lease on. A file is there whole or not at all, and the folder
 * is all there is to it: a later process finds what this one left.
 */
export class LocalCache {
  /** From the least to the most recently used. */
  private readonly entries = new Map<string, Entry>();
  private readonly filling = new Map<string, Filling>();
  /** Files that are being removed. */
  private readonly leaving = new Map<string, Promise<void>>();
  /** Of all files, with what is on its way. */
  private bytes = 0;
  private opened: Promise<void> | undefined;

  constructor(
    private readonly folder: string,
    private readonly options: CacheOptions,
  ) {}

  /**
   * Path of the item's file, made by `fill` where it is not there; callers that ask at the same time wait for one fill.
   * `fill` gets a path at which there is nothing. The file stays until the lease ends.
   */
  async path(
    item: CacheItem,
    lease: Lease | undefined,
    fill: (temporary: string) => Promise<void>,
  ): Promise<string> {
    await this.open();
    const { name } = item;
    const hit = await this.holds(item);
    this.options.onLookup?.(hit);
    const entry = await this.claim(item, fill);
    lease?.add(() => {
      entry.users -= 1; // room is made when there is need of it, by who needs it
    });
    if (this.entries.delete(name)) this.entries.set(name, entry);
    const path = join(this.folder, name);
    const now = new Date();
    await utimes(path, now, now);
    return path;
  }

  /** Takes over a file whose content is known to be the item's. */
  async adopt(item: CacheItem, path: string): Promise<void> {
    await this.open();
    if (this.entries.has(item.name) || this.filling.has(item.name)) return rm(path);
    const taking = this.fill(item, async (temporary) => {
      if (await renamed(path, temporary)) return;
      await rm(path); // on another file system: fetching it when it is needed is no dearer than copying it now
      throw new NotAdopted();
    });
    await taking.done.catch((error: unknown) => {
      if (!(error instanceof NotAdopted)) throw error;
    });
    await this.trim();
  }

  /** Bytes of all files, those in use and on their way too. */
  async size(): Promise<number> {
    await this.open();
    return this.bytes;
  }

  /** Makes the caller one of the entry's users; has the entry made where there is none. */
  private async claim(item: CacheItem, fill: (temporary: string) => Promise<void>): Promise<Entry> {
    const entry = this.entries.get(item.name);
    if (entry) {
      entry.users += 1;
      return entry;
    }
    const filling = this.filling.get(item.name) ?? this.fill(item, fill);
    filling.waiting += 1;
    return filling.done;
  }

  private open(): Promise<void> {
    this.opened ??= this.scan();
    return this.opened;
  }

  /** Finds what an earlier process left, and removes what it left half done. */
  private async scan(): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    await rm(join(this.folder, PARTIAL), { recursive: true, force: true });
    await mkdir(join(this.folder, PARTIAL));
    const found: { name: string; bytes: number; usedMs: number }[] = [];
    for (const name of await readdir(this.folder)) {
      if (!NAME.test(name)) continue;
      const { size, mtimeMs } = await stat(join(this.folder, name));
      found.push({ name, bytes: size, usedMs: mtimeMs });
    }
    found.sort((a, b) => a.usedMs - b.usedMs);
    for (const { name, bytes } of found) {
      this.entries.set(name, { bytes, users: 0 });
      this.bytes += bytes;
    }
    await this.trim();
  }

  /** Whether the item is there, in its size. What else lies under its name is thrown away. */
  private async holds({ name, bytes }: CacheItem): Promise<boolean> {
    const entry = this.entries.get(name);
    if (!entry) return false;
    const size = await stat(join(this.folder, name)).then(
      (found) => found.size,
      (error: unknown) => {
        if (errorCode(error) === 'ENOENT') return undefined; // somebody cleaned up
        throw error;
      },
    );
    if (size === bytes) return true;
    await this.evict(name, entry);
    return false;
  }

  private fill(item: CacheItem, make: (temporary: string) => Promise<void>): Filling {
    const filling = { waiting: 0 };
    const done = this.fillOnce(item, make, filling).finally(() => this.filling.delete(item.name));
    const whole = Object.assign(filling, { done });
    this.filling.set(item.name, whole);
    return whole;
  }

  private async fillOnce(
    item: CacheItem,
    make: (temporary: string) => Promise<void>,
    filling: Pick<Filling, 'waiting'>,
  ): Promise<Entry> {
    this.bytes += item.bytes;
    try {
      await this.trim();
      await this.make(item, make).catch(async (error: unknown) => {
        if (!isDiskFull(error, this.folder)) throw error;
        await this.trim(0); // others fill the disk too: whatever can go, goes
        await this.make(item, make);
      });
    } catch (error) {
      this.bytes -= item.bytes;
      throw asDiskError(error, this.folder);
    }
    const entry = { bytes: item.bytes, users: filling.waiting };
    this.entries.set(item.name, entry);
    return entry;
  }

  private async make({ name, bytes }: CacheItem, make: (temporary: string) => Promise<void>): Promise<void> {
    const temporary = join(this.folder, PARTIAL, randomUUID());
    try {
      await make(temporary);
      const file = await open(temporary, 'r');
      try {
        await file.sync(); // a name must never stand for bytes that a power cut takes away
        const { size } = await file.stat();
        if (size !== bytes)
          throw new HullcastError('CACHE_SIZE', `${name} has ${size} bytes instead of ${bytes}`);
      } finally {
        await file.close();
      }
      await this.leaving.get(name); // what is being removed under that name must not be this file
      await rename(temporary, join(this.folder, name));
    } catch (error) {
      await rm(temporary, { force: true });
      throw error;
    }
  }

  /** Removes the least recently used files until no more than that many bytes are left, or none that may go. */
  private async trim(mostBytes = this.options.maxBytes): Promise<void> {
    for (const [name, entry] of [...this.entries]) {
      if (this.bytes <= mostBytes) return;
      if (entry.users === 0) await this.evict(name, entry);
    }
  }

  private async evict(name: string, entry: Entry): Promise<void> {
    if (this.entries.get(name) !== entry) return;
    this.entries.delete(name);
    this.bytes -= entry.bytes;
    const gone = rm(join(this.folder, name), { force: true });
    this.leaving.set(name, gone);
    await gone.finally(() => this.leaving.delete(name));
  }
}

class NotAdopted extends Error {}

function isDiskFull(error: unknown, folder: string): boolean {
  const known = asDiskError(error, folder);
  return known instanceof HullcastError && known.code === 'DISK_FULL';
}
