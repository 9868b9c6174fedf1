import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type ArtifactRecord,
  type GcPolicy,
  collectGarbage,
  planGc,
  refsKey,
} from '../../../src/pipeline/index.js';
import { UseHistogram, cutoffOf } from '../../../src/pipeline/maintenance/gc-policy.js';
import { MemoryStore } from './memory-store.js';
import { DAY, HOUR, all, blobOf, contentOf, keyOfBlob, keyOfRecord, recordOf, refsOf } from './stores.js';

const NOW = 1000 * DAY;

/** A store from a list of what is in it, each with its age. */
class Setup {
  readonly store = new MemoryStore();

  constructor() {
    this.store.nowMs = NOW;
  }
  blob(name: string, ageMs: number): this {
    this.store.set(keyOfBlob(name), contentOf(name), NOW - ageMs);
    return this;
  }
  record(name: string, ageMs: number, needs: Parameters<typeof recordOf>[1] = {}): this {
    this.store.set(keyOfRecord(name, needs.stage), JSON.stringify(recordOf(name, needs)), NOW - ageMs);
    return this;
  }
  title(name: string, records: string[], blobs: string[] = []): this {
    this.store.set(refsKey(name), JSON.stringify(refsOf(name, records, blobs)), NOW - 900 * DAY);
    return this;
  }
  get keys(): string[] {
    return [...this.store.objects.keys()].filter((key) => !key.startsWith('titles/')).sort();
  }
  get bytes(): number {
    return this.keys.reduce((sum, key) => sum + this.store.objects.get(key)!.data.length, 0);
  }
  /** Removes by the policy; gives the keys that went, in their order. */
  async collect(policy: Partial<GcPolicy>, dryRun = false): Promise<string[]> {
    const plan = await planGc(this.store, { minAgeMs: 0, ...policy }, { nowMs: NOW });
    return (await all(collectGarbage(this.store, plan, { dryRun }))).map(({ key }) => key);
  }
}
const setup = (): Setup => new Setup();

