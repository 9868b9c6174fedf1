import { availableParallelism } from 'node:os';
import { type Job, WaitingError } from 'bullmq';
import type { Logger } from 'pino';
import { HullcastError } from '../errors.js';
import type { KeyService } from '../keys/index.js';
import type { Tools } from '../media/index.js';
import { type ArtifactStore, artifactKey } from './artifact.js';
import type { JobFailure, WorkerState } from './bus.js';
import type { JobEvent } from './events.js';
import { asHullcastError, cancelled, jobError } from './failure.js';
import { Gate, usableMemory } from './gate.js';
import { JobWatch, type PipelineObserver } from './observer.js';
import { performStage } from './perform.js';
import type { JobWorker, QueueBackend } from './queue/backend.js';
import { abortController, linkSignals, throttle } from './signals.js';
import type { Stage } from './stage.js';
import type { StageJob, StageJobResult, StageQueues } from './stage-queues.js';

export interface HostOptions {
  backend: QueueBackend;
  queues: StageQueues;
  artifacts: ArtifactStore;
  tools: Tools;
  /** For stages that encrypt. */
  keys?: KeyService | undefined;
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
  onFailure?: ((failure: JobFailure) => void) | undefined;
  /** Told of every run of a job. */
  observer?: PipelineObserver | undefined;
  /** Fields of each line of the log about a job; its title and its name unless given. */
  logFields?: ((job: StageJob) => object) | undefined;
}

const PROGRESS_INTERVAL_MS = 500;
/** Saving progress is a transaction of the queue's database: for who looks into the queue, seldom is enough. */
const SAVE_INTERVAL_MS = 5000;
/** Titles whose cancellation is remembered, so that jobs of theirs that come late are not begun. */
const MAX_CANCELLED = 1000;
/** Workers that may die over one job before it counts as the cause: machines that vanish are the normal case. */
const MAX_STALLED = 10;

interface TitleWork {
  /** Aborts every job of the title, those that come later included. */
  stop: AbortController;
  active: Set<Promise<unknown>>;
}

/** Runs stages for the jobs of their queues, one queue a stage, never more than `slots` at a time. */
export class WorkerHost {
  private readonly workers = new Map<string, JobWorker<StageJob, StageJobResult>>();
  private readonly titles = new Map<string, TitleWork>();
  private readonly active = new Map<Job<StageJob>, { startedAt: string }>();
  private readonly handBack = abortController();
  private readonly gate: Gate;
  private closing: Promise<void> | undefined;

  constructor(private readonly options: HostOptions) {
    this.gate = new Gate({
      size: options.slots ?? availableParallelism(),
      order: options.queues.names(),
      limits: options.limits,
      memory: options.memory ?? usableMemory(),
    });
  }

