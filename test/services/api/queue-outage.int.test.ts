import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Database, IN_MEMORY, openDatabase } from '../../../src/db/index.js';
import { queueBus, redisQueue } from '../../../src/pipeline/index.js';
import { type ApiTitle, overviewSchema, redisLocks } from '../../../src/services/api/index.js';
import { FileStore } from '../../../src/storage/index.js';
import { countedStage, silent, until } from '../../pipeline/support.js';
import { type RedisServer, startRedis } from '../../support/redis-server.js';
import { controlOf, newTitle } from '../control/fleet.js';
import { type TestApi, problemOf, startApi } from './support.js';

/** Two seconds for the queue, and what else a request takes on a busy machine. */
const PROMPT_MS = 4000;

let redis: RedisServer;
let db: Database;
let api: TestApi;
let owner: { secret: string; id: string };
let closing: (() => Promise<unknown>)[];

beforeEach(async () => {
  closing = [];
  redis = await startRedis();
  closing.push(() => redis.stop());
  const home = await mkdtemp(join(tmpdir(), 'hullcast-outage-'));
  closing.push(() => rm(home, { recursive: true, force: true }));
  db = await openDatabase(IN_MEMORY, { home, log: silent, signal: new AbortController().signal });
  closing.push(() => db.close());
  const backend = redisQueue(redis.url, silent);
  await backend.start();
  closing.push(() => backend.stop());
  const bus = queueBus(backend, silent);
  closing.push(() => bus.close());
  const control = controlOf({
    ...{ backend, bus, db, store: new FileStore(join(home, 'store')), scratch: join(home, 'scratch') },
    stages: [countedStage('double', ({ n }: { n: number }) => Promise.resolve({ n: n * 2 }))],
    flow: () => () => Promise.resolve(null),
  });
  closing.push(() => control.close());
  const client = new Redis(redis.url, { maxRetriesPerRequest: 3 });
  client.on('error', () => undefined); // of an outage that the test makes
  closing.push(() => Promise.resolve(client.disconnect()));
  const locks = redisLocks({ redis: client, log: silent });
  closing.push(() => locks.close());
  api = await startApi({
    ...{ db, director: control.director, uploadLocks: locks.locker, masterBuckets: ['masters'] },
    masters: { headObject: () => Promise.resolve({ bucket: 'masters', key: 'k', bytes: 1, etag: 'e' }) },
  });
  closing.push(() => api.close());
  owner = await api.token('submit');
});
afterEach(async () => {
  for (const close of closing.reverse()) await close();
});

async function promptly<T>(asked: Promise<T>): Promise<T> {
  const begun = performance.now();
  const answer = await asked;
  expect(performance.now() - begun).toBeLessThan(PROMPT_MS);
  return answer;
}
const post = (path: string, body?: unknown): Promise<Response> =>
  promptly(api.call('POST', path, owner.secret, body === undefined ? {} : { body }));
const state = async (id: string) => (await db.titles.get(id))?.state;

const OUTAGES = [
  { name: 'killed', begin: () => redis.kill(), end: () => redis.restart() },
  {
    name: 'silent',
    begin: () => Promise.resolve(redis.pause()),
    end: () => Promise.resolve(redis.resume()),
  },
];

describe.each(OUTAGES)('the API, its Redis $name', ({ begin, end }) => {
  it('answers what is in the database, and has the jobs queued later', async () => {
    const failed = (await db.titles.create(newTitle('failed', owner.id))).title.id;
    await db.titles.failed(failed, { code: 'X', message: 'x' });
    await begin();
    const submitted = await post('/v1/titles', { source: { s3: 's3://masters/k' } });
    const made = (await submitted.json()) as ApiTitle;
    expect([submitted.status, made.state]).toEqual([201, 'queued']);
    const retried = await post(`/v1/titles/${failed}/retry`);
    expect([retried.status, await retried.json()]).toMatchObject([202, { state: 'queued', attempt: 2 }]);
    const other = (await db.titles.create(newTitle('other', owner.id))).title.id;
    expect((await post(`/v1/titles/${other}/cancel`)).status).toBe(202);
    await end();
    await until(async () => (await state(made.id)) === 'done' && (await state(failed)) === 'done', 60_000);
    await until(async () => (await state(other)) === 'cancelled', 60_000);
  });

  it('tells what it knows of the cluster', async () => {
    await begin();
    const response = await promptly(api.call('GET', '/v1/overview', owner.secret));
    expect(response.status).toBe(200);
    const overview = overviewSchema.parse(await response.json());
    expect(overview).toMatchObject({ queues: [], queuesUnreachable: true, titles: { queued: 0 } });
    await end();
  });

  it('refuses uploads as long as nobody can lock them', async () => {
    const tus = { 'tus-resumable': '1.0.0' };
    const created = await api.call('POST', '/v1/uploads', owner.secret, {
      headers: { ...tus, 'upload-length': '4' },
    });
    const path = created.headers.get('location')!;
    await begin();
    const head = await promptly(api.call('HEAD', path, owner.secret, { headers: tus }));
    expect(head.status).toBe(503);
    expect(head.headers.get('hullcast-problem')).toMatch(/^QUEUE_UNREACHABLE /);
    const patch = (): Promise<Response> =>
      api.call('PATCH', path, owner.secret, {
        headers: { ...tus, 'upload-offset': '0', 'content-type': 'application/offset+octet-stream' },
        body: 'film',
      });
    const refused = await promptly(patch());
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await problemOf(refused)).toMatchObject({ status: 503, code: 'QUEUE_UNREACHABLE' });
    await end();
    await until(async () => (await patch()).status === 204, 30_000);
  });
});
