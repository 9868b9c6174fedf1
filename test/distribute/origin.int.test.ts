import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type OriginFile, publishToOrigin, removeFromOrigin } from '../../src/distribute/index.js';
import { FileStore, type ObjectStore, observeStore } from '../../src/storage/index.js';

let folder: string;
let store: FileStore;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-origin-'));
  store = new FileStore(folder);
  for (const name of ['a', 'b']) await store.put(`blobs/${name}`, `bytes of ${name}`);
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const FILES: readonly OriginFile[] = [
  { path: 'master.m3u8', from: { text: 'names video/1.m4s' } },
  { path: 'manifest.mpd', from: { key: 'blobs/b' } },
  { path: 'video/1.m4s', from: { key: 'blobs/a' } },
  { path: 'report.json', from: { text: '{}' } },
];

async function keys(of: ObjectStore, prefix = 'titles/'): Promise<string[]> {
  const found: string[] = [];
  for await (const { key } of of.list(prefix)) found.push(key);
  return found;
}

/** The store, with every key that a call changes told in its order. */
function watched(): { store: ObjectStore; order: string[] } {
  const order: string[] = [];
  const wrap = <A extends unknown[], R>(call: (...args: A) => Promise<R>, at: number) => {
    return async (...args: A): Promise<R> => {
      const result = await call(...args);
      order.push(String(args[at]));
      return result;
    };
  };
  const inner = observeStore(store, () => undefined);
  return {
    order,
    store: {
      ...inner,
      put: wrap(inner.put, 0),
      copy: wrap(inner.copy, 1),
      delete: wrap(inner.delete, 0),
    },
  };
}

describe('a title at the origin', () => {
  it('has every file, with manifests written after all that they name', async () => {
    const { store: seen, order } = watched();
    await publishToOrigin(seen, 't1', FILES);
    expect((await store.read('titles/t1/video/1.m4s')).toString()).toBe('bytes of a');
    expect((await store.read('titles/t1/manifest.mpd')).toString()).toBe('bytes of b');
    const manifests = order.map((key) => /\.(mpd|m3u8)$/.test(key));
    expect(manifests).toEqual([false, false, true, true]);
  });

  it('is the newer one after it was published again, with nothing of the older one left', async () => {
    await publishToOrigin(store, 't1', [...FILES, { path: 'video/2.m4s', from: { key: 'blobs/a' } }]);
    await publishToOrigin(store, 't10', FILES);
    await publishToOrigin(store, 't1', FILES);
    await publishToOrigin(store, 't1', FILES);
    const names = FILES.map(({ path }) => path).sort();
    expect(await keys(store, 'titles/t1/')).toEqual(names.map((name) => `titles/t1/${name}`));
    expect(await keys(store, 'titles/t10/')).toHaveLength(FILES.length);
  });

  it('has no manifest where a file could not be written', async () => {
    const broken: OriginFile = { path: 'video/0.m4s', from: { key: 'blobs/none' } };
    await expect(publishToOrigin(store, 't1', [broken, ...FILES])).rejects.toMatchObject({
      code: 'OBJECT_MISSING',
    });
    expect((await keys(store)).filter((key) => /\.(mpd|m3u8)$/.test(key))).toEqual([]);
  });

  it('loses its manifests first when it is removed, and takes nothing of another title along', async () => {
    await publishToOrigin(store, 't1', [...FILES, { path: 'refs.json', from: { text: '{}' } }]);
    await publishToOrigin(store, 't10', FILES);
    const { store: seen, order } = watched();
    await removeFromOrigin(seen, 't1');
    // Who checks the files while they go is not to miss any.
    expect(order[0]).toBe('titles/t1/refs.json');
    expect(order.slice(1, 3).sort()).toEqual(['titles/t1/manifest.mpd', 'titles/t1/master.m3u8']);
    expect(await keys(store, 'titles/t1/')).toEqual([]);
    expect(await keys(store, 'titles/t10/')).toHaveLength(FILES.length);
    expect(await keys(store, 'blobs/')).toEqual(['blobs/a', 'blobs/b']);
  });
});
