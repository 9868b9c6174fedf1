import { mkdir, mkdtemp, readFile, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { REFRESH_AFTER_MS, blobKey, recordKey } from '../../src/pipeline/artifact.js';
import {
  type ArtifactRecord,
  ArtifactStore,
  type BlobRef,
  type PerformEnv,
  performStage,
} from '../../src/pipeline/index.js';
import { FileStore, Lease, type ObjectStore } from '../../src/storage/index.js';
import { type TestS3, startS3 } from '../support/s3-server.js';
import { S3Stores } from '../support/s3-stores.js';
import { TOOLS, capturedLog, countedStage, silent } from './support.js';

let root: string;
let stores: S3Stores;
let server: TestS3;
let guarded: TestS3;
let count = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-artifacts-'));
  [stores, server, guarded] = await Promise.all([
    S3Stores.open(),
    startS3(),
    startS3({ conditionalWrites: true }),
  ]);
});
afterAll(async () => {
  await Promise.all([server.stop(), guarded.stop(), stores.cleanUp()]);
  await rm(root, { recursive: true });
});
const fresh = (): string => join(root, String((count += 1)));

const KEY = 'ab'.repeat(32);
const record = (result: string, blobs: BlobRef[] = []): ArtifactRecord => ({
  ...{ key: KEY, stage: 'encode', version: 1, result, blobs },
  cost: { cpuSeconds: 1, wallSeconds: 1, processes: 1 },
});

describe.each<[string, () => ObjectStore]>([
  ['files', () => new FileStore(fresh())],
  ['S3', () => stores.make(server).store],
  ['S3 with conditional writes', () => stores.make(guarded).store],
])('an artifact store on %s', (_, make) => {
  let store: ObjectStore;
  let artifacts: ArtifactStore;
  beforeEach(() => {
    store = make();
    artifacts = new ArtifactStore(store, silent);
  });
  const keep = async (content: string): Promise<BlobRef> => {
    const path = fresh();
    await writeFile(path, content);
    return artifacts.keep(path, { move: true });
  };

  it('keeps the first record; who comes later, as a worker that was stopped for long, is told of it', async () => {
    const first = record('first', [await keep('one')]);
    const second = record('second', [await keep('two')]);
    expect(await artifacts.commit(first)).toEqual(first);
    expect(await artifacts.commit(second)).toEqual(first);
    expect(await artifacts.find('encode', KEY)).toEqual(first);
  });

  it.each<[string, (blob: BlobRef) => Promise<unknown>]>([
    ['a blob is gone', (blob) => store.delete(blobKey(blob))],
    ['a blob is cut short', (blob) => store.put(blobKey(blob), 'o')],
    ['it is no JSON', () => store.put(recordKey('encode', KEY), '{"key":')],
    ['it is another’s', () => store.put(recordKey('encode', KEY), '{}')],
  ])('replaces a record that cannot be used: %s', async (_what, harm) => {
    const blob = await keep('one');
    await artifacts.commit(record('first', [blob]));
    await harm(blob);
    expect(await artifacts.find('encode', KEY)).toBeUndefined();
    const second = record('second', [await keep('two')]);
    expect(await artifacts.commit(second)).toEqual(second);
    expect(await artifacts.find('encode', KEY)).toEqual(second);
  });

  it('says which blob is missing', async () => {
    const blob = { sha256: 'cd'.repeat(32), bytes: 3 };
    await expect(artifacts.path(blob)).rejects.toMatchObject({ code: 'BLOB_MISSING' });
    await store.put(blobKey(blob), 'four');
    await expect(artifacts.path(blob)).rejects.toMatchObject({
      code: 'BLOB_MISSING',
      message: `blob ${blob.sha256} has 4 bytes instead of 3`,
    });
  });
});

