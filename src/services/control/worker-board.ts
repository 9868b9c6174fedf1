import type { BusMessage, JobFailure, WorkerState } from '../../pipeline/index.js';
import type { StageFailure, WorkerInfo } from '../api/index.js';
import { parseRunId } from './run-id.js';

/** A worker that says nothing for this long is gone: six of its heartbeats. */
const GONE_AFTER_MS = 30_000;
const MAX_FAILURES = 50;

/** The workers that are alive and what failed lately, from what processes say on the bus. */
export class WorkerBoard {
  private readonly workers = new Map<string, { state: WorkerState; seenAt: number }>();
  private readonly recent: JobFailure[] = [];

  constructor(private readonly now: () => number = Date.now) {}

  hear(message: BusMessage): void {
    if (message.type === 'worker') {
      this.workers.set(message.worker.id, { state: message.worker, seenAt: this.now() });
    }
    if (message.type === 'failure') {
      this.recent.unshift(message.failure);
      this.recent.length = Math.min(this.recent.length, MAX_FAILURES);
    }
  }

  /** By the name of their machine, then by their id. */
  alive(): WorkerInfo[] {
    const oldest = this.now() - GONE_AFTER_MS;
    for (const [id, { seenAt }] of this.workers) if (seenAt < oldest) this.workers.delete(id);
    return [...this.workers.values()]
      .map(({ state, seenAt }) => ({
        ...state,
        jobs: state.jobs.map((job) => ({ ...job, title: titleOf(job.title) })),
        lastSeenAt: new Date(seenAt).toISOString(),
      }))
      .sort((a, b) => (`${a.host} ${a.id}` < `${b.host} ${b.id}` ? -1 : 1));
  }

  /** The newest first. */
  failures(): StageFailure[] {
    return this.recent.map((failure) => ({ ...failure, title: titleOf(failure.title) }));
  }
}

function titleOf(run: string): string {
  return parseRunId(run)?.id ?? run;
}
