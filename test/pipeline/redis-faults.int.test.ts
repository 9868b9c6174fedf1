import { type Job, WaitingChildrenError } from 'bullmq';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Gate, type QueueBackend, redisQueue } from '../../src/pipeline/index.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { type CapturedLog, capturedLog, silent, sleep, until } from './support.js';

const LIMIT_MS = 500;
const GONE = 'Redis is gone: jobs wait until it is back';

let server: RedisServer;
let backend: QueueBackend;
let captured: CapturedLog;
let opened: { close(): Promise<void> }[] = [];
/** Ends the jobs that wait for it. */
let release: () => void;
let released: Promise<void>;

beforeEach(async () => {
  released = new Promise((resolve) => (release = resolve));
  server = await startRedis();
  captured = capturedLog();
  backend = redisQueue(server.url, captured.log);
  await backend.start();
});
afterEach(async () => {
  release();
  for (const one of opened.reverse()) await one.close(); // what was made last first
  opened = [];
  await backend.stop();
  await server.stop();
});

function open<T extends { close(): Promise<void> }>(one: T): T {
  opened.push(one);
  return one;
}

/** Errors that a worker tells; in these tests there shall be none. */
function worker<D>(name: string, run: (job: Job<D>, token?: string) => Promise<unknown>, gate?: Gate) {
  const made = open(
    backend.worker<D, unknown>(name, run, { gate, lockDuration: 2000, stalledInterval: 500 }),
  );
  const errors: string[] = [];
  made.on('error', (error) => errors.push(String(error)));
  return { made, errors };
}

/** Starts it again after a pause in which everybody has seen that it is down. */
async function killAndRestart(): Promise<void> {
  await server.kill();
  await sleep(300);
  await server.restart();
}

