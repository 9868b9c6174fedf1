import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ObjectStore, StoredObject } from '../../src/storage/index.js';

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

async function collect(objects: AsyncIterable<StoredObject>): Promise<StoredObject[]> {
  const all: StoredObject[] = [];
  for await (const object of objects) all.push(object);
  return all;
}

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
      expect(await store.read('blobs/ab/one')).toEqual(Buffer.from(bytes));
      expect(await store.stat('blobs/ab/one')).toEqual({ key: 'blobs/ab/one', bytes: 300_000 });
      expect(await readFile(await store.localPath('blobs/ab/one'))).toEqual(Buffer.from(bytes));
      expect(await readFile(path)).toEqual(Buffer.from(bytes));
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
      expect(await store.stat('none')).toBeUndefined();
      expect(await store.stat('none/below')).toBeUndefined();
      await expect(store.read('none')).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
      await expect(store.localPath('none')).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
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
    });
  });
}