describe('gc', () => {
  it('removes by age what no title refers to, records before blobs', async () => {
    const s = setup()
      .record('old', 40 * DAY, { blobs: ['a', 'b'] })
      .record('new', 20 * DAY, { blobs: ['b', 'c'] })
      .blob('a', 40 * DAY)
      .blob('b', 40 * DAY)
      .blob('c', 20 * DAY)
      .blob('orphan', 50 * DAY)
      .blob('young orphan', 20 * DAY);
    const gone = await s.collect({ maxAgeMs: 30 * DAY });
    expect(gone[0]).toBe(keyOfRecord('old'));
    expect(gone.slice(1).sort()).toEqual([keyOfBlob('a'), keyOfBlob('orphan')].sort());
    const left = [keyOfRecord('new'), ...['b', 'c', 'young orphan'].map(keyOfBlob)];
    expect(s.keys).toEqual(left.sort());
  });

  it('leaves what a title refers to, and what that needs, however old', async () => {
    const s = setup()
      .title('t', ['kept'], ['master'])
      .record('kept', 900 * DAY, { blobs: ['a'], mentions: ['source'] })
      .record('other', 900 * DAY, { blobs: ['a', 'b'] });
    for (const name of ['a', 'b', 'source', 'master']) s.blob(name, 900 * DAY);
    await s.collect({ maxAgeMs: DAY, maxBytes: 0 });
    expect(s.keys).toEqual([keyOfRecord('kept'), ...['a', 'source', 'master'].map(keyOfBlob)].sort());
  });

  it('leaves everything younger than the minimum age, whatever the size', async () => {
    const s = setup()
      .record('a', 6 * DAY, { blobs: ['a'] })
      .record('b', 8 * DAY, { blobs: ['b', 'fresh'] })
      .blob('a', 9 * DAY)
      .blob('b', 9 * DAY)
      .blob('fresh', HOUR);
    await s.collect({ maxAgeMs: 0, maxBytes: 0, minAgeMs: 7 * DAY });
    expect(s.keys).toEqual([keyOfRecord('a'), keyOfBlob('a'), keyOfBlob('fresh')].sort());
  });

  it('removes by size the longest unused, no more than has to go', async () => {
    const s = setup();
    for (const [i, name] of ['a', 'b', 'c', 'd'].entries())
      s.record(name, (10 - i) * DAY, { blobs: [name] }).blob(name, 100 * DAY);
    const room = s.bytes;
    expect(await s.collect({ maxBytes: room })).toEqual([]);
    expect(await s.collect({ maxBytes: room - 1 })).toEqual([keyOfRecord('a'), keyOfBlob('a')]);
    expect((await s.collect({ maxBytes: room / 2 })).sort()).toEqual(
      [keyOfRecord('b'), keyOfBlob('b')].sort(),
    );
  });

  it('does nothing without a policy', async () => {
    expect(
      await setup()
        .record('a', 900 * DAY)
        .blob('a', 900 * DAY)
        .collect({}),
    ).toEqual([]);
  });

  it('stops at references that it cannot read', async () => {
    const s = setup()
      .record('a', 900 * DAY)
      .title('t', []);
    for (const text of ['{', '{}', JSON.stringify({ ...refsOf('t', []), schemaVersion: 2 })]) {
      s.store.set(refsKey('t'), text, 0);
      await expect(s.collect({ maxAgeMs: 0 })).rejects.toMatchObject({ code: 'REFS_INVALID' });
    }
    expect(s.keys).toHaveLength(1);
  });

  it('takes nothing that is no artifact', async () => {
    const s = setup();
    for (const key of [
      'uploads/a',
      'blobs/a',
      'blobs/ab/cd',
      'records/x',
      'records/encode/x.json',
      'titles/t/a.m4s',
    ])
      s.store.set(key, 'x', 0);
    expect(await s.collect({ maxAgeMs: 0, maxBytes: 0 })).toEqual([]);
  });

  it('removes a record that cannot be read by its age', async () => {
    const s = setup().blob('a', 0);
    s.store.set(keyOfRecord('bad'), '{"key":', NOW - 40 * DAY);
    expect(await s.collect({ maxAgeMs: 30 * DAY })).toEqual([keyOfRecord('bad')]);
  });
});

describe('gc while workers run', () => {
  const old = (): Setup =>
    setup()
      .record('r', 40 * DAY, { blobs: ['a', 'b'] })
      .blob('a', 40 * DAY)
      .blob('b', 40 * DAY);
  const policy = { maxAgeMs: 30 * DAY };

  it('leaves a record that was of use again, with its blobs', async () => {
    const s = old();
    s.store.meanwhile = (operation, key) => {
      if (operation === 'stat' && key === keyOfRecord('r')) s.store.objects.get(key)!.modifiedMs = NOW;
    };
    expect(await s.collect(policy)).toEqual([]);
    expect(s.keys).toHaveLength(3);
  });

  it('leaves a blob that was stored again for a record still to come', async () => {
    const s = old();
    s.store.meanwhile = (operation, key) => {
      if (operation === 'stat' && key === keyOfBlob('a')) s.store.objects.get(key)!.modifiedMs = NOW;
    };
    expect((await s.collect(policy)).sort()).toEqual([keyOfRecord('r'), keyOfBlob('b')].sort());
  });

  it('leaves what a record needs that came after the store was looked at', async () => {
    const s = old();
    const plan = await planGc(s.store, { minAgeMs: 0, ...policy }, { nowMs: NOW });
    s.record('late', 0, { blobs: ['a'], mentions: ['b'] });
    const gone = await all(collectGarbage(s.store, plan));
    expect(gone.map(({ key }) => key)).toEqual([keyOfRecord('r')]);
  });

  it('leaves what a title needs that was published after the store was looked at', async () => {
    const s = old()
      .record('q', 40 * DAY, { blobs: ['c'] })
      .blob('c', 40 * DAY)
      .blob('master', 40 * DAY);
    const plan = await planGc(s.store, { minAgeMs: 0, ...policy }, { nowMs: NOW });
    s.title('late', ['r'], ['master']);
    const gone = await all(collectGarbage(s.store, plan));
    expect(gone.map(({ key }) => key)).toEqual([keyOfRecord('q'), keyOfBlob('c')]);
  });

  it('a record is gone before its blobs: at no moment does one name what is not there', async () => {
    const s = old()
      .record('q', 50 * DAY, { blobs: ['b', 'c'] })
      .blob('c', 50 * DAY);
    let deletes = 0;
    s.store.meanwhile = (operation) => {
      if (operation !== 'delete') return;
      deletes += 1;
      for (const [key, { data }] of s.store.objects) {
        if (!key.startsWith('records/')) continue;
        const { blobs } = JSON.parse(data.toString()) as ArtifactRecord;
        for (const { sha256 } of blobs)
          expect(s.store.objects.has(`blobs/${sha256.slice(0, 2)}/${sha256}`)).toBe(true);
      }
    };
    await s.collect(policy);
    expect(deletes).toBe(5);
  });
});

