import { setTimeout as delay } from 'node:timers/promises';
import { type Job, WaitingChildrenError } from 'bullmq';
import type { Logger } from 'pino';
import { HullcastError } from '../errors.js';
import { dueOf } from './due.js';
import { asHullcastError, decodeFailure, finalFailure, jobError } from './failure.js';
import type { JobQueue, JobWorker, QueueBackend } from './queue/backend.js';
import type { StageJobResult, StageQueues } from './stage-queues.js';
import type { FlowRunner, PlannedJob } from './title-flow.js';
import { type TitleJob, type TitleTotals, came, childJob, stepName, totalsOf } from './title-job.js';

/** A title under way in this process. */
export interface ActiveTitle {
  runner: FlowRunner<unknown>;
  /** Stops the title here. */
  signal: AbortSignal;
  /**
   * Called with how the flow ended before the queue notes it, and again where the queue could not: what makes the end
   * known must stand being done twice. A transient error that it throws has the title tried again.
   */
  settle?(end: TitleEnd): Promise<void>;
}

export type TitleEnd = { result: unknown; totals: TitleTotals } | { error: HullcastError };

/** Where a title's job gets what it runs from, whichever process it comes to. */
export interface TitleSource {
  /** The title as it runs here, the same from step to step; undefined where nobody wants it any more. */
  open(title: string): Promise<ActiveTitle | undefined>;
  /**
   * Told when the queue has noted the end: from then on the title may be added again. Nothing has settled a title that the
   * queue gave up by itself, because too many processes died over it: its error is a STAGE_FAILED.
   */
  ended?(title: string, end: { result: unknown } | { error: HullcastError }): void;
  /** Told when the title's job went to another process. */
  lost?(title: string, error: HullcastError): void;
}

export interface TitleQueueOptions {
  backend: QueueBackend;
  queues: StageQueues;
  source: TitleSource;
  log: Logger;
  /** First pause before a transient failure is tried again, milliseconds; doubles each time. */
  retryDelayMs: number;
  /** How often a stage's job is tried while its failures are transient. */
  attempts: number;
  /** Likewise, of the title's own job. */
  titleAttempts: number;
  /** Jobs go by their due times (see due.ts), as is needed where several titles wait for the same workers; else as they come. */
  byDue?: boolean;
  /** Told of a stage before jobs of it are added. */
  needs?: (stage: string) => void;
  /** Told what the title waits for, with how much of it is done. */
  onStep?: (title: string, step: TitleJob['step']) => void;
  /** Has the title's jobs stopped wherever they run. */
  stopJobs: (title: string) => Promise<void>;
}

export const TITLE_QUEUE = 'title';
/** Titles at a time; between waits they cost next to nothing. */
const CONCURRENCY = 64;
/** Processes that may die over one title before it counts as the cause. */
const MAX_STALLED = 10;
/** A worker that has not stopped a job by then is gone. */
const MAX_STOP_MS = 20_000;
const STOP_POLL_MS = 50;
/** Jobs that are added at a time: a list of thousands would hold the queue's server for its length. */
const BULK = 500;

/**
 * Titles as step jobs: a title's job runs its flow until that needs other jobs, adds these as its children, goes to
 * wait for them, and runs the flow again once they are finished, or as soon as one has failed.
 */
export class TitleQueue {
  private readonly queue: JobQueue<TitleJob>;
  private readonly worker: JobWorker<TitleJob, null>;
  private readonly results = new Map<string, unknown>();

