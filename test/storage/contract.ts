import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type FoundObject, Lease, type ObjectStore, type OpenObject } from '../../src/storage/index.js';

const BAD_KEYS = [
  '',
  '/a',
  'a/',
  'a//b',
  '..',
  '../a',
  'a/../b',
  './a',
  'a/.',
  '.hidden',
  'a/.b',
  'a\\b',
  'a\0b',
  'a\nb',
];

async function collect(objects: AsyncIterable<FoundObject>): Promise<{ key: string; bytes: number }[]> {
  const all: { key: string; bytes: number }[] = [];
  for await (const { key, bytes } of objects) all.push({ key, bytes });
  return all;
}

async function textOf({ body }: OpenObject): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(part as Buffer);
  return Buffer.concat(parts).toString();
}

/** Clocks of servers give seconds. */
const CLOCK_MS = 2000;

/** What every object store must do. `open` gives an empty store each time. */
export function objectStoreContract(name: string, open: () => Promise<ObjectStore>): void {
  describe(`object store contract: ${name}`, () => {
    let folder: string;
    let store: ObjectStore;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'hullcast-store-'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));
    beforeEach(async () => {
      store = await open();
    });

    const file = async (data: Uint8Array | string): Promise<string> => {
      const path = join(folder, 'source');
      await writeFile(path, data);
      return path;
    };

    it('gives back the bytes of a file, its size and a local path', async () => {
      const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 7919) % 256);
      const path = await file(bytes);
      expect(await store.putFile('blobs/ab/one', path)).toEqual({ key: 'blobs/ab/one', bytes: 300_000 });
      expect((await store.read('blobs/ab/one')).equals(bytes)).toBe(true); // toEqual() takes seconds
      expect(await store.stat('blobs/ab/one')).toMatchObject({ key: 'blobs/ab/one', bytes: 300_000 });
      expect((await readFile(await store.localPath('blobs/ab/one'))).equals(bytes)).toBe(true);
      expect((await readFile(path)).equals(bytes)).toBe(true);
    });

    it('is not changed by what happens to the source afterwards', async () => {
      const path = await file('first');
      await store.putFile('a', path);
      await writeFile(path, 'second');
      expect((await store.read('a')).toString()).toBe('first');
    });

    it('moves a file that may be consumed', async () => {
      const path = await file('moved');
      await store.putFile('a', path, { move: true });
      expect((await store.read('a')).toString()).toBe('moved');
    });

    it('stores small data, empty data too, and replaces what was there', async () => {
      await store.put('a', 'été');
      expect((await store.read('a')).toString('utf8')).toBe('été');
      expect(await store.put('a', new Uint8Array(0))).toEqual({ key: 'a', bytes: 0 });
      expect(await store.read('a')).toHaveLength(0);
    });

    it('says what is not there', async () => {
      const missing = { code: 'OBJECT_MISSING' };
      expect(await store.stat('none')).toBeUndefined();
      expect(await store.stat('none/below')).toBeUndefined();
      expect(await store.refresh('none')).toBe(false);
      await expect(store.read('none')).rejects.toMatchObject(missing);
      await expect(store.open('none')).rejects.toMatchObject(missing);
      await expect(store.open('none', { start: 0, end: 0 })).rejects.toMatchObject(missing);
      await expect(store.copy('none', 'b')).rejects.toMatchObject(missing);
      await expect(store.localPath('none')).rejects.toMatchObject(missing);
      expect(await collect(store.list(''))).toEqual([]);
    });

    it('is ready for use, again and again', async () => {
      await store.check();
      await store.put('a', '1');
      await store.check();
      expect(await collect(store.list(''))).toEqual([{ key: 'a', bytes: 1 }]);
    });

    it('gives bytes as a stream, whole or a range, with the size of the whole', async () => {
      await store.put('a', 'hello world');
      const whole = await store.open('a');
      expect([whole.bytes, whole.range]).toEqual([11, undefined]);
      expect(await textOf(whole)).toBe('hello world');
      for (const [start, end, text] of [
        [0, 0, 'h'],
        [4, 6, 'o w'],
        [10, 10, 'd'],
        [0, 10, 'hello world'],
      ] as const) {
        const part = await store.open('a', { start, end });
        expect([part.bytes, part.range]).toEqual([11, { start, end }]);
        expect(await textOf(part)).toBe(text);
      }
      await store.put('empty', '');
      expect(await textOf(await store.open('empty'))).toBe('');
    });

    it.each([
      [5, 11],
      [11, 11],
      [20, 30],
    ])('refuses the range %i-%i of 11 bytes', async (start, end) => {
      await store.put('a', 'hello world');
      await expect(store.open('a', { start, end })).rejects.toMatchObject({ code: 'OBJECT_RANGE' });
    });

    it('copies within itself; later changes of the one do not change the other', async () => {
      const bytes = Uint8Array.from({ length: 100_000 }, (_, i) => (i * 31) % 256);
      await store.putFile('from/one', await file(bytes));
      await store.put('to/there', 'old');
      await store.copy('from/one', 'to/there');
      await store.put('from/one', 'changed');
      expect((await store.read('to/there')).equals(bytes)).toBe(true);
      await store.put('to/there', 'too');
      expect((await store.read('from/one')).toString()).toBe('changed');
    });

    it('stores only what is not there, and says what is', async () => {
      expect((await store.putIfAbsent('a', 'first')).toString()).toBe('first');
      expect((await store.putIfAbsent('a', 'second')).toString()).toBe('first');
      expect((await store.read('a')).toString()).toBe('first');
      await store.delete('a');
      expect((await store.putIfAbsent('a', 'third')).toString()).toBe('third');
      expect(await collect(store.list(''))).toEqual([{ key: 'a', bytes: 5 }]);
    });

    it('knows when something was written, and counts it as new when told to', async () => {
      const before = Date.now() - CLOCK_MS;
      await store.put('a', '1');
      const { modifiedMs } = (await store.stat('a'))!;
      expect(modifiedMs).toBeGreaterThan(before);
      expect(modifiedMs).toBeLessThan(Date.now() + CLOCK_MS);
      for await (const listed of store.list(''))
        expect(Math.abs(listed.modifiedMs - modifiedMs)).toBeLessThan(CLOCK_MS);
      await new Promise((done) => setTimeout(done, 1100));
      expect(await store.refresh('a')).toBe(true);
      expect((await store.stat('a'))!.modifiedMs).toBeGreaterThan(modifiedMs);
      expect((await store.read('a')).toString()).toBe('1');
    });

    it('lets go of local files when the lease ends, and gives them again', async () => {
      await store.put('a', 'content');
      const lease = new Lease();
      const path = await store.localPath('a', lease);
      lease.end();
      expect(await readFile(await store.localPath('a', lease), 'utf8')).toBe('content');
      expect(await readFile(path, 'utf8')).toBe('content'); // nothing asked for its place
    });

    it('gives the new bytes of what was replaced', async () => {
      await store.put('a', 'one');
      expect(await readFile(await store.localPath('a'), 'utf8')).toBe('one');
      await store.put('a', 'two');
      expect(await readFile(await store.localPath('a'), 'utf8')).toBe('two');
    });

    it('sweeps without harm', async () => {
      await store.put('a', '1');
      await store.sweep(0);
      expect((await store.read('a')).toString()).toBe('1');
    });

    it('takes a prefix of a key for no object', async () => {
      await store.put('a/b', '1');
      expect(await store.stat('a')).toBeUndefined();
      await expect(store.read('a')).rejects.toThrow();
    });

    it('keeps what was there when a put fails', async () => {
      await store.put('a', 'old');
      await expect(store.putFile('a', join(folder, 'no such file'))).rejects.toThrow();
      expect((await store.read('a')).toString()).toBe('old');
      expect(await collect(store.list(''))).toEqual([{ key: 'a', bytes: 3 }]);
    });

    it('deletes, and does not mind deleting twice', async () => {
      await store.put('a/b', '1');
      await store.delete('a/b');
      await store.delete('a/b');
      expect(await store.stat('a/b')).toBeUndefined();
      expect(await collect(store.list(''))).toEqual([]);
    });

    it('lists by prefix of any kind, in the order of the bytes of the keys', async () => {
      const keys = ['a/b', 'a.txt', 'a-1', 'a/a/z', 'ab/c', 'b', 'a/b2', 'A', 'a~'];
      for (const key of keys) await store.put(key, key);
      const sorted = [...keys].sort();
      expect((await collect(store.list(''))).map((object) => object.key)).toEqual(sorted);
      for (const prefix of ['a', 'a/', 'a/b', 'ab', 'b', 'c', 'a/a/', 'a.']) {
        const expected = sorted
          .filter((key) => key.startsWith(prefix))
          .map((key) => ({ key, bytes: key.length }));
        expect(await collect(store.list(prefix)), prefix).toEqual(expected);
      }
    });

    it('has one of the written contents, whole, when many write the same key', async () => {
      const contents = Array.from({ length: 8 }, (_, i) => String(i).repeat(50_000));
      await Promise.all(contents.map((content) => store.put('same', content)));
      expect(contents).toContain((await store.read('same')).toString());
      expect(await collect(store.list(''))).toHaveLength(1);
    });

    it.each(BAD_KEYS)('refuses the key %j', async (key) => {
      const path = await file('x');
      const refused = { code: 'OBJECT_KEY' };
      await expect(store.put(key, 'x')).rejects.toMatchObject(refused);
      await expect(store.putFile(key, path)).rejects.toMatchObject(refused);
      await expect(store.read(key)).rejects.toMatchObject(refused);
      await expect(store.stat(key)).rejects.toMatchObject(refused);
      await expect(store.localPath(key)).rejects.toMatchObject(refused);
      await expect(store.delete(key)).rejects.toMatchObject(refused);
      await expect(store.open(key)).rejects.toMatchObject(refused);
      await expect(store.copy(key, 'b')).rejects.toMatchObject(refused);
      await expect(store.copy('a', key)).rejects.toMatchObject(refused);
      await expect(store.putIfAbsent(key, 'x')).rejects.toMatchObject(refused);
      await expect(store.refresh(key)).rejects.toMatchObject(refused);
    });
  });
}
