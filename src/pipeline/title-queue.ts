import { type Job, WaitingChildrenError } from 'bullmq';
import type { Logger } from 'pino';
import { HullcastError } from '../errors.js';
import { asHullcastError, decodeFailure, jobError } from './failure.js';
import type { StageJob, WorkerHost } from './host.js';
import type { JobQueue, JobWorker, QueueBackend } from './queue/backend.js';
import { type FlowRunner, type PlannedJob, stepName } from './title-flow.js';

/** What travels in a title's job. */
export interface TitleJob {
  title: string;
  /** What the title waits for. */
  step: string;
}

/** A title under way in this process. */
export interface ActiveTitle {
  runner: FlowRunner<unknown>;
  signal: AbortSignal;
  /** What the flow gave, once it has ended. */
  result?: unknown;
  /** Called when the queue has noted the end: from then on the title may be added again. */
  finish(result: unknown): void;
  fail(error: HullcastError): void;
}

export interface TitleQueueOptions {
  backend: QueueBackend;
  host: WorkerHost;
  log: Logger;
  /** First pause before a transient failure is tried again, milliseconds; doubles each time. */
  retryDelayMs: number;
}

export const TITLE_QUEUE = 'title';
/** Titles at a time; between waits they cost next to nothing. */
const CONCURRENCY = 64;
const ATTEMPTS = 3;
/** Hex digits of the artifact key in a job's id. */
const ID_DIGITS = 24;

/**
 * Titles as step jobs: a title's job runs its flow until that needs other jobs, adds these as its children, goes to
 * wait for them, and runs the flow again once they are finished, or as soon as one has failed.
 */
export class TitleQueue {
  private readonly active = new Map<string, ActiveTitle>();
  private readonly queue: JobQueue<TitleJob>;
  private readonly worker: JobWorker<TitleJob, null>;

  constructor(private readonly options: TitleQueueOptions) {
    const { backend, log } = options;
    this.queue = backend.queue<TitleJob>(TITLE_QUEUE);
    this.worker = backend.worker<TitleJob, null>(
      TITLE_QUEUE,
      (job, token) => this.process(job, token ?? ''),
      {
        concurrency: CONCURRENCY,
        skipStalledCheck: backend.exclusive,
      },
    );
    this.worker.on('error', (error) =>
      log.error({ queue: TITLE_QUEUE, error: String(error) }, 'queue worker'),
    );
    this.worker.on('completed', ({ data: { title } }) => {
      const active = this.active.get(title);
      active?.finish(active.result);
    });
    this.worker.on('failed', (job, error) => {
      if (job) this.active.get(job.data.title)?.fail(decodeFailure(error.message));
    });
    this.worker.on('lockRenewalFailed', (titles) => {
      for (const title of titles) this.active.get(title)?.fail(lockLost(title));
    });
  }

  async add(title: string, active: ActiveTitle): Promise<void> {
    this.active.set(title, active);
    const data: TitleJob = { title, step: '' };
    await this.queue.add(title, data, { jobId: title, removeOnComplete: true, removeOnFail: true });
  }

  /** Ends a title whose jobs are cancelled: takes those that still wait out of their queues. */
  async stop(title: string, error: HullcastError): Promise<void> {
    const job = await this.queue.getJob(title);
    await job?.removeUnprocessedChildren();
    // A title that is active at this moment cannot be removed, but sees the signal itself and fails.
    if ((await this.queue.remove(title)) > 0) this.active.get(title)?.fail(error);
  }

  forget(title: string): void {
    this.active.delete(title);
  }

  async close(): Promise<void> {
    await this.worker.close();
    await this.queue.close();
  }

  private async process(job: Job<TitleJob>, token: string): Promise<null> {
    const { title } = job.data;
    const active = this.active.get(title);
    try {
      if (!active)
        throw new HullcastError('TITLE_UNKNOWN', `title ${title} is not under way in this process`);
      for (;;) {
        await this.throwChildFailure(job);
        const step = await active.runner.step();
        if (step.done) {
          active.result = step.result;
          return null;
        }
        active.signal.throwIfAborted();
        await this.addChildren(job, step.jobs);
        if (await job.moveToWaitingChildren(token)) throw new WaitingChildrenError();
      }
    } catch (error) {
      if (error instanceof WaitingChildrenError) throw error;
      await this.abandon(job);
      throw jobError(asHullcastError(error, `title ${title}`), false);
    }
  }

  /** Throws the error of the first child, by its name, that failed of itself. */
  private async throwChildFailure(job: Job<TitleJob>): Promise<void> {
    const failures = Object.entries(await job.getIgnoredChildrenFailures())
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([, reason]) => decodeFailure(reason));
    const first = failures.find((failure) => failure.code !== 'CANCELLED') ?? failures[0];
    if (first) throw first;
  }

  private async addChildren(parent: Job<TitleJob>, jobs: readonly PlannedJob[]): Promise<void> {
    await parent.updateData({ ...parent.data, step: stepName(jobs) });
    const byStage = new Map<string, PlannedJob[]>();
    for (const job of jobs) byStage.set(job.stage, [...(byStage.get(job.stage) ?? []), job]);
    for (const [stage, group] of byStage) {
      this.options.host.serve(stage);
      await this.options.host.queue(stage).addBulk(group.map((job) => this.child(parent, job)));
    }
  }

  private child(parent: Job<TitleJob>, { stage, key, job, params }: PlannedJob): ChildJob {
    const { title } = parent.data;
    return {
      name: job,
      data: { title, stage, job, params },
      opts: {
        jobId: `${title}.${stage}.${key.slice(0, ID_DIGITS)}`,
        parent: { id: title, queue: parent.queueQualifiedName },
        // The title goes on, to stop its other jobs and to fail with this one's error.
        continueParentOnFailure: true,
        attempts: ATTEMPTS,
        backoff: { type: 'exponential', delay: this.options.retryDelayMs },
        // What is finished is in the artifact store, and a failure is kept with the parent: leaving the job would
        // keep one of the same id from being added again.
        removeOnComplete: true,
        removeOnFail: true,
      },
    };
  }

  /** Stops the title's other jobs; they have ended when this returns. */
  private async abandon(job: Job<TitleJob>): Promise<void> {
    const { host } = this.options;
    host.cancel(job.data.title);
    await host.idle(job.data.title);
    await job.removeUnprocessedChildren();
  }
}

function lockLost(title: string): HullcastError {
  return new HullcastError('LOCK_LOST', `title ${title} went to another worker`, { transient: true });
}

interface ChildJob {
  name: string;
  data: StageJob;
  opts: {
    jobId: string;
    parent: { id: string; queue: string };
    continueParentOnFailure: boolean;
    attempts: number;
    backoff: { type: 'exponential'; delay: number };
    removeOnComplete: boolean;
    removeOnFail: boolean;
  };
}
