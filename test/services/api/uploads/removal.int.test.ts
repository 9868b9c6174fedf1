import { randomBytes } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { type ApiDeps, type UploadBytes, openUploads } from '../../../../src/services/api/index.js';
import { processLocks } from '../../../../src/services/api/uploads/locks.js';
import type { FileStore } from '../../../../src/storage/index.js';
import { type TestApi, startApi } from '../support.js';
import { type TusClient, tusClient } from './tus-client.js';

let api: TestApi;
let store: FileStore;
let bytes: UploadBytes;
/** Ids of uploads whose bytes cannot be removed, as of a file that is immutable. */
const stuck = new Set<string>();
/** What finishing an upload waits for. */
let gate: Promise<void> | undefined;
const opened: TestApi[] = [];
let secret: string;
let tus: TusClient;

beforeEach(async () => {
  stuck.clear();
  gate = undefined;
  const home = await startApi();
  const { db } = home;
  store = home.store;
  const disk = await openUploads(undefined, store);
  bytes = {
    ...disk,
    async finish(id, size) {
      await gate;
      await disk.finish(id, size);
    },
    async remove(id) {
      if (stuck.has(id)) throw new Error('EPERM: operation not permitted');
      await disk.remove(id);
    },
  };
  api = await startApi({ db, store, uploads: bytes });
  opened.push(api, home);
  ({ secret } = await api.token('submit'));
  tus = tusClient(api.url, secret);
});
afterEach(async () => {
  for (const one of opened.splice(0)) await one.close();
});

const idOf = (path: string): string => path.split('/').at(-1)!;

async function kept(path: string): Promise<boolean> {
  const names = await readdir(join(store.root, '.uploads'));
  return names.includes(idOf(path)) || (await store.stat(`uploads/${idOf(path)}`)) !== undefined;
}

/** Another server on the same uploads: every one sweeps when it starts. */
async function sweeper(deps: Partial<ApiDeps> = {}): Promise<TestApi> {
  const started = await startApi({ db: api.db, store, uploads: bytes, ...deps });
  opened.unshift(started);
  return started;
}

it('an upload whose bytes could not be removed is gone, and its bytes go later', async () => {
  const path = await tus.create(1000);
  await tus.patch(path, 0, randomBytes(600));
  stuck.add(idOf(path));
  expect((await tus.send('DELETE', path)).status).toBe(500);
  expect((await tus.send('DELETE', path)).status).toBe(404);
  expect((await tus.send('HEAD', path)).status).toBe(404);
  expect(await kept(path)).toBe(true);

  stuck.clear();
  await sweeper();
  await vi.waitUntil(async () => !(await kept(path)), 10_000);
  await vi.waitUntil(async () => (await api.db.uploads.expired(9)).length === 0, 10_000);
});

it('an upload whose bytes cannot be removed does not keep those of others', async () => {
  const paths = await Promise.all([1, 2, 3].map(() => tus.create(10)));
  for (const path of paths) {
    await tus.patch(path, 0, randomBytes(5));
    stuck.add(idOf(path));
    expect((await tus.send('DELETE', path)).status).toBe(500);
  }
  const [first, ...others] = paths as [string, string, string];
  for (const path of others) stuck.delete(idOf(path));
  const { log } = await sweeper();
  for (const path of others) await vi.waitUntil(async () => !(await kept(path)), 10_000);
  expect(await kept(first)).toBe(true);
  await vi.waitUntil(() => log.some(({ msg }) => msg === 'expired uploads removed'), 10_000);
  expect(log.filter(({ level }) => level === 40)).toMatchObject([{ upload: idOf(first) }]);
});

it('an upload that is finished while the sweep waits for it stays', async () => {
  const uploadLocks = processLocks();
  // (Begins as another server, whose first sweep is over when the upload expires.)
  const short = await sweeper({ uploadLocks, limits: { uploadSeconds: 3 } });
  const client = tusClient(short.url, secret);
  const path = await client.create(1000);
  const { expiresAt } = (await api.db.uploads.get(idOf(path)))!;
  let open: () => void = () => undefined;
  gate = new Promise((resolve) => (open = resolve));
  const last = client.patch(path, 0, randomBytes(1000));
  await sleep(Date.parse(expiresAt) - Date.now() + 300);

  const listing = vi.spyOn(api.db.uploads, 'expired');
  await sweeper({ uploadLocks });
  await vi.waitUntil(() => listing.mock.settledResults.length > 0, 10_000);
  expect(listing.mock.settledResults[0]).toMatchObject({ value: [idOf(path)] });
  await sleep(100);
  open();
  expect((await last).status).toBe(204);
  await sleep(500);
  listing.mockRestore();
  expect(await api.db.uploads.get(idOf(path))).toMatchObject({ bytes: 1000 });
  expect(await kept(path)).toBe(true);
});
