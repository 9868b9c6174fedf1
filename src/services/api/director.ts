import type { Title } from '../../db/index.js';
import type { Progress, QueueDepth, StageFailure, WorkerInfo } from '../contract/index.js';

/**
 * What the API asks of whoever drives titles. Implemented over the queue (src/services/control); tests of the API bring
 * their own.
 */
export interface Director {
  /** Sees to it that a queued title's job is in the queue; safe to call twice, and after a crash. */
  submit(title: Title): Promise<void>;
  /** Ends the jobs of a title whose cancellation is in the database. */
  cancel(titleId: string): Promise<void>;
  /** Progress of a title that runs; undefined where nothing is known of it. */
  progress(titleId: string): Progress | undefined;
  /** Calls back whenever the progress of any title changes, at most twice a second each; gives what stops it. */
  watch(listener: (progress: Progress) => void): () => void;
  workers(): WorkerInfo[];
  queues(): Promise<QueueDepth[]>;
  /** Stage runs that failed lately, the newest first. */
  failures(): StageFailure[];
}
