import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { availableParallelism } from 'node:os';
import { type Job, WaitingChildrenError } from 'bullmq';
import pino from 'pino';
import { type RedisServer, startRedis } from '../../fixtures/redis-server.js';
import { HullcastError } from '../../src/errors.js';
import { type JobQueue, type QueueBackend, dueOf, redisQueue } from '../../src/pipeline/index.js';
import { markdownTable } from '../table.js';
import { writeSection } from '../write-section.js';
import { FILM_STAGES, type FilmJob, JOBS, filmSteps } from './graph.js';

const WORKERS = 2;
/** Jobs that are added at a time. */
const BULK = 500;
const BARS = { jobsPerSecond: 1500, memoryMb: 400, firstSeconds: 2 };

interface Figures {
  seconds: number;
  firstSeconds: number;
  memoryMb: number;
}

/**
 * How fast a fleet's queue is and what it costs the control plane: the jobs of a two-hour film, which do nothing, through a
 * real Redis. This process is the control plane; workers are processes of their own.
 */
export async function queueBench(): Promise<void> {
  const server = await startRedis({ appendFsync: 'everysec' });
  try {
    const figures = await measure(server);
    const rate = JOBS / figures.seconds;
    const rows = [
      ['jobs a second through the queue', rate.toFixed(0), `≥ ${BARS.jobsPerSecond}`],
      ['memory of the control plane at its peak, MB', figures.memoryMb.toFixed(0), `≤ ${BARS.memoryMb}`],
      ['from submission to the first job, s', figures.firstSeconds.toFixed(2), `≤ ${BARS.firstSeconds}`],
      ['the whole film, s', figures.seconds.toFixed(1), ''],
    ];
    const body = [
      `${JOBS} jobs, Redis with an append-only file, ${WORKERS} worker processes, ${availableParallelism()} cores for all of it.`,
      '',
      markdownTable(['measured', 'value', 'bar'], rows),
    ].join('\n');
    await writeSection('queue', body);
    process.stdout.write(`${body}\n`);
  } finally {
    await server.stop();
  }
}

async function measure(server: RedisServer): Promise<Figures> {
  const backend = redisQueue(server.url, pino({ level: 'warn' }, process.stderr));
  await backend.start();
  const workers = Array.from({ length: WORKERS }, () =>
    fork(new URL('worker.js', import.meta.url), { env: { ...process.env, HULLCAST_QUEUE: server.url } }),
  );
  try {
    await Promise.all(workers.map((worker) => told(worker, 'ready')));
    const started = performance.now();
    const since = (): number => (performance.now() - started) / 1000;
    const first = Promise.race(workers.map((worker) => told(worker, 'first'))).then(since);
    await makeFilm(backend);
    const seconds = since();
    return { seconds, firstSeconds: await first, memoryMb: process.resourceUsage().maxRSS / 1024 };
  } finally {
    await Promise.all(workers.map(end));
    await backend.stop();
  }
}

interface ChildJob extends FilmJob {
  title: string;
}

/** Runs the title's job as TitleQueue does: a step job that adds its children, waits for them, and goes on. */
async function makeFilm(backend: QueueBackend): Promise<void> {
  const steps = filmSteps();
  const queues = new Map(FILM_STAGES.map((stage) => [stage, backend.queue<ChildJob>(stage)]));
  const titles = backend.queue<{ step: number }>('title');
  const worker = backend.worker<{ step: number }, null>('title', async (job, token) => {
    for (let next = job.data.step; next < steps.length; next += 1) {
      if (Object.keys(await job.getIgnoredChildrenFailures()).length > 0)
        throw new HullcastError('BENCH_JOB', 'a job that does nothing has failed');
      await job.updateData({ step: next + 1 });
      for (const [stage, jobs] of byStage(steps[next]!)) await addChildren(queues.get(stage)!, job, jobs);
      if (await job.moveToWaitingChildren(token!)) throw new WaitingChildrenError();
    }
    const results = Object.keys(await job.getChildrenValues()).length;
    if (results !== JOBS) throw new HullcastError('BENCH_JOB', `${results} of ${JOBS} jobs have a result`);
    return null;
  });
  try {
    await new Promise<void>((resolve, reject) => {
      worker.on('error', reject);
      worker.on('failed', (_, error) => reject(error));
      worker.on('completed', () => resolve());
      titles.add('film', { step: 0 }, { jobId: 'film', removeOnComplete: true }).catch(reject);
    });
  } finally {
    await worker.close();
    await Promise.all([titles, ...queues.values()].map((queue) => queue.close()));
  }
}

function byStage(jobs: readonly FilmJob[]): Map<string, FilmJob[]> {
  const stages = new Map<string, FilmJob[]>();
  for (const job of jobs) {
    const own = stages.get(job.stage) ?? [];
    own.push(job);
    stages.set(job.stage, own);
  }
  return stages;
}

async function addChildren(queue: JobQueue<ChildJob>, parent: Job, jobs: readonly FilmJob[]): Promise<void> {
  const priority = dueOf({ priority: 5, sinceMs: Date.now(), jobs: jobs.length });
  const child = (job: FilmJob) => ({
    name: job.job,
    data: { title: 'film', ...job },
    opts: {
      jobId: `film.${job.job}`,
      priority,
      parent: { id: parent.id!, queue: parent.queueQualifiedName },
      ...{ continueParentOnFailure: true, attempts: 3, backoff: { type: 'exponential', delay: 1000 } },
      ...{ removeOnComplete: true, removeOnFail: true },
    },
  });
  for (let at = 0; at < jobs.length; at += BULK) await queue.addBulk(jobs.slice(at, at + BULK).map(child));
}

/** Waits for a message of a worker process. Rejects where that ends before. */
async function told(worker: ChildProcess, message: string): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    worker.on('message', (sent) => sent === message && resolve());
    worker.once('exit', (code) =>
      reject(new HullcastError('BENCH_WORKER', `a worker process ended with ${code}`)),
    );
  });
}

async function end(worker: ChildProcess): Promise<void> {
  if (worker.exitCode !== null) return;
  const ended = once(worker, 'exit');
  worker.send('end');
  await ended;
}