describe('gc of any store', () => {
  const names = fc.constantFrom(...'abcdefghijkl');
  const age = fc.integer({ min: 0, max: 60 }).map((days) => days * DAY + HOUR);
  const item = fc.record({
    age,
    blobs: fc.uniqueArray(names, { maxLength: 4 }),
    mentions: fc.uniqueArray(names, { maxLength: 2 }),
  });
  const anyStore = fc.record({
    records: fc.array(item, { maxLength: 10 }),
    blobs: fc.uniqueArray(fc.record({ name: names, age }), { selector: ({ name }) => name, maxLength: 12 }),
    titles: fc.array(
      fc.record({
        records: fc.uniqueArray(fc.nat(9), { maxLength: 4 }),
        blobs: fc.uniqueArray(names, { maxLength: 3 }),
      }),
      { maxLength: 3 },
    ),
  });
  const anyPolicy = fc.record(
    {
      maxAgeMs: fc.integer({ min: 0, max: 60 }).map((days) => days * DAY),
      maxBytes: fc.integer({ min: 0, max: 4000 }),
    },
    { requiredKeys: [] },
  );
  const minAge = fc.integer({ min: 0, max: 20 }).map((days) => days * DAY);
  type World = typeof anyStore extends fc.Arbitrary<infer T> ? T : never;

  const needsOf = (record: World['records'][number]): string[] => [...record.blobs, ...record.mentions];
  /** Records that are left, by their number. */
  const keptOf = (s: Setup, { records }: World): number[] =>
    records.map((_, i) => i).filter((i) => s.store.objects.has(keyOfRecord(String(i))));

  /** What titles reach is there, as far as it was, and whatever a record that is left needs. */
  function expectWhole(s: Setup, world: World, before: ReadonlyMap<string, unknown>): void {
    const pinned = world.titles.flatMap((title) => title.records).filter((i) => i < world.records.length);
    const needed = [...pinned, ...keptOf(s, world)].flatMap((i) => needsOf(world.records[i]!));
    const keys = [
      ...pinned.map((i) => keyOfRecord(String(i))),
      ...[...needed, ...world.titles.flatMap((title) => title.blobs)].map(keyOfBlob),
    ];
    for (const key of keys) expect(s.store.objects.has(key) || !before.has(key)).toBe(true);
  }

  /** Ages of what is left though nothing reaches it. */
  function looseOf(s: Setup, world: World): number[] {
    const pinned = new Set(world.titles.flatMap((title) => title.records));
    const kept = keptOf(s, world);
    const needed = new Set([
      ...world.titles.flatMap((title) => title.blobs),
      ...kept.flatMap((i) => needsOf(world.records[i]!)),
    ]);
    const names = world.blobs.map(({ name }) => name).filter((name) => !needed.has(name));
    const keys = [
      ...kept.filter((i) => !pinned.has(i)).map((i) => keyOfRecord(String(i))),
      ...names.map(keyOfBlob),
    ];
    return keys.flatMap((key) => {
      const found = s.store.objects.get(key);
      return found ? [NOW - found.modifiedMs] : [];
    });
  }

  it('keeps all that a title reaches, whole records, all that is young; removes the rest as asked', async () => {
    await fc.assert(
      fc.asyncProperty(anyStore, anyPolicy, minAge, async (world, limits, minAgeMs) => {
        const { records, blobs, titles } = world;
        const s = setup();
        for (const { name, age: ageMs } of blobs) s.blob(name, ageMs);
        for (const [i, { age: ageMs, ...needs }] of records.entries()) s.record(String(i), ageMs, needs);
        for (const [i, title] of titles.entries()) s.title(String(i), title.records.map(String), title.blobs);
        const before = new Map(s.store.objects);
        const policy = { ...limits, minAgeMs };
        const listed = await s.collect(policy, true);
        expect(new Map(s.store.objects)).toEqual(before);
        expect(await s.collect(policy)).toEqual(listed);

        expectWhole(s, world, before);
        for (const [key, { modifiedMs }] of before)
          if (NOW - modifiedMs < minAgeMs) expect(s.store.objects.has(key)).toBe(true);
        const { maxAgeMs = Infinity, maxBytes = Infinity } = limits;
        const loose = looseOf(s, world).filter((ageMs) => ageMs >= minAgeMs);
        for (const ageMs of loose) expect(ageMs).toBeLessThan(maxAgeMs);
        if (s.bytes > maxBytes) expect(loose).toEqual([]);
        expect(await s.collect(policy)).toEqual([]);
      }),
      { numRuns: 300 },
    );
  });
});

