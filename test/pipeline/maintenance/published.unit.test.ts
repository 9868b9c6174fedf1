import { describe, expect, it } from 'vitest';
import { type FsckOptions, type TitleRefs, checkStore, refsKey } from '../../../src/pipeline/index.js';
import { MemoryStore } from './memory-store.js';
import { DAY, all, blobOf, contentOf, keyOfBlob, keyOfRecord, recordOf, refsOf } from './stores.js';

const NOW = 1000 * DAY;
const OLD = NOW - 30 * DAY;
const FILES = ['master.m3u8', 'v/1.m4s', 'v/2.m4s', 'report.json'];
const keyOf = (path: string, title = 't'): string => `titles/${title}/${path}`;
const BAD = 'x'.repeat(contentOf('v/1.m4s').length);

/** A published title whose files are copies of blobs, but for its report; and one whose name begins with its name. */
function published(): MemoryStore {
  const store = new MemoryStore();
  store.nowMs = NOW;
  const media = FILES.filter((path) => path !== 'report.json');
  for (const path of media) store.set(keyOfBlob(path), contentOf(path), OLD);
  store.set(keyOfRecord('r'), JSON.stringify(recordOf('r', { blobs: media })), OLD);
  for (const title of ['t', 'tt']) {
    for (const path of FILES) store.set(keyOf(path, title), contentOf(path), OLD);
    store.set(refsKey(title), JSON.stringify(refsOf(title, ['r'], [], FILES)), OLD);
  }
  return store;
}

const check = (store: MemoryStore, options: Partial<FsckOptions> = {}) =>
  all(checkStore(store, { minAgeMs: 7 * DAY, nowMs: NOW, ...options }));

describe('fsck of published files', () => {
  it('finds nothing where all are there, whatever lies beside them', async () => {
    const store = published();
    store.set(keyOf('notes.txt'), 'of somebody', OLD);
    expect(await check(store, { deep: true, repair: true })).toEqual([]);
  });

  it('tells of those that are gone or have another size, and copies them from their blobs', async () => {
    const store = published();
    store.objects.delete(keyOf('master.m3u8'));
    store.set(keyOf('v/1.m4s'), '', OLD);
    const damage = { damage: true, repair: expect.stringContaining('--repair copies it') as string };
    const found = [
      { problem: 'file-corrupt', key: keyOf('v/1.m4s'), ...damage },
      { problem: 'file-missing', key: keyOf('master.m3u8'), ...damage },
    ];
    expect(await check(store)).toMatchObject(found.map((one) => ({ ...one, repaired: false })));
    expect(await check(store, { repair: true })).toMatchObject(
      found.map((one) => ({ ...one, repaired: true })),
    );
    expect(await check(store, { deep: true })).toEqual([]);
  });

  it('sees other bytes of the same size only where it reads them', async () => {
    const store = published();
    store.set(keyOf('v/1.m4s'), BAD, OLD);
    expect(await check(store)).toEqual([]);
    const found = { problem: 'file-corrupt', key: keyOf('v/1.m4s') };
    expect(await check(store, { deep: true, repair: true })).toMatchObject([{ ...found, repaired: true }]);
    expect((await store.read(keyOf('v/1.m4s'))).toString()).toBe(contentOf('v/1.m4s'));
  });

  it.each<[string, string, (store: MemoryStore) => void]>([
    ['was never a blob', 'report.json', () => undefined],
    ['is gone as a blob, too', 'v/1.m4s', (store) => store.objects.delete(keyOfBlob('v/1.m4s'))],
    ['is damaged as a blob, too', 'v/1.m4s', (store) => store.set(keyOfBlob('v/1.m4s'), BAD, OLD)],
  ])('has no copy of what %s, and says so', async (_, path, harm) => {
    const store = published();
    harm(store);
    store.objects.delete(keyOf(path));
    const [lost] = (await check(store, { repair: true })).filter(({ problem }) => problem === 'file-missing');
    expect(lost).toMatchObject({ key: keyOf(path), damage: true, repaired: false });
    expect(lost!.repair).toContain('backup');
    expect(store.objects.has(keyOf(path))).toBe(false);
  });

  it('says of titles without a list that they cannot be checked, which is no damage', async () => {
    const store = published();
    const { files: _, ...older }: TitleRefs = refsOf('t', ['r']);
    store.set(refsKey('t'), JSON.stringify(older), OLD);
    store.objects.delete(keyOf('master.m3u8'));
    expect(await check(store, { repair: true })).toMatchObject([
      { problem: 'files-unlisted', key: refsKey('t'), damage: false, repaired: false },
    ]);
  });

  it('takes no path that leads out of the title', async () => {
    const store = published();
    const refs = refsOf('t', ['r']);
    store.set(refsKey('t'), JSON.stringify({ ...refs, files: [{ ...blobOf('a'), path: '../tt/a' }] }), OLD);
    expect(await check(store, { repair: true })).toMatchObject([{ problem: 'refs-corrupt' }]);
  });

  it.each<[string, (store: MemoryStore) => void]>([
    ['deleted', (store) => store.objects.delete(refsKey('t'))],
    ['published again', (store) => store.set(refsKey('t'), JSON.stringify(refsOf('t', ['r'])), NOW)],
  ])('does not complain of a title that is %s while it looks', async (_, meanwhile) => {
    const store = published();
    store.objects.delete(keyOf('master.m3u8'));
    const list = store.list.bind(store);
    store.list = async function* (prefix) {
      if (prefix === 'titles/t/') meanwhile(store);
      yield* list(prefix);
    };
    expect(await check(store, { repair: true })).toEqual([]);
    expect(store.objects.has(keyOf('master.m3u8'))).toBe(false);
  });
});