  /** Starts to work on a stage's queue, if it does not already. Throws STAGE_UNKNOWN. */
  serve(stageName: string): void {
    if (this.workers.has(stageName)) return;
    const { backend, queues, log } = this.options;
    const stage = queues.stage(stageName);
    const worker = backend.worker<StageJob, StageJobResult>(
      stageName,
      // Three parameters: BullMQ makes a signal only for a processor that takes one.
      (job, token, signal) => this.process(stage, job, token ?? '', signal ?? abortController().signal),
      {
        gate: this.gate,
        maxStalledCount: MAX_STALLED,
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

  /** What this process is doing. */
  state(): Pick<WorkerState, 'stages' | 'slots' | 'busy' | 'draining' | 'jobs'> {
    const jobs = [...this.active].map(([{ data }, { startedAt }]) => ({
      ...{ title: data.title, stage: data.stage, job: data.job, startedAt },
    }));
    return {
      stages: [...this.workers.keys()],
      slots: this.gate.size,
      busy: jobs.length,
      draining: this.closing !== undefined,
      jobs,
    };
  }

  /** Aborts the title's jobs, active and to come. */
  cancel(title: string): void {
    const work = this.work(title);
    work.stop.abort(cancelled(`title ${title}`));
    const idle = [...this.titles].filter(([, { stop, active }]) => stop.signal.aborted && active.size === 0);
    for (const [old] of idle.slice(0, Math.max(0, idle.length - MAX_CANCELLED))) this.titles.delete(old);
  }

  /** Waits until no job of the title is active here. */
  async idle(title: string): Promise<void> {
    await Promise.allSettled(this.work(title).active);
  }

  /** Forgets that the title was cancelled. */
  forget(title: string): void {
    this.titles.delete(title);
  }

  /** Takes no more jobs, waits for those under way, then stops. */
  close(): Promise<void> {
    this.closing ??= Promise.all([...this.workers.values()].map((worker) => worker.close())).then(
      () => undefined,
    );
    return this.closing;
  }

  /**
   * Like close(), but jobs that are not finished within `graceMs` are stopped and go back to their queues, where another
   * worker finds them at once.
   */
  async drain(graceMs: number): Promise<void> {
    const timer = setTimeout(() => this.handBack.abort(handedBack()), graceMs);
    try {
      await this.close();
    } finally {
      clearTimeout(timer);
    }
  }

  private work(title: string): TitleWork {
    const work = this.titles.get(title) ?? { stop: abortController(), active: new Set() };
    this.titles.set(title, work);
    return work;
  }

  private async process(
    stage: Stage,
    job: Job<StageJob>,
    token: string,
    signal: AbortSignal,
  ): Promise<StageJobResult> {
    const work = this.work(job.data.title);
    const linked = linkSignals(signal, work.stop.signal, this.handBack.signal);
    let started = false;
    const watch = new JobWatch(this.options.observer, job.data);
    const needs = { stage: stage.name, due: job.priority, bytes: stage.memory?.(job.data.params) ?? 0 };
    const running = this.gate.withMemory(needs, linked.controller.signal, () => {
      started = true;
      watch.start(job);
      this.active.set(job, { startedAt: new Date().toISOString() });
      return this.run(stage, job, linked.controller.signal, watch);
    });
    work.active.add(running);
    try {
      return await running;
    } catch (error) {
      const stopped = work.stop.signal.aborted;
      if (signal.aborted && !stopped) {
        watch.stop('lost', 'LOCK_LOST');
        throw this.lost(job);
      }
      if (this.handBack.signal.aborted && !stopped) {
        watch.stop('handed-back', 'HANDED_BACK');
        return await this.giveBack(job, token);
      }
      const cause = stopped ? cancelled(`job ${job.data.job} of title ${job.data.title}`) : error;
      throw this.failed(job, cause, started ? watch : undefined);
    } finally {
      linked.release();
      this.active.delete(job);
      work.active.delete(running);
      if (work.active.size === 0 && !work.stop.signal.aborted) this.titles.delete(job.data.title);
    }
  }

  private async run(
    stage: Stage,
    job: Job<StageJob>,
    signal: AbortSignal,
    watch: JobWatch,
  ): Promise<StageJobResult> {
    const { artifacts, tools, keys, scratch, log, logFields, onSpent } = this.options;
    const { title, job: name, key: expected, params } = job.data;
    if (artifactKey(stage, tools, params) !== expected) throw otherTools(stage, tools);
    const own = log.child(logFields?.(job.data) ?? { title, job: name });
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
    let spent = 0;
    const onUsage = ({ cpuSeconds }: { cpuSeconds: number }): void => {
      spent += cpuSeconds;
      watch.spent(cpuSeconds);
      onSpent?.(title, stage.name, cpuSeconds);
    };
    const env = { artifacts, tools, keys, scratch, log: own, signal, progress, onUsage };
    const { key, cached, result } = await performStage(stage, params, env);
    await saved;
    watch.done(cached, result);
    this.emit(job, { state: 'done', cached });
    return { key, cached, spent };
  }

  /** What to tell the queue; a failure that is final also stops the title's other jobs. */
  private failed(job: Job<StageJob>, error: unknown, watch: JobWatch | undefined): Error {
    const { title, stage, job: name } = job.data;
    const reason = asHullcastError(error, `stage ${stage}, job ${name}`);
    const retry = reason.transient && job.attemptsMade + 1 < (job.opts.attempts ?? 1);
    const { code, message } = reason;
    watch?.stop(code === 'CANCELLED' ? 'cancelled' : retry ? 'retried' : 'failed', code);
    this.options.log.debug(
      { title, job: name, code, retry, stack: (error as Error).stack },
      'stage run failed',
    );
    if (reason.code !== 'CANCELLED') this.tellFailure(job, reason, retry);
    if (retry) {
      this.options.log.warn({ title, job: name, code, message }, 'will be tried again');
    } else {
      if (watch) this.emit(job, { state: 'failed', message });
      this.cancel(title);
    }
    return jobError(reason, retry);
  }

  private tellFailure(job: Job<StageJob>, { code, message, process }: HullcastError, retry: boolean): void {
    const { title, stage, job: name } = job.data;
    this.options.onFailure?.({
      ...{ title, stage, job: name, at: new Date().toISOString(), code, message, willRetry: retry },
      ...process,
    });
  }

  /** Puts a job back that this process has no more time for; it counts as never begun. */
  private async giveBack(job: Job<StageJob>, token: string): Promise<never> {
    const { title, job: name } = job.data;
    this.options.log.info({ title, job: name }, 'a job is handed back: this worker stops');
    await job.moveToWait(token);
    throw new WaitingError();
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

function handedBack(): HullcastError {
  return new HullcastError('HANDED_BACK', 'the worker stops, and another does the job', { transient: true });
}

/** Another worker may have the right ones, so it is tried again. */
function otherTools(stage: Stage, tools: Tools): HullcastError {
  const own = stage.uses.map((name) => `${name} ${tools[name].version}`).join(', ');
  return new HullcastError(
    'TOOLS_DIFFER',
    `stage ${stage.name}: this worker (${own}, version ${stage.version} of the stage) is not of the version that plans the title`,
    {
      hint: 'Run the same version of hullcast and the same tools on every machine: `hullcast doctor` names them.',
      transient: true,
    },
  );
}
