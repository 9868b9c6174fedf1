import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type FsckOptions, checkStore, refsKey } from '../../../src/pipeline/index.js';
import { MemoryStore } from './memory-store.js';
import { DAY, all, blobOf, contentOf, keyOfBlob, keyOfRecord, recordOf, refsOf } from './stores.js';

const NOW = 1000 * DAY;
const OLD = NOW - 30 * DAY;

/** Two records with three blobs, one of them of both; a title that refers to one; all in order. */
function sound(): MemoryStore {
  const store = new MemoryStore();
  store.nowMs = NOW;
  for (const name of ['a', 'b', 'c', 'm']) store.set(keyOfBlob(name), contentOf(name), OLD);
  store.set(keyOfRecord('r'), JSON.stringify(recordOf('r', { blobs: ['a', 'b'] })), OLD);
  store.set(keyOfRecord('s'), JSON.stringify(recordOf('s', { blobs: ['b', 'c'] })), OLD);
  store.set(refsKey('t'), JSON.stringify(refsOf('t', ['s'], ['m'])), OLD);
  return store;
}

const check = async (store: MemoryStore, options: Partial<FsckOptions> = {}) =>
  (await all(checkStore(store, { minAgeMs: 7 * DAY, nowMs: NOW, ...options }))).map(
    ({ problem, key, damage, repaired, message, repair }) => {
      expect([message, repair].every((text) => text.length > 10)).toBe(true);
      return { problem, key, damage, repaired };
    },
  );