  constructor(private readonly options: TitleQueueOptions) {
    const { backend, log, source } = options;
    this.queue = backend.queue<TitleJob>(TITLE_QUEUE);
    this.worker = backend.worker<TitleJob, null>(
      TITLE_QUEUE,
      (job, token, signal) => this.process(job, token ?? '', signal),
      { concurrency: CONCURRENCY, maxStalledCount: MAX_STALLED, skipStalledCheck: backend.exclusive },
    );
    this.worker.on('error', (error) =>
      log.error({ queue: TITLE_QUEUE, error: String(error) }, 'queue worker'),
    );
    this.worker.on('completed', ({ data: { title } }) => {
      const result = this.results.get(title);
      this.results.delete(title);
      source.ended?.(title, { result });
    });
    this.worker.on('failed', (job, error) => {
      // A failure that is tried again is no end.
      if (job?.finishedOn !== undefined)
        source.ended?.(job.data.title, { error: decodeFailure(error.message) });
    });
    this.worker.on('lockRenewalFailed', (titles) => {
      for (const title of titles) {
        this.worker.cancelJob(title, 'lock lost');
        source.lost?.(title, lockLost(title));
      }
    });
  }

  /**
   * Adds the title's job; one that is there already stays as it is. `priority` is 0 to 9, 9 goes first; `sinceMs` is when
   * the title came, milliseconds since 1970.
   */
  async add(title: string, { priority = 5, sinceMs = Date.now() } = {}): Promise<void> {
    const { titleAttempts: attempts, retryDelayMs: delay } = this.options;
    const data: TitleJob = { title, priority, sinceMs, step: [] };
    await this.queue.add(title, data, {
      ...{ jobId: title, removeOnComplete: true, removeOnFail: true },
      ...{ attempts, backoff: { type: 'exponential', delay } },
    });
  }

  /** What the queue knows of a title; undefined where it has no job of it. */
  async find(title: string): Promise<{ step: TitleJob['step']; waits: boolean } | undefined> {
    const job = await this.queue.getJob(title);
    if (!job) return undefined;
    return { step: job.data.step, waits: await job.isWaitingChildren() };
  }

  /** True where the title waits for jobs that the queue no longer has, as after the loss of its last second. */
  async dangling(title: string): Promise<boolean> {
    const job = await this.queue.getJob(title);
    if (!job || !(await job.isWaitingChildren())) return false;
    const before = await this.children(job);
    // One that ended while we looked has left the title's list by now.
    const after = before.gone.size > 0 ? await this.children(job) : before;
    const lost = [...before.gone].some((key) => after.gone.has(key));
    return (lost || after.known + after.gone.size === 0) && (await job.isWaitingChildren());
  }

  /** Takes the title's job out of the queue, with those of its jobs that nobody has begun. False where it is active. */
  async remove(title: string): Promise<boolean> {
    const job = await this.queue.getJob(title);
    await job?.removeUnprocessedChildren();
    return (await this.queue.remove(title)) > 0;
  }

  async close(): Promise<void> {
    await this.worker.close();
    await this.queue.close();
  }

  /** Of the jobs that the title waits for: how many the queue has, and those it has not, as after their removal. */
  private async children(job: Job<TitleJob>): Promise<{ known: number; gone: Set<string> }> {
    const children = { known: 0, gone: new Set<string>() };
    for (let cursor = 0; ;) {
      const page = await job.getDependencies({ unprocessed: { cursor, count: BULK } });
      const keys = page.unprocessed ?? [];
      const found = await Promise.all(keys.map((key) => this.hasChild(key)));
      keys.forEach((key, i) => (found[i] ? (children.known += 1) : children.gone.add(key)));
      cursor = page.nextUnprocessedCursor ?? 0;
      if (cursor === 0) return children;
    }
  }

  private async hasChild(key: string): Promise<boolean> {
    // <prefix>:<queue>:<id>; neither a stage's name nor a job's id holds a colon.
    const [queue = '', id = ''] = key.split(':').slice(-2);
    return (await this.options.queues.queue(queue).getJob(id)) !== undefined;
  }

