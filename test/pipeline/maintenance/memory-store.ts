import { Readable } from 'node:stream';
import { HullcastError } from '../../../src/errors.js';
import type { FoundObject, ObjectStore, OpenObject, StoredObject } from '../../../src/storage/index.js';

/** An object store in memory, whose clock and whose neighbours' doings the test decides. */
export class MemoryStore implements ObjectStore {
  readonly objects = new Map<string, { data: Buffer; modifiedMs: number }>();
  nowMs = 0;
  /** Called before each operation on an object, as if somebody else came first. */
  meanwhile: (operation: 'stat' | 'delete', key: string) => void = () => undefined;

  set(key: string, data: string, modifiedMs: number): void {
    this.objects.set(key, { data: Buffer.from(data), modifiedMs });
  }

  check(): Promise<void> {
    return Promise.resolve();
  }

  putFile(): Promise<StoredObject> {
    throw new Error('not of use here');
  }

  put(key: string, data: Uint8Array | string): Promise<StoredObject> {
    this.objects.set(key, { data: Buffer.from(data), modifiedMs: this.nowMs });
    return Promise.resolve({ key, bytes: Buffer.from(data).length });
  }

  async putIfAbsent(key: string, data: Uint8Array | string): Promise<Buffer> {
    if (!this.objects.has(key)) await this.put(key, data);
    return this.read(key);
  }

  async copy(from: string, to: string): Promise<void> {
    await this.put(to, await this.read(from));
  }

  async read(key: string): Promise<Buffer> {
    await Promise.resolve();
    const found = this.objects.get(key);
    if (!found) throw new HullcastError('OBJECT_MISSING', key);
    return found.data;
  }

  async open(key: string): Promise<OpenObject> {
    const data = await this.read(key);
    return { body: Readable.from([data]), bytes: data.length, range: undefined };
  }

  localPath(): Promise<string> {
    throw new Error('not of use here');
  }

  stat(key: string): Promise<FoundObject | undefined> {
    this.meanwhile('stat', key);
    const found = this.objects.get(key);
    return Promise.resolve(found && { key, bytes: found.data.length, modifiedMs: found.modifiedMs });
  }

  refresh(key: string): Promise<boolean> {
    const found = this.objects.get(key);
    if (found) found.modifiedMs = this.nowMs;
    return Promise.resolve(found !== undefined);
  }

  delete(key: string): Promise<void> {
    this.meanwhile('delete', key);
    this.objects.delete(key);
    return Promise.resolve();
  }

  /** As it is when the listing begins. */
  async *list(prefix: string): AsyncGenerator<FoundObject> {
    const found = [...this.objects].filter(([key]) => key.startsWith(prefix));
    for (const [key, { data, modifiedMs }] of found.sort(([a], [b]) => (a < b ? -1 : 1))) {
      await Promise.resolve();
      yield { key, bytes: data.length, modifiedMs };
    }
  }

  sweep(): Promise<void> {
    return Promise.resolve();
  }
}