describe('two workers that do the same work', () => {
  it('agree on one result, whatever either made', async () => {
    const worker = (name: string): { env: PerformEnv; stage: ReturnType<typeof makes> } => ({
      env: {
        artifacts: new ArtifactStore(stores.make(guarded, { prefix: 'shared' }).store, silent),
        ...{ tools: TOOLS, scratch: join(root, name), log: silent },
      },
      stage: makes(name),
    });
    // A stage that is not deterministic, as none may be.
    let arrive = 0;
    const makes = (name: string) =>
      countedStage<null, BlobRef>('makes', async (_, { scratch, keep }) => {
        await writeFile(join(scratch, 'out'), `made by ${name}`);
        const blob = await keep(join(scratch, 'out'));
        arrive += 1;
        while (arrive < 2) await new Promise((done) => setTimeout(done, 5)); // both get to the commit
        return blob;
      });
    const workers = [worker('a'), worker('b')];
    const results = await Promise.all(workers.map(({ stage, env }) => performStage(stage, null, env)));
    expect(workers.map(({ stage }) => stage.total())).toEqual([1, 1]);
    expect(results[0]!.result).toEqual(results[1]!.result);
    const again = await performStage(workers[0]!.stage, null, workers[0]!.env);
    expect(again).toMatchObject({ cached: true, result: results[0]!.result });
  });
});

describe('local files of blobs', () => {
  it('stay while a stage runs, and may go when it has ended', async () => {
    const { store, cache, folder } = stores.make(server, { cacheBytes: 10 });
    const artifacts = new ArtifactStore(store, silent);
    const blobs: BlobRef[] = [];
    for (const content of ['first file', 'second file']) {
      await writeFile(join(root, 'file'), content);
      blobs.push(await artifacts.keep(join(root, 'file'), { move: false }));
    }
    const reads = countedStage<null, string[]>('reads', async (_, context) => {
      const paths: string[] = [];
      for (const blob of blobs) paths.push(await context.path(blob));
      expect(await cache.size()).toBe(21);
      return Promise.all(paths.map((path) => readFile(path, 'utf8')));
    });
    const env = { artifacts, tools: TOOLS, scratch: join(root, 'scratch'), log: silent };
    expect((await performStage(reads, null, env)).result).toEqual(['first file', 'second file']);
    await store.put('other', 'x');
    const lease = new Lease();
    await store.localPath('other', lease);
    expect((await readdir(folder)).filter((name) => name !== 'partial')).toHaveLength(1);
  });
});

describe('what is used again', () => {
  const age = async (path: string, ms: number): Promise<void> => {
    const then = new Date(Date.now() - ms);
    await utimes(path, then, then);
  };

  it('counts as new when it was last used more than a day ago', async () => {
    const folder = fresh();
    await mkdir(folder);
    const { log, messages } = capturedLog();
    const artifacts = new ArtifactStore(new FileStore(folder), log);
    const write = async (): Promise<BlobRef> => {
      await writeFile(join(root, 'file'), 'content');
      return artifacts.keep(join(root, 'file'), { move: true });
    };
    const blob = await write();
    await artifacts.commit(record('x', [blob]));
    const paths = [join(folder, blobKey(blob)), join(folder, recordKey('encode', KEY))];
    const [blobPath, recordPath] = paths as [string, string];
    const young = async (path: string): Promise<boolean> =>
      (await stat(path)).mtimeMs > Date.now() - REFRESH_AFTER_MS / 2;

    for (const path of paths) await age(path, 0.9 * REFRESH_AFTER_MS);
    await write();
    await artifacts.find('encode', KEY);
    expect([await young(blobPath), await young(recordPath)]).toEqual([false, false]);

    for (const path of paths) await age(path, 1.1 * REFRESH_AFTER_MS);
    await artifacts.find('encode', KEY);
    expect([await young(blobPath), await young(recordPath)]).toEqual([false, true]);
    await write();
    expect(await young(blobPath)).toBe(true);
    expect(messages).toEqual([]);
  });
});