  private async process(job: Job<TitleJob>, token: string, signal: AbortSignal | undefined): Promise<null> {
    const { title } = job.data;
    const active = await this.open(job);
    if (!active) return null;
    try {
      for (;;) {
        await throwChildFailure(job);
        const step = await active.runner.step();
        active.signal.throwIfAborted();
        if (step.done) {
          const totals = totalsOf(await job.getChildrenValues<StageJobResult>());
          await active.settle?.({ result: step.result, totals });
          this.results.set(title, step.result);
          return null;
        }
        await this.addChildren(job, step.jobs, active.runner);
        if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
      }
    } catch (error) {
      if (error instanceof WaitingChildrenError) throw error;
      if (signal?.aborted) throw jobError(lockLost(title), true);
      throw await this.failed(job, active, asHullcastError(error, `title ${title}`));
    }
  }

  private async open(job: Job<TitleJob>): Promise<ActiveTitle | undefined> {
    try {
      return await this.options.source.open(job.data.title);
    } catch (error) {
      const failure = asHullcastError(error, `title ${job.data.title}`);
      throw jobError(failure, failure.transient && !isLastAttempt(job));
    }
  }

  /** What to tell the queue of a title that fails, after its other jobs have ended and its end is known. */
  private async failed(job: Job<TitleJob>, active: ActiveTitle, error: HullcastError): Promise<Error> {
    const last = isLastAttempt(job);
    const { code, message } = error;
    if (error.transient && !last && !active.signal.aborted) {
      this.options.log.warn({ title: job.data.title, code, message }, 'the title will be tried again');
      return jobError(error, true);
    }
    try {
      await this.abandon(job);
      await active.settle?.({ error });
      return jobError(error, false);
    } catch (second) {
      const failure = asHullcastError(second, `the end of title ${job.data.title}`);
      return jobError(failure, failure.transient && !last);
    }
  }

  private async addChildren(
    parent: Job<TitleJob>,
    jobs: readonly PlannedJob[],
    runner: FlowRunner<unknown>,
  ): Promise<void> {
    const { queues, needs, onStep, attempts, retryDelayMs, byDue } = this.options;
    const step = stepName(jobs, runner.done());
    await parent.updateData({ ...parent.data, step });
    onStep?.(parent.data.title, step);
    // No job of an earlier step waits any more: these are all that the title waits for.
    const priority = byDue ? dueOf({ ...came(parent), jobs: jobs.length }) : undefined;
    const byStage = new Map<string, PlannedJob[]>();
    for (const job of jobs) {
      const group = byStage.get(job.stage) ?? [];
      group.push(job); // a film's step has tens of thousands: the group is not copied for each of them
      byStage.set(job.stage, group);
    }
    for (const [stage, group] of byStage) {
      needs?.(stage);
      const queue = queues.queue(stage);
      const children = group.map((job) => childJob(parent, job, { attempts, retryDelayMs, priority }));
      for (let at = 0; at < children.length; at += BULK) {
        await queue.addBulk(children.slice(at, at + BULK));
      }
    }
  }

  /** Stops the title's other jobs; they have ended when this returns, or their worker does not answer. */
  private async abandon(job: Job<TitleJob>): Promise<void> {
    const deadline = performance.now() + MAX_STOP_MS;
    await job.removeUnprocessedChildren();
    await this.options.stopJobs(job.data.title);
    while ((await this.children(job)).known > 0) {
      if (performance.now() > deadline) return;
      await delay(STOP_POLL_MS);
      await job.removeUnprocessedChildren(); // those that were to be tried again
    }
  }
}

/** Throws the error of the first child, by its name, that failed of itself. */
async function throwChildFailure(job: Job<TitleJob>): Promise<void> {
  const failures = Object.entries(await job.getIgnoredChildrenFailures())
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, reason]) => decodeFailure(reason));
  const first = failures.find((failure) => failure.code !== 'CANCELLED') ?? failures[0];
  if (!first) return;
  // The job was tried as often as it may be, and its failure stays: to try the title again could change nothing.
  throw finalFailure(first);
}

function isLastAttempt(job: Job): boolean {
  return job.attemptsMade + 1 >= (job.opts.attempts ?? 1);
}

function lockLost(title: string): HullcastError {
  return new HullcastError('LOCK_LOST', `title ${title} went to another process`, { transient: true });
}
