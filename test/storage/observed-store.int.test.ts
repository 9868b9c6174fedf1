import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FileStore, type ObjectStore, type StoreCall, observeStore } from '../../src/storage/index.js';

let folder: string;
let store: ObjectStore;
let events: StoreCall[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-observed-'));
  events = [];
  store = observeStore(new FileStore(join(folder, 'store')), (event) => events.push(event));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const told = () =>
  events.map(({ operation, outcome, bytesIn, bytesOut }) => ({ operation, outcome, bytesIn, bytesOut }));

describe('an observed store', () => {
  it('is the store, and tells the bytes that went in and came out', async () => {
    const file = join(folder, 'file');
    await writeFile(file, Buffer.alloc(5000, 1));
    await store.putFile('a/file', file);
    await store.put('a/text', 'grüße'); // 7 bytes of UTF-8
    expect((await store.read('a/text')).toString()).toBe('grüße');
    await store.localPath('a/file');
    expect(await store.stat('a/file')).toMatchObject({ key: 'a/file', bytes: 5000 });
    const listed: string[] = [];
    for await (const { key } of store.list('a/')) listed.push(key);
    expect(listed).toEqual(['a/file', 'a/text']);
    await store.delete('a/file');
    expect(await store.stat('a/file')).toBeUndefined();
    expect(told()).toEqual([
      { operation: 'putFile', outcome: 'ok', bytesIn: 5000, bytesOut: 0 },
      { operation: 'put', outcome: 'ok', bytesIn: 7, bytesOut: 0 },
      { operation: 'read', outcome: 'ok', bytesIn: 0, bytesOut: 7 },
      { operation: 'localPath', outcome: 'ok', bytesIn: 0, bytesOut: 5000 },
      { operation: 'stat', outcome: 'ok', bytesIn: 0, bytesOut: 0 },
      { operation: 'list', outcome: 'ok', bytesIn: 0, bytesOut: 0 },
      { operation: 'delete', outcome: 'ok', bytesIn: 0, bytesOut: 0 },
      { operation: 'stat', outcome: 'ok', bytesIn: 0, bytesOut: 0 },
    ]);
    for (const { seconds } of events) expect(seconds).toBeGreaterThanOrEqual(0);
  });

  it('tells of failures, and passes them on', async () => {
    await expect(store.read('none')).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
    await expect(store.localPath('none')).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
    await expect(store.put('../out', 'x')).rejects.toMatchObject({ code: 'OBJECT_KEY' });
    expect(told().map(({ operation, outcome }) => `${operation} ${outcome}`)).toEqual([
      'read error',
      'localPath error',
      'put error',
    ]);
  });

  it('ends a listing once, also where its reader has enough', async () => {
    await store.put('a/1', '1');
    await store.put('a/2', '2');
    for await (const _ of store.list('a/')) break;
    expect(told().filter(({ operation }) => operation === 'list')).toHaveLength(1);
  });
});