describe('Redis, killed and started again', () => {
  it('loses no job and leaves none stuck, whatever it was doing', async () => {
    const runs = new Map<string, number>();
    const count = (job: Job): number => {
      const id = `${job.queueName}.${job.id}`;
      runs.set(id, (runs.get(id) ?? 0) + 1);
      return runs.get(id)!;
    };
    const work = open(backend.queue('work'));
    const parents = open(backend.queue('parent'));
    const gate = new Gate({ size: 2, order: ['work', 'child'] });

    const workers = [
      worker(
        'work',
        async (job) => {
          const attempt = count(job);
          if (job.id === 'held') await released;
          if (job.id === 'retried' && attempt === 1) throw new Error('passing');
          return null;
        },
        gate,
      ),
      worker('child', async (job) => (count(job), await released), gate),
      worker<{ waits?: boolean }>('parent', async (job, token) => {
        if (job.data.waits) return count(job);
        await job.updateData({ waits: true });
        const children = open(backend.queue('child'));
        const parent = { id: job.id!, queue: job.queueQualifiedName };
        await children.addBulk(
          ['c1', 'c2', 'c3'].map((jobId) => ({
            name: jobId,
            data: {},
            opts: { jobId, parent, removeOnComplete: true },
          })),
        );
        if (await job.moveToWaitingChildren(token!)) throw new WaitingChildrenError();
        return null;
      }),
    ];
    const opts = { attempts: 2, backoff: { type: 'fixed', delay: 1500 } };
    await work.add('x', {}, { jobId: 'retried', ...opts });
    await until(async () => (await work.getJob('retried'))?.isDelayed() ?? false);
    await parents.add('x', {}, { jobId: 'waits-for-children' });
    await until(async () => (await parents.getJob('waits-for-children'))?.isWaitingChildren() ?? false);
    await work.add('x', {}, { jobId: 'held' });
    await until(() => gate.busy === 2); // full: with the first child, or with two
    await work.addBulk([1, 2, 3].map((i) => ({ name: 'x', data: {}, opts: { jobId: `waits-${i}` } })));
    await work.add('x', {}, { jobId: 'later', delay: 1200 });

    await killAndRestart();
    release();
    const all = ['held', 'retried', 'later', 'waits-1', 'waits-2', 'waits-3'];
    await until(async () => (await work.getJobCountByTypes('completed')) === all.length);
    await until(async () => (await parents.getJobCountByTypes('completed')) === 1);
    expect(Object.fromEntries(runs)).toEqual({
      ...Object.fromEntries(all.map((id) => [`work.${id}`, id === 'retried' ? 2 : 1])),
      ...{ 'child.c1': 1, 'child.c2': 1, 'child.c3': 1, 'parent.waits-for-children': 1 },
    });
    expect(await work.getJobCountByTypes('waiting', 'active', 'delayed', 'failed')).toBe(0);
    await until(() => gate.busy === 0);
    expect(workers.flatMap(({ errors }) => errors)).toEqual([]);
    expect(captured.messages).toEqual([GONE]);
  });

  it('has jobs again for workers that waited, over several outages', async () => {
    const queue = open(backend.queue('idle'));
    const ran: string[] = [];
    worker('idle', (job) => Promise.resolve(ran.push(job.id!)), new Gate({ size: 1 }));
    worker('idle', (job) => Promise.resolve(ran.push(job.id!)));
    for (const jobId of ['a', 'b', 'c']) {
      await killAndRestart();
      await queue.add('x', {}, { jobId });
      // Told as done, not only begun: a job cut off before Redis heard of its end runs again, rightly.
      await until(async () => (await queue.getJob(jobId))?.isCompleted() ?? false);
    }
    expect(ran).toEqual(['a', 'b', 'c']);
    expect(captured.messages).toEqual([GONE, GONE, GONE]);
  });

  it('is heard again by listeners, who miss nothing', async () => {
    const heard: string[][] = [[], []];
    for (const texts of heard) {
      const events = open(backend.events('bus'));
      events.on('progress', ({ jobId }) => texts.push(jobId));
      await events.waitUntilReady();
    }
    const publisher = open(backend.publisher('bus'));
    const publish = (jobId: string): Promise<void> =>
      publisher.publishEvent({ eventName: 'progress', jobId, data: '1' });
    await server.kill();
    await sleep(300);
    await server.restart();
    await publish('first'); // before any listener is back, as like as not
    await publish('second');
    await until(() => heard.every((texts) => texts.length === 2));
    expect(heard).toEqual([
      ['first', 'second'],
      ['first', 'second'],
    ]);
  });
});

