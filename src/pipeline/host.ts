import { availableParallelism } from 'node:os';
import type { Job } from 'bullmq';
import type { Logger } from 'pino';
import { HullcastError } from '../errors.js';
import type { Tools } from '../media/index.js';
import type { ArtifactStore } from './artifact.js';
import type { JobEvent } from './events.js';
import { asHullcastError, cancelled, jobError } from './failure.js';
import { Gate, usableMemory } from './gate.js';
import { performStage } from './perform.js';
import type { JobQueue, JobWorker, QueueBackend } from './queue/backend.js';
import { abortController, linkSignals, throttle } from './signals.js';
import type { Json, Stage } from './stage.js';

/** What travels in a stage's job: references only, never media, keys or secrets. */
export interface StageJob {
  title: string;
  stage: string;
  /** Name of the job in events, unique within the title. */
  job: string;
  params: Json;
}

/** What a stage's job gives: the artifact's name. */
export interface StageJobResult {
  key: string;
}

export interface HostOptions {
  backend: QueueBackend;
  stages: readonly Stage[];
  artifacts: ArtifactStore;
  tools: Tools;
  /** Folder for scratch folders. */
  scratch: string;
  log: Logger;
  /** Stage runs at a time; the number of cores unless given. */
  slots?: number | undefined;
  /** Most runs of a stage at a time, where that is less. */
  limits?: Readonly<Record<string, number>> | undefined;
  /** Bytes of memory that runs may need together; most of the machine's unless given. */
  memory?: number | undefined;
  onEvent?: ((title: string, event: JobEvent) => void) | undefined;
  /** Told of the CPU, in seconds, that each child process of a job used. */
  onSpent?: ((title: string, stage: string, cpuSeconds: number) => void) | undefined;
}

const STAGE_NAME = /^[a-z][a-z0-9-]*$/;
const PROGRESS_INTERVAL_MS = 500;
/** Saving progress is a transaction of the queue's database: for who looks into the queue, seldom is enough. */
const SAVE_INTERVAL_MS = 5000;

interface TitleWork {
  /** Aborts every job of the title, those that come later included. */
  stop: AbortController;
  active: Set<Promise<unknown>>;
}

/** Runs stages for the jobs of their queues, one queue a stage, never more than `slots` at a time. */
export class WorkerHost {
  private readonly stages = new Map<string, Stage>();
  private readonly workers = new Map<string, JobWorker<StageJob, StageJobResult>>();
  private readonly queues = new Map<string, JobQueue<StageJob>>();
  private readonly titles = new Map<string, TitleWork>();
  private readonly gate: Gate;

  constructor(private readonly options: HostOptions) {
    this.gate = new Gate({
      size: options.slots ?? availableParallelism(),
      order: options.stages.map(({ name }) => name),
      limits: options.limits,
      memory: options.memory ?? usableMemory(),
    });
    for (const stage of options.stages) {
      if (!STAGE_NAME.test(stage.name)) throw new RangeError(`not a stage name: ${stage.name}`);
      if (this.stages.has(stage.name)) throw new RangeError(`two stages have the name ${stage.name}`);
      this.stages.set(stage.name, stage);
    }
  }

  /** Throws STAGE_UNKNOWN. */
  stage(name: string): Stage {
    const stage = this.stages.get(name);
    if (!stage) throw new HullcastError('STAGE_UNKNOWN', `there is no stage called ${name}`);
    return stage;
  }

  queue(stage: string): JobQueue<StageJob> {
    const queue = this.queues.get(stage) ?? this.options.backend.queue<StageJob>(this.stage(stage).name);
    this.queues.set(stage, queue);
    return queue;
  }

  /** Starts to work on a stage's queue, if it does not already. */
  serve(stageName: string): void {
    if (this.workers.has(stageName)) return;
    const { backend, log } = this.options;
    const stage = this.stage(stageName);
    const worker = backend.worker<StageJob, StageJobResult>(
      stageName,
      // Three parameters: BullMQ makes a signal only for a processor that takes one.
      (job, _token, signal) => this.process(stage, job, signal ?? abortController().signal),
      {
        gate: this.gate,
        // In an exclusive queue nobody else could have taken a job whose lock ran out, as in a computer's sleep.
        skipStalledCheck: backend.exclusive,
      },
    );
    worker.on('lockRenewalFailed', (ids) => {
      for (const id of ids) worker.cancelJob(id, 'its lock was lost: another worker may have the job');
    });
    worker.on('error', (error) => log.error({ stage: stageName, error: String(error) }, 'queue worker'));
    this.workers.set(stageName, worker);
  }

