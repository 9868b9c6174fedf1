import type { Json } from './stage.js';

/** A stage's job as observers see it: what travels in the queue, nothing more. */
export interface ObservedJob {
  title: string;
  stage: string;
  /** Name of the job, unique within the title. */
  job: string;
  params: Json;
}

/**
 * How a run of a job ended: `done`; `failed` for good; `retried` where the queue will try it again; `cancelled` with its
 * title; `lost` where its lock was, so that another worker may have the job; `handed-back` by a worker that stops.
 */
export const JOB_OUTCOMES = ['done', 'failed', 'retried', 'cancelled', 'lost', 'handed-back'] as const;
export type JobOutcome = (typeof JOB_OUTCOMES)[number];

export interface JobStart {
  /**
   * Seconds from when the queue could have given the job away until its run began, 0 or more. Undefined on later
   * attempts, for a queue does not say when a job came back to it.
   */
  waitSeconds: number | undefined;
}

export interface JobEnd {
  outcome: JobOutcome;
  /** With `done`: the artifact was there already, nothing was computed. */
  cached: boolean;
  /** Wall time of the run, seconds. */
  durationSeconds: number;
  /** CPU of the run's child processes, seconds; those of a failed run too. */
  cpuSeconds: number;
  /** With `done`: the artifact's result, plain JSON. */
  result?: unknown;
  /** Code of the error, where one ended the run. */
  code?: string | undefined;
}

/**
 * Whoever wants to know what a pipeline does: metrics, traces. Called in the asynchronous context of the run. Each
 * `started` is followed by exactly one `ended`.
 */
export interface PipelineObserver {
  started(job: ObservedJob, start: JobStart): void;
  ended(job: ObservedJob, end: JobEnd): void;
  /** A title's flow found the artifact of a job, so that no job was needed. */
  reused(stage: string): void;
}

/** An observer that tells several. One that throws is reported to `onError`, and does not touch the work or the others. */
export function allObservers(
  observers: readonly PipelineObserver[],
  onError: (error: unknown) => void,
): PipelineObserver {
  const tell = (call: (observer: PipelineObserver) => void): void => {
    for (const observer of observers) {
      try {
        call(observer);
      } catch (error) {
        onError(error);
      }
    }
  };
  return {
    started: (job, start) => tell((observer) => observer.started(job, start)),
    ended: (job, end) => tell((observer) => observer.ended(job, end)),
    reused: (stage) => tell((observer) => observer.reused(stage)),
  };
}

/** Of a queue's job: what tells how long it waited. Milliseconds. */
export interface QueuedJob {
  /** When it was added, since the epoch. */
  timestamp: number;
  /** How long it was not to be given away. */
  delay: number;
  /** Runs before this one. */
  attemptsMade: number;
}

/** See JobStart. Clocks of two machines differ: a job that seems to have begun before it was added has not waited. */
export function waitSeconds(
  { timestamp, delay, attemptsMade }: QueuedJob,
  nowMs: number,
): number | undefined {
  return attemptsMade > 0 ? undefined : Math.max(0, nowMs - timestamp - delay) / 1000;
}

/** Follows one run of a job, and tells the observer of its start and its one end. */
export class JobWatch {
  private startedAt: number | undefined;
  private cpuSeconds = 0;

  constructor(
    private readonly observer: PipelineObserver | undefined,
    private readonly job: ObservedJob,
    /** Milliseconds, ascending. */
    private readonly clock: () => number = () => performance.now(),
  ) {}

  /** The run begins. */
  start(queued: QueuedJob): void {
    this.startedAt = this.clock();
    this.observer?.started(this.job, { waitSeconds: waitSeconds(queued, Date.now()) });
  }

  /** A child process of the run has ended. */
  spent(cpuSeconds: number): void {
    this.cpuSeconds += cpuSeconds;
  }

  done(cached: boolean, result: unknown): void {
    this.end({ outcome: 'done', cached, result });
  }

  /** Ends a run that has begun and not ended; no other has anything to tell. */
  stop(outcome: Exclude<JobOutcome, 'done'>, code: string): void {
    this.end({ outcome, cached: false, code });
  }

  private end(end: Omit<JobEnd, 'durationSeconds' | 'cpuSeconds'>): void {
    if (this.startedAt === undefined) return;
    const durationSeconds = (this.clock() - this.startedAt) / 1000;
    this.startedAt = undefined;
    this.observer?.ended(this.job, { ...end, durationSeconds, cpuSeconds: this.cpuSeconds });
  }
}
