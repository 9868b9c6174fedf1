import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FileStore } from '../../src/storage/index.js';
import { objectStoreContract } from './contract.js';

let folder: string;
let count = 0;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-files-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));
const fresh = (): FileStore => new FileStore(join(folder, String((count += 1))));

objectStoreContract('files', () => Promise.resolve(fresh()));

describe('FileStore', () => {
  it('renames within a file system instead of copying', async () => {
    const store = fresh();
    const source = join(folder, 'source');
    await writeFile(source, 'x');
    const before = await stat(source);
    await store.putFile('a/b', source, { move: true });
    expect((await stat(await store.localPath('a/b'))).ino).toBe(before.ino);
    await expect(stat(source)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('copies across file systems', async () => {
    const shm = await mkdtemp('/dev/shm/hullcast-');
    try {
      const source = join(shm, 'source');
      await writeFile(source, 'x'.repeat(100_000));
      expect((await stat(shm)).dev).not.toBe((await stat(folder)).dev);
      const store = fresh();
      await store.putFile('a', source, { move: true });
      expect(await store.stat('a')).toMatchObject({ key: 'a', bytes: 100_000 });
      await expect(stat(source)).rejects.toMatchObject({ code: 'ENOENT' });
    } finally {
      await rm(shm, { recursive: true });
    }
  });

  it.each([
    ['its own', () => mkdtemp(join(folder, 'moved-'))],
    ['another', () => mkdtemp('/dev/shm/hullcast-')],
  ])('leaves a file of %s file system where it was when it cannot become the object', async (_what, make) => {
    const place = await make();
    try {
      const store = fresh();
      await store.put('a/b', 'x');
      const source = join(place, 'source');
      await writeFile(source, 'the only copy');
      await expect(store.putFile('a', source, { move: true })).rejects.toMatchObject({ code: 'EISDIR' });
      expect(await readFile(source, 'utf8')).toBe('the only copy');
      expect(await readdir(join(store.root, '.tmp'))).toEqual([]);
      await store.putFile('a/c', source, { move: true });
      expect((await store.read('a/c')).toString()).toBe('the only copy');
      await expect(stat(source)).rejects.toMatchObject({ code: 'ENOENT' });
    } finally {
      await rm(place, { recursive: true });
    }
  });

  it('sweeps away only what is old enough', async () => {
    const store = fresh();
    await store.put('a', '1');
    await writeFile(join(store.root, '.tmp', 'left'), 'half');
    await store.sweep(60_000);
    expect(await readdir(join(store.root, '.tmp'))).toEqual(['left']);
  });

  it('keeps the first of many that are stored at once, and tells all of it', async () => {
    const store = fresh();
    const contents = Array.from({ length: 20 }, (_, i) => `content ${i}`);
    const told = await Promise.all(contents.map((content) => store.putIfAbsent('records/a', content)));
    const kept = (await store.read('records/a')).toString();
    expect(told.map(String)).toEqual(contents.map(() => kept));
    expect(await readdir(join(store.root, '.tmp'))).toEqual([]);
  });

  it('says what is wrong with its folder', async () => {
    const path = join(folder, 'a file');
    await writeFile(path, '');
    await expect(new FileStore(join(path, 'below')).check()).rejects.toThrow('ENOTDIR');
  });

  it('sweeps away what a killed put left, and nothing else', async () => {
    const store = fresh();
    await store.put('a', '1');
    await writeFile(join(store.root, '.tmp', 'left'), 'half');
    await store.sweep(0);
    expect(await readdir(join(store.root, '.tmp'))).toEqual([]);
    expect((await store.read('a')).toString()).toBe('1');
    await store.put('b', '2');
    expect((await store.read('b')).toString()).toBe('2');
  });
});