  /** Aborts the title's jobs, active and to come. */
  cancel(title: string): void {
    this.work(title).stop.abort(cancelled(`title ${title}`));
  }

  /** Waits until no job of the title is active here. */
  async idle(title: string): Promise<void> {
    await Promise.allSettled(this.work(title).active);
  }

  /** Forgets that the title was cancelled. */
  forget(title: string): void {
    this.titles.delete(title);
  }

  /** Waits for active jobs, then stops. */
  async close(): Promise<void> {
    await Promise.all([...this.workers.values()].map((worker) => worker.close()));
    await Promise.all([...this.queues.values()].map((queue) => queue.close()));
  }

  private work(title: string): TitleWork {
    const work = this.titles.get(title) ?? { stop: abortController(), active: new Set() };
    this.titles.set(title, work);
    return work;
  }

  private async process(stage: Stage, job: Job<StageJob>, signal: AbortSignal): Promise<StageJobResult> {
    const work = this.work(job.data.title);
    const linked = linkSignals(signal, work.stop.signal);
    let started = false;
    const bytes = stage.memory?.(job.data.params) ?? 0;
    const running = this.gate.withMemory(stage.name, bytes, linked.controller.signal, () => {
      started = true;
      return this.run(stage, job, linked.controller.signal);
    });
    work.active.add(running);
    try {
      return await running;
    } catch (error) {
      const stopped = work.stop.signal.aborted;
      if (signal.aborted && !stopped) throw this.lost(job);
      throw this.failed(
        job,
        stopped ? cancelled(`job ${job.data.job} of title ${job.data.title}`) : error,
        started,
      );
    } finally {
      linked.release();
      work.active.delete(running);
      if (work.active.size === 0 && !work.stop.signal.aborted) this.titles.delete(job.data.title);
    }
  }

  private async run(stage: Stage, job: Job<StageJob>, signal: AbortSignal): Promise<StageJobResult> {
    const { artifacts, tools, scratch, log, onSpent } = this.options;
    const { title, job: name, params } = job.data;
    const own = log.child({ title, job: name });
    let saved: Promise<void> = Promise.resolve();
    const save = throttle(SAVE_INTERVAL_MS, (done: number, total: number) => {
      saved = saved
        .then(() => job.updateProgress({ done, total }))
        .catch((error: unknown) => own.warn({ error: String(error) }, 'progress was not saved')); // the work goes on
    });
    const progress = throttle(PROGRESS_INTERVAL_MS, (done: number, total: number) => {
      this.emit(job, { state: 'progress', done, total });
      save(done, total);
    });
    this.emit(job, { state: 'started' });
    const onUsage = (usage: { cpuSeconds: number }): void => onSpent?.(title, stage.name, usage.cpuSeconds);
    const env = { artifacts, tools, scratch, log: own, signal, progress, onUsage };
    const { key, cached } = await performStage(stage, params, env);
    await saved;
    this.emit(job, { state: 'done', cached });
    return { key };
  }

  /** What to tell the queue; a failure that is final also stops the title's other jobs. */
  private failed(job: Job<StageJob>, error: unknown, started: boolean): Error {
    const { title, stage, job: name } = job.data;
    const reason = asHullcastError(error, `stage ${stage}, job ${name}`);
    const retry = reason.transient && job.attemptsMade + 1 < (job.opts.attempts ?? 1);
    const { code, message } = reason;
    this.options.log.debug(
      { title, job: name, code, retry, stack: (error as Error).stack },
      'stage run failed',
    );
    if (retry) {
      this.options.log.warn({ title, job: name, code, message }, 'will be tried again');
    } else {
      if (started) this.emit(job, { state: 'failed', message });
      this.cancel(title);
    }
    return jobError(reason, retry);
  }

  /** The job went on elsewhere: nothing has failed, and what is thrown here reaches nobody. */
  private lost(job: Job<StageJob>): Error {
    const { title, job: name } = job.data;
    this.options.log.warn({ title, job: name }, 'the lock of a job was lost: its run here was stopped');
    return jobError(
      new HullcastError('LOCK_LOST', `job ${name} went to another worker`, { transient: true }),
      true,
    );
  }

  private emit(job: Job<StageJob>, event: Omit<JobEvent, 'type' | 'stage' | 'job'>): void {
    const { title, stage, job: name } = job.data;
    this.options.onEvent?.(title, { type: 'job', stage, job: name, ...event });
  }
}