describe('while Redis is away', () => {
  const answers = async (ask: Promise<unknown>): Promise<unknown> => {
    const asked = performance.now();
    const answer = await ask.then(
      () => 'done',
      (error: unknown) => error,
    );
    expect(performance.now() - asked).toBeLessThan(LIMIT_MS + 2000);
    return answer;
  };
  const UNREACHABLE = { code: 'QUEUE_UNREACHABLE', transient: true };
  /** The same queue for who has little time. */
  const hurried = async (): Promise<QueueBackend> => {
    const other = redisQueue(server.url, silent, { limitMs: LIMIT_MS });
    await other.start();
    opened.push({ close: () => other.stop() });
    return other;
  };

  it('who adds or reads jobs is told so, after a while', async () => {
    const queue = open(backend.queue('q'));
    const other = await hurried();
    const soon = open(other.queue('q'));
    await Promise.all([queue.waitUntilReady(), soon.waitUntilReady()]);
    await server.kill();
    const asks = [
      soon.add('x', {}, { jobId: 'kept' }),
      soon.addBulk([{ name: 'x', data: {}, opts: { jobId: 'kept too' } }]),
      soon.getJob('kept'),
      open(other.queue('new')).add('x', {}), // its connection never came to be
      open(other.flows()).add({ name: 'x', queueName: 'q' }),
      open(other.publisher('q')).publishEvent({ eventName: 'x' }),
    ];
    for (const answer of await Promise.all(asks.map(answers))) expect(answer).toMatchObject(UNREACHABLE);
    expect(captured.messages).toEqual([GONE]);
    await server.restart();
    // What was asked may still happen, so who asks again must say the same id.
    await queue.add('x', {}, { jobId: 'kept' });
    await until(async () => (await queue.getJob('kept too')) !== undefined);
    expect(await queue.getJobCountByTypes('waiting')).toBeLessThanOrEqual(3);
  });

  it('who waits less long than it is away is served', async () => {
    const queue = open(backend.queue('q'));
    await queue.waitUntilReady();
    await server.kill();
    const added = queue.add('x', {}, { jobId: 'a' });
    await server.restart();
    await added;
    expect(await queue.getJobCountByTypes('waiting')).toBe(1);
  });

  it('and its connections still look alive, the same is so', async () => {
    const queue = open(backend.queue('q'));
    const ran: string[] = [];
    worker('q', (job) => Promise.resolve(ran.push(job.id!)), new Gate({ size: 1 }));
    await queue.add('x', {}, { jobId: 'before' });
    await until(() => ran.length === 1);
    const soon = open((await hurried()).queue('q'));
    await soon.waitUntilReady();
    server.pause();
    expect(await answers(soon.add('x', {}, { jobId: 'meanwhile' }))).toMatchObject(UNREACHABLE);
    server.resume();
    await until(() => ran.length === 2);
    expect(ran).toEqual(['before', 'meanwhile']);
  });

  it('everything can be closed', async () => {
    const idle = backend.worker('idle', () => Promise.resolve(null), { gate: new Gate({ size: 1 }) });
    const busy = backend.worker('busy', () => sleep(500));
    const others = [backend.queue('q'), backend.events('q'), backend.publisher('q'), backend.flows()];
    const all = [idle, busy, ...others];
    await backend.queue('busy').add('x', {});
    await until(async () => (await backend.queue('busy').getJobCountByTypes('active')) === 1);
    await server.kill();
    await sleep(300);
    const closing = performance.now();
    await Promise.all(all.map((one) => one.close()));
    await backend.stop();
    expect(performance.now() - closing).toBeLessThan(10_000);
  });
});

describe('a Redis without memory left', () => {
  it('says so to who adds jobs, and takes them again when there is', async () => {
    const full = await startRedis({ config: ['maxmemory 3mb'] });
    const small = redisQueue(full.url, captured.log);
    await small.start();
    const queue = small.queue<{ text: string }>('q');
    try {
      const jobs = Array.from({ length: 200 }, (_, i) => ({
        ...{ name: 'x', data: { text: 'x'.repeat(50_000) }, opts: { jobId: `j${i}` } },
      }));
      await expect(queue.addBulk(jobs)).rejects.toMatchObject({ code: 'QUEUE_FULL', transient: true });
      await queue.drain();
      await queue.add('x', { text: '' });
      expect(await queue.getJobCountByTypes('waiting')).toBe(1);
    } finally {
      await queue.close();
      await small.stop();
      await full.stop();
    }
  });
});

describe('an idle fleet', () => {
  it('asks Redis next to nothing, though one place serves many queues', async () => {
    const names = Array.from({ length: 8 }, (_, i) => `idle-${i}`);
    const done = new Set<string>();
    for (let host = 0; host < 3; host += 1) {
      const gate = new Gate({ size: 1, order: names, memory: 1e9 });
      for (const name of names) worker(name, (job) => Promise.resolve(done.add(job.queueName)), gate);
    }
    for (const name of names) await open(backend.queue(name)).add('x', {});
    await until(() => done.size === names.length);
    const client = new Redis(server.url);
    const commands = async (): Promise<number> =>
      Number(/total_commands_processed:(\d+)/.exec(await client.info('stats'))?.[1]);
    await sleep(1000); // the last wake-ups
    const before = await commands();
    await sleep(1500);
    const asked = (await commands()) - before;
    client.disconnect();
    // Each of 24 workers looks for stalled jobs twice a second here.
    expect(asked).toBeLessThan(2000);
  });
});