describe('fsck', () => {
  it('finds nothing in a store that is in order', async () => {
    expect(await check(sound())).toEqual([]);
    expect(await check(sound(), { deep: true, repair: true })).toEqual([]);
    expect(await check(new MemoryStore())).toEqual([]);
  });

  const bad = 'x'.repeat(contentOf('b').length);
  const cases: [string, (store: MemoryStore) => void, Partial<FsckOptions>, object[], string[]][] = [
    [
      'a record that is cut short',
      (store) => store.set(keyOfRecord('r'), '{"key":', OLD),
      {},
      [
        { problem: 'record-corrupt', key: keyOfRecord('r'), damage: true },
        { problem: 'orphan', key: keyOfBlob('a'), damage: false },
      ],
      [keyOfRecord('r'), keyOfBlob('a')],
    ],
    [
      'a record under the name of another',
      (store) => store.set(keyOfRecord('r'), JSON.stringify(recordOf('q', { blobs: ['a', 'b'] })), OLD),
      {},
      [
        { problem: 'record-corrupt', key: keyOfRecord('r'), damage: true },
        { problem: 'orphan', key: keyOfBlob('a'), damage: false },
      ],
      [keyOfRecord('r'), keyOfBlob('a')],
    ],
    [
      'a blob that is gone',
      (store) => store.objects.delete(keyOfBlob('a')),
      {},
      [{ problem: 'blob-missing', key: keyOfRecord('r'), damage: true }],
      [keyOfRecord('r'), keyOfBlob('a')],
    ],
    [
      'a blob that is cut short',
      (store) => store.set(keyOfBlob('a'), 'a', OLD),
      {},
      [{ problem: 'blob-corrupt', key: keyOfRecord('r'), damage: true }],
      [keyOfRecord('r'), keyOfBlob('a')],
    ],
    [
      'a blob with other bytes, looking at bytes',
      (store) => store.set(keyOfBlob('a'), 'x'.repeat(contentOf('a').length), OLD),
      { deep: true },
      [{ problem: 'blob-corrupt', key: keyOfRecord('r'), damage: true }],
      [keyOfRecord('r'), keyOfBlob('a')],
    ],
    [
      'a blob with other bytes that two records and a title need',
      (store) => store.set(keyOfBlob('b'), bad, OLD),
      { deep: true },
      [
        { problem: 'blob-corrupt', key: keyOfRecord('r'), damage: true },
        { problem: 'blob-corrupt', key: keyOfRecord('s'), damage: true },
        { problem: 'refs-broken', key: refsKey('t'), damage: true, repaired: false },
      ],
      [keyOfRecord('r'), keyOfRecord('s'), keyOfBlob('b')],
    ],
    [
      'an orphan that is old enough',
      (store) => {
        store.set(keyOfBlob('old'), contentOf('old'), NOW - 8 * DAY);
        store.set(keyOfBlob('young'), contentOf('young'), NOW - 6 * DAY);
      },
      {},
      [{ problem: 'orphan', key: keyOfBlob('old'), damage: false }],
      [keyOfBlob('old')],
    ],
    [
      'an orphan with other bytes',
      (store) => store.set(keyOfBlob('young'), 'other', NOW),
      { deep: true },
      [{ problem: 'blob-corrupt', key: keyOfBlob('young'), damage: true }],
      [keyOfBlob('young')],
    ],
    [
      'references that are not of their form',
      (store) => store.set(refsKey('u'), '{}', OLD),
      {},
      [{ problem: 'refs-corrupt', key: refsKey('u'), damage: true, repaired: false }],
      [],
    ],
    [
      'references to what is not there',
      (store) => store.set(refsKey('u'), JSON.stringify(refsOf('u', ['none'], ['none'])), OLD),
      {},
      [{ problem: 'refs-broken', key: refsKey('u'), damage: true, repaired: false }],
      [],
    ],
    [
      'what does not belong there',
      (store) => {
        store.set('blobs/readme.txt', 'x', OLD);
        store.set('records/encode/x.json', 'x', OLD);
      },
      {},
      [
        { problem: 'stray', key: 'blobs/readme.txt', damage: false, repaired: false },
        { problem: 'stray', key: 'records/encode/x.json', damage: false, repaired: false },
      ],
      [],
    ],
  ];

  it.each(cases)('finds and repairs %s', async (_, harm, options, findings, removed) => {
    const store = sound();
    harm(store);
    const before = [...store.objects.keys()];
    expect(await check(store, options)).toEqual(findings.map((one) => ({ repaired: false, ...one })));
    expect([...store.objects.keys()]).toEqual(before); // looking changes nothing
    expect(await check(store, { ...options, repair: true })).toEqual(
      findings.map((one) => ({ repaired: true, ...one })),
    );
    expect([...store.objects.keys()]).toEqual(before.filter((key) => !removed.includes(key)));
  });

  it('does not see bytes that changed without looking at them', async () => {
    const store = sound();
    store.set(keyOfBlob('b'), bad, OLD);
    expect(await check(store)).toEqual([]);
  });

  it('takes what a result mentions for used, and does not mind where it is gone', async () => {
    const store = sound();
    store.set(keyOfRecord('i'), JSON.stringify(recordOf('i', { mentions: ['source', 'gone'] })), OLD);
    store.set(keyOfBlob('source'), contentOf('source'), OLD);
    expect(await check(store, { repair: true })).toEqual([]);
  });

  it('does not complain of work that is finished while it looks', async () => {
    const store = sound();
    const list = store.list.bind(store);
    store.list = async function* (prefix) {
      yield* list(prefix);
      if (prefix !== 'blobs/' || store.objects.has(keyOfRecord('late'))) return;
      store.set(keyOfBlob('late'), contentOf('late'), NOW);
      store.set(keyOfRecord('late'), JSON.stringify(recordOf('late', { blobs: ['late'] })), NOW);
    };
    expect(await check(store, { deep: true })).toEqual([]);
  });

  it('does not remove what was put right meanwhile', async () => {
    const store = sound();
    store.set(keyOfBlob('a'), 'a', OLD);
    store.set(keyOfBlob('orphan'), contentOf('orphan'), OLD);
    store.meanwhile = (operation, key) => {
      if (operation !== 'stat') return;
      if (key === keyOfRecord('r')) {
        store.set(keyOfBlob('a'), contentOf('a'), NOW);
        store.set(keyOfRecord('r'), JSON.stringify(recordOf('r', { blobs: ['a', 'b'] })), NOW);
      }
      if (key === keyOfBlob('orphan')) store.objects.get(key)!.modifiedMs = NOW;
    };
    await check(store, { repair: true });
    store.meanwhile = () => undefined;
    expect(await check(store)).toEqual([]);
    expect(store.objects.has(keyOfRecord('r')) && store.objects.has(keyOfBlob('orphan'))).toBe(true);
  });

  it('leaves a store in order after repair, whatever was broken', async () => {
    const names = ['a', 'b', 'c', 'm'].map(keyOfBlob);
    const keys = [...names, keyOfRecord('r'), keyOfRecord('s'), keyOfBlob('extra')];
    const harm = fc.record({
      key: fc.constantFrom(...keys),
      how: fc.constantFrom<'delete' | 'cut' | 'change'>('delete', 'cut', 'change'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(harm, { maxLength: 6 }), async (harms) => {
        const store = sound();
        for (const { key, how } of harms) {
          const data = store.objects.get(key)?.data ?? Buffer.from(contentOf('extra'));
          if (how === 'delete') store.objects.delete(key);
          else if (how === 'cut') store.set(key, data.subarray(1).toString(), OLD);
          else
            store.set(key, `${String.fromCharCode((data[0] ?? 0) ^ 1)}${data.subarray(1).toString()}`, OLD);
        }
        await check(store, { repair: true, deep: true });
        await check(store, { repair: true, deep: true }); // orphans of records that the first one removed
        const rest = await check(store, { deep: true });
        expect(rest.filter(({ problem }) => !problem.startsWith('refs-'))).toEqual([]);
        for (const [key, { data }] of store.objects) {
          if (!key.startsWith('records/')) continue;
          const { blobs } = JSON.parse(data.toString()) as ReturnType<typeof recordOf>;
          for (const { sha256, bytes } of blobs)
            expect(store.objects.get(`blobs/${sha256.slice(0, 2)}/${sha256}`)?.data.length).toBe(bytes);
        }
      }),
      { numRuns: 200 },
    );
  });
});

it('the blobs of this test are told apart by their names', () => {
  expect(blobOf('a').sha256).not.toBe(blobOf('b').sha256);
});
