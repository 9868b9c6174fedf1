import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseFlags } from '../../bench/flags.js';
import { SHORT_ITEM, benchItems, chosenItems } from '../../bench/items.js';
import { kept, readJson, writeJson } from '../../bench/kept.js';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-test-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('parseFlags', () => {
  it('has defaults, and makes folders absolute', () => {
    expect(parseFlags([])).toEqual({
      clips: resolve('../shared/clips'),
      dir: resolve('.bench/optimizer'),
      only: undefined,
      preset: 'medium',
    });
    expect(parseFlags(['--only', 'a,b', '--dir', 'd', '--clips=/c', '--preset', 'fast'])).toEqual({
      ...{ clips: '/c', dir: resolve('d'), only: ['a', 'b'], preset: 'fast' },
    });
  });

  it('refuses what it does not know', () => {
    for (const args of [['--onyl', 'a'], ['a'], ['--only']]) {
      expect(() => parseFlags(args)).toThrow(expect.objectContaining({ code: 'BENCH_FLAGS' }));
    }
  });
});

describe('benchItems', () => {
  it('names the clips that are not there and goes without them', async () => {
    const none = benchItems(folder);
    expect(none.missing).toHaveLength(3);
    await writeFile(join(folder, none.missing[1]!), '');
    const one = benchItems(folder);
    expect(one.missing).toEqual([none.missing[0], none.missing[2]]);
    expect(one.items.length).toBe(none.items.length + 1);
    const names = one.items.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    expect(names.every((name) => /^[a-z][a-z0-9-]*$/.test(name))).toBe(true);
  });

  it('chooses by name, in its own order', () => {
    const { items } = benchItems(folder);
    expect(chosenItems(items, undefined)).toBe(items);
    const two = chosenItems(items, ['concatenation', SHORT_ITEM]);
    expect(two.map(({ name }) => name)).toEqual([SHORT_ITEM, 'concatenation']);
    expect(() => chosenItems(items, ['nothing'])).toThrow(expect.objectContaining({ code: 'BENCH_ITEM' }));
  });
});

describe('kept', () => {
  it('computes once, and again where what it depends on has changed', async () => {
    const path = join(folder, 'deep', 'result.json');
    let computed = 0;
    const compute = (): Promise<{ n: number }> => Promise.resolve({ n: ++computed });
    expect(await kept(path, { b: 1, a: [2] }, compute)).toEqual({ n: 1 });
    expect(await kept(path, { a: [2], b: 1 }, compute)).toEqual({ n: 1 });
    expect(await kept(path, { a: [3], b: 1 }, compute)).toEqual({ n: 2 });
    expect(await kept(path, { a: [3], b: 1 }, compute)).toEqual({ n: 2 });
  });

  it('keeps nothing of what failed', async () => {
    const path = join(folder, 'failed.json');
    await expect(kept(path, 1, () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(await readJson(path)).toBeUndefined();
  });

  it('writes whole files', async () => {
    const path = join(folder, 'whole.json');
    await writeJson(path, { a: 1 });
    expect(JSON.parse(await readFile(path, 'utf8'))).toEqual({ a: 1 });
    expect(await readJson(path)).toEqual({ a: 1 });
  });
});
