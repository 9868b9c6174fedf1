import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DigestTable } from '../../../src/pipeline/maintenance/digest-table.js';
import { inOrder } from '../../../src/pipeline/maintenance/in-order.js';
import { refsKey, scanRefs, writeRefs } from '../../../src/pipeline/maintenance/refs.js';
import { blobName, blobsOf, recordName } from '../../../src/pipeline/maintenance/scan.js';
import { MemoryStore } from './memory-store.js';
import { all, artifactOf, blobOf, digest, keyOfBlob, keyOfRecord, recordOf, refsOf } from './stores.js';

describe('DigestTable', () => {
  it('is a map of digests', () => {
    // Few first digits, so that slots are contested; the zeros, which stand for a free slot within.
    const digests = fc.oneof(
      fc.nat(30).map((n) => n.toString(16).padStart(16, '0').padEnd(64, '0')),
      fc.nat(3000).map((n) => digest(String(n))),
    );
    const step = fc.record({ digest: digests, value: fc.integer(), raise: fc.boolean() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 3000, size: 'max' }), (steps) => {
        const [table, map] = [new DigestTable(), new Map<string, number>()];
        for (const { digest: key, value, raise } of steps) {
          // 0…0 and 0…01 are the one pair that is taken for one.
          if (key.startsWith('0000000000000001')) continue;
          expect(table.get(key)).toBe(map.get(key));
          expect(table.has(key)).toBe(map.has(key));
          if (raise) table.raise(key, value);
          else table.set(key, value);
          map.set(key, raise ? Math.max(value, map.get(key) ?? -Infinity) : value);
        }
        expect(table.size).toBe(map.size);
        for (const [key, value] of map) expect(table.get(key)).toBe(value);
      }),
      { numRuns: 20 },
    );
  });

  it('holds Infinity and NaN', () => {
    const table = new DigestTable();
    table.set(digest('a'), Infinity);
    table.set(digest('b'), NaN);
    expect([table.get(digest('a')), table.get(digest('b'))]).toEqual([Infinity, NaN]);
  });
});

describe('inOrder', () => {
  async function* numbers(count: number): AsyncGenerator<number> {
    for (let i = 0; i < count; i += 1) yield await Promise.resolve(i);
  }

  it('gives results in the order of items, so many at a time', async () => {
    let [running, most] = [0, 0];
    const work = async (n: number): Promise<number> => {
      running += 1;
      most = Math.max(most, running);
      await new Promise((done) => setTimeout(done, (n * 7) % 5));
      running -= 1;
      return n * 10;
    };
    expect(await all(inOrder(numbers(20), 4, work))).toEqual(Array.from({ length: 20 }, (_, n) => n * 10));
    expect(most).toBe(4);
  });

  it('stops at the first failure, and lets nothing go on', async () => {
    let ended = 0;
    const work = async (n: number): Promise<number> => {
      await new Promise((done) => setTimeout(done, 5));
      ended += 1;
      if (n === 2) throw new Error('two');
      return n;
    };
    await expect(all(inOrder(numbers(100), 4, work))).rejects.toThrow('two');
    const after = ended;
    await new Promise((done) => setTimeout(done, 20));
    expect(ended).toBe(after);
    expect(ended).toBeLessThan(10);
  });
});

describe('references of titles', () => {
  it('are written and found, one object a title', async () => {
    const store = new MemoryStore();
    const [a, b] = [refsOf('a', ['r'], ['m']), refsOf('b', [])];
    await writeRefs(store, a);
    await writeRefs(store, b);
    store.set('titles/b/segments/refs.json', 'another thing', 0);
    store.set('titles/refs.json', 'another thing', 0);
    expect(await all(scanRefs(store))).toEqual([
      { key: 'titles/a/refs.json', refs: a },
      { key: refsKey('b'), refs: b },
    ]);
  });

  it('that are not of their form are neither written nor read', async () => {
    const store = new MemoryStore();
    const wrong = { ...refsOf('a', []), blobs: ['no digest'] };
    await expect(writeRefs(store, wrong)).rejects.toThrow();
    store.set(refsKey('a'), JSON.stringify(wrong), 0);
    expect(await all(scanRefs(store))).toEqual([{ key: refsKey('a'), refs: undefined }]);
  });
});

describe('names in the store', () => {
  it('are those of records and blobs, or none', () => {
    expect(recordName(keyOfRecord('a'))).toEqual({ stage: 'encode', artifact: artifactOf('a') });
    expect(blobName(keyOfBlob('a'))).toBe(blobOf('a').sha256);
    const sha256 = blobOf('a').sha256;
    for (const key of [`blobs/00/${sha256}`, `blobs/${sha256}`, `blobs/${sha256.slice(0, 2)}/${sha256}x`])
      expect(blobName(key), key).toBeUndefined();
    for (const key of [
      `records/${artifactOf('a')}.json`,
      `records/a/b/${artifactOf('a')}.json`,
      'records/a/b.json',
    ])
      expect(recordName(key), key).toBeUndefined();
  });

  it('a record needs what it kept, and what its result mentions at any depth', () => {
    const record = recordOf('r', { blobs: ['a', 'b'], mentions: ['b', 'c'] });
    expect(blobsOf(record)).toEqual(new Set(['a', 'b', 'c'].map((name) => blobOf(name).sha256)));
    expect(blobsOf(undefined)).toEqual(new Set());
  });
});