describe('the time before which things go', () => {
  const uses = fc.array(fc.record({ minute: fc.integer({ min: 0, max: 50 }), bytes: fc.nat(100) }));

  it('is the earliest that leaves no more than allowed', () => {
    fc.assert(
      fc.property(uses, fc.nat(3000), fc.nat(500), (list, maxBytes, pinned) => {
        const histogram = new UseHistogram();
        histogram.add(Infinity, pinned);
        for (const { minute, bytes } of list) histogram.add(minute * 60_000 + 500, bytes);
        const cutoff = histogram.cutoffFor(maxBytes);
        const left = (time: number): number =>
          list
            .filter(({ minute }) => minute * 60_000 + 500 > time)
            .reduce((sum, { bytes }) => sum + bytes, pinned);
        if (left(-Infinity) <= maxBytes) expect(cutoff).toBe(-Infinity);
        else if (left(Infinity) <= maxBytes) {
          expect(left(cutoff)).toBeLessThanOrEqual(maxBytes);
          expect(left(cutoff - 60_000)).toBeGreaterThan(maxBytes);
        }
        expect(histogram.totalBytes).toBe(left(-Infinity));
      }),
    );
  });

  it('never comes within the minimum age', () => {
    const full = new UseHistogram();
    full.add(NOW - DAY, 100);
    expect(cutoffOf({ minAgeMs: 7 * DAY, maxAgeMs: 0, maxBytes: 0 }, NOW, full)).toBe(NOW - 7 * DAY);
    expect(cutoffOf({ minAgeMs: 7 * DAY, maxAgeMs: 30 * DAY }, NOW, full)).toBe(NOW - 30 * DAY);
    expect(cutoffOf({ minAgeMs: 0 }, NOW, full)).toBe(-Infinity);
  });
});

it('the names of this test are digests that differ', () => {
  expect(new Set('abcdefghijkl'.split('').map((name) => blobOf(name).sha256.slice(0, 16))).size).toBe(12);
});
