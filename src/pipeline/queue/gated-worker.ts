import { setTimeout as sleep } from 'node:timers/promises';
import {
  type BackendFactory,
  type IQueueBackend,
  type Job,
  type Processor,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import { abortController } from '../signals.js';
import type { Leave } from '../waiters.js';

/** Grants places for jobs. The workers of a process share one. */
export interface JobGate {
  /** A place for a job of the queue, where there is one at once. */
  tryEnter(queue: string): Leave | undefined;
  /**
   * Waits for a place. `firstDue` is asked, whenever several wait and there is one, for the priority of the job that the
   * queue would give: the lowest goes first; undefined where it seems to have none. Rejects with the signal's reason.
   */
  enter(queue: string, firstDue: () => Promise<number | undefined>, signal: AbortSignal): Promise<Leave>;
  /** Whoever got a place for the queue does not ask for another one; else others wait until it has. */
  goAway(queue: string): void;
}

export interface GatedWorkerOptions extends WorkerOptions {
  gate: JobGate;
  /** Wakes a worker that waits for jobs in another process, where the queue has any; nothing unless given. */
  wake?: ((backend: IQueueBackend) => Promise<void>) | undefined;
}

/** Pause after a failed attempt to take a job, milliseconds: what is wrong with the queue is told, but not in a flood. */
const FAILED_PAUSE_MS = 1000;

/** How long a wake-up waits for a place of this process, milliseconds, before another one gets it. */
const PASS_ON_MS = 100;

/**
 * A worker that takes a job only when it has a place for it: what it cannot begin now it leaves to others. A place is
 * taken for the moment of looking, and kept until the job ends. `concurrency` should be no less than the gate's size.
 */
export class GatedWorker<D, R> extends Worker<D, R> {
  private readonly gate: JobGate;
  private readonly wake: GatedWorkerOptions['wake'];
  /** Jobs that are taken and not begun, with their places. */
  private readonly taken = new Map<Job, Leave>();
  /** Ends the waits for a place. */
  private away = abortController();

  constructor(
    name: string,
    processor: Processor<D, R>,
    options: GatedWorkerOptions,
    factory: BackendFactory,
  ) {
    const { gate, wake, autorun = true, ...more } = options;
    super(name, processor, { ...more, autorun: false }, factory as never);
    this.gate = gate;
    this.wake = wake;
    // Not before the gate is there.
    if (autorun) this.run().catch((error: Error) => this.emit('error', error));
  }

  protected override async moveToActive(token: string, name?: string): Promise<Job<D, R>> {
    const leave = this.leaving ? undefined : await this.place();
    let job: Job<D, R> | undefined;
    try {
      if (leave && !this.leaving) job = await super.moveToActive(token, name);
      if (leave && job) this.taken.set(job, leave);
    } catch (error) {
      leave?.();
      // Ends early when the worker goes away.
      if (!this.leaving)
        await sleep(FAILED_PAUSE_MS, undefined, { signal: this.away.signal }).catch(() => undefined);
      throw error;
    } finally {
      if (!job) leave?.();
    }
    return job as Job<D, R>; // undefined where there is none: BullMQ's types are loose here
  }

  /** Never goes on with a next job by itself: that one needs a place of its own. */
  override async processJob(job: Job<D, R>, token: string): Promise<void | Job<D, R>> {
    const leave = this.taken.get(job);
    this.taken.delete(job);
    try {
      return await super.processJob(job, token, () => false);
    } finally {
      leave?.();
    }
  }

  override async pause(doNotWaitActive?: boolean): Promise<void> {
    const paused = super.pause(doNotWaitActive);
    this.goAway();
    await paused;
  }

  override async close(force?: boolean): Promise<void> {
    const closed = super.close(force);
    this.goAway();
    await closed;
  }

  private get leaving(): boolean {
    return this.closing !== undefined || this.paused;
  }

  /** A place; undefined where there is something better to do than to wait for one. */
  private async place(): Promise<Leave | undefined> {
    // BullMQ takes as many jobs as it can get before it begins the first: here none waits for the next one's place.
    if (this.taken.size > 0) return undefined;
    const leave = this.gate.tryEnter(this.name);
    if (leave) return leave;
    // The wake-up that led here was perhaps the only one, and another process may have a place: it is passed on. Not at
    // once: a place that others only look with is free in a moment, and idle workers would wake each other for ever.
    const passOn = setTimeout(() => {
      this.wake?.(this.backend).catch((error: Error) => {
        if (!this.leaving) this.emit('error', error);
      });
    }, PASS_ON_MS);
    const { signal } = this.away;
    try {
      return await this.gate.enter(this.name, () => firstPriority(this.backend), signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      throw error;
    } finally {
      clearTimeout(passOn);
    }
  }

  private goAway(): void {
    this.away.abort(new Error('the worker is paused or closed'));
    this.gate.goAway(this.name);
    this.away = abortController();
  }
}

/** The priority of the job that the queue would give next, 0 where it has none of its own; undefined where no job waits. */
export async function firstPriority(
  queue: Pick<IQueueBackend, 'getRanges' | 'getJobData'>,
): Promise<number | undefined> {
  for (;;) {
    const [plain, prioritized] = (await queue.getRanges(
      ['waiting', 'prioritized'],
      0,
      0,
      true,
    )) as string[][];
    if (plain?.length) return 0;
    const id = prioritized?.[0];
    if (id === undefined) return undefined;
    const job = await queue.getJobData(id);
    if (job) return job.priority ?? 0;
    // Taken and finished between the two questions: another one is first.
  }
}
