import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { expect, it } from 'vitest';
import { IN_MEMORY, openDatabase } from '../../../src/db/index.js';
import { TITLE_QUEUE, queueBus, redisQueue } from '../../../src/pipeline/index.js';
import { runIdOf } from '../../../src/services/control/run-id.js';
import { FileStore } from '../../../src/storage/index.js';
import { silent, sleep, until } from '../../pipeline/support.js';
import { startRedis } from '../../support/redis-server.js';
import { controlOf, newTitle } from './fleet.js';

it('a title over which too many processes have died fails, and is not begun again', async () => {
  const root = await mkdtemp(join(tmpdir(), 'hullcast-given-up-'));
  const server = await startRedis();
  const backend = redisQueue(server.url, silent);
  await backend.start();
  const redis = new Redis(server.url);
  const db = await openDatabase(IN_MEMORY, { home: root, log: silent, signal: new AbortController().signal });
  await db.tokens.create({ id: 'tok', name: 'test', scopes: ['submit'], digest: 'd' });
  const { title } = await db.titles.create(newTitle('killer', 'tok'));
  await db.titles.started(title.id);
  const run = runIdOf(title);
  const queue = backend.queue(TITLE_QUEUE);
  await queue.pause();
  await queue.add(
    run,
    { title: run, priority: 5, sinceMs: Date.now(), step: [] },
    { jobId: run, removeOnComplete: true, removeOnFail: true, attempts: 9 },
  );
  // As BullMQ marks a job whose lock ran out too often, before it gives it to a worker for the last time.
  await redis.hset(`hullcast:${TITLE_QUEUE}:${run}`, 'defa', 'job stalled more than allowable limit');
  const bus = queueBus(backend, silent);
  let flows = 0;
  const control = controlOf({
    ...{ backend, bus, db, store: new FileStore(join(root, 'store')), scratch: join(root, 'scratch') },
    ...{ stages: [], flow: () => ((flows += 1), () => Promise.resolve(null)) },
  });
  await queue.resume();
  try {
    await until(async () => (await db.titles.get(title.id))?.state === 'failed');
    expect((await db.titles.get(title.id))?.error).toMatchObject({
      code: 'STAGE_FAILED',
      message: expect.stringContaining('stalled') as string,
      hint: expect.stringContaining('memory') as string,
    });
    await sleep(1200); // two comparisons of database and queue
    expect([flows, await queue.getJobCountByTypes('waiting', 'active', 'delayed')]).toEqual([0, 0]);
  } finally {
    await control.close();
    await bus.close();
    await queue.close();
    await db.close();
    redis.disconnect();
    await backend.stop();
    await server.stop();
    await rm(root, { recursive: true, force: true });
  }
});
