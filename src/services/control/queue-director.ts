import type { Logger } from 'pino';
import type { Database, Title } from '../../db/index.js';
import type { Bus, StageQueues, TitleQueue } from '../../pipeline/index.js';
import type { Director, Progress, QueueDepth, StageFailure, WorkerInfo } from '../api/index.js';
import { ProgressBoard } from './progress-board.js';
import { runIdOf } from './run-id.js';
import { WorkerBoard } from './worker-board.js';

export interface DirectorOptions {
  db: Pick<Database, 'titles'>;
  titles: TitleQueue;
  queues: StageQueues;
  bus: Bus;
  log: Logger;
  /** Takes a publication away that was begun. */
  withdraw: (titleId: string) => Promise<void>;
  /** Told of a title whose end was written to the database. */
  onEnded?: ((title: Title) => void) | undefined;
}

/** Titles looked at in one page while reconciling. */
const PAGE = 200;

/** Drives titles over the queue. Any number of control planes may have one. */
export class QueueDirector implements Director {
  private readonly board = new ProgressBoard();
  private readonly staff = new WorkerBoard();
  private readonly unsubscribe: () => void;

  constructor(private readonly options: DirectorOptions) {
    this.unsubscribe = options.bus.subscribe((message) => {
      this.board.hear(message);
      this.staff.hear(message);
    });
  }

  async submit(title: Title): Promise<void> {
    const { priority } = title;
    await this.options.titles.add(runIdOf(title), { priority, sinceMs: queuedAtMs(title) });
  }

  /**
   * Tells all workers, and takes what nobody has begun out of the queue. Where a job of the title is under way, its end
   * wakes the title, which then ends itself; where none is, the title is over now.
   */
  async cancel(titleId: string): Promise<void> {
    const { db, titles, bus, withdraw, onEnded } = this.options;
    const title = await db.titles.get(titleId);
    if (title?.state !== 'cancelling') return;
    const run = runIdOf(title);
    bus.publish({ type: 'cancel', title: run });
    const gone = (await titles.remove(run)) || (await titles.find(run)) === undefined;
    if (!gone) return;
    await withdraw(titleId); // of a control plane that died while it published
    if (!(await db.titles.cancelled(titleId, title.attempt))) return; // it was ended elsewhere, and told there
    const ended = onEnded && (await db.titles.get(titleId));
    if (ended) onEnded(ended);
  }

  /**
   * Puts right what a lost queue, a lost message or a control plane that died between two writes left: titles of the
   * database that should run have a job, titles that wait for jobs which are gone run again, cancellations are finished.
   */
  async reconcile(): Promise<void> {
    const { db } = this.options;
    let cursor: string | undefined;
    do {
      const page = await db.titles.list({
        ...{ states: ['queued', 'running', 'cancelling'], limit: PAGE },
        ...(cursor === undefined ? {} : { cursor }),
      });
      for (const title of page.titles) await this.reconcileTitle(title);
      cursor = page.next;
    } while (cursor !== undefined);
  }

  progress(titleId: string): Progress | undefined {
    return this.board.get(titleId);
  }

  watch(listener: (progress: Progress) => void): () => void {
    return this.board.watch(listener);
  }

  workers(): WorkerInfo[] {
    return this.staff.alive();
  }

  failures(): StageFailure[] {
    return this.staff.failures();
  }

  async queues(): Promise<QueueDepth[]> {
    const { queues } = this.options;
    return Promise.all(
      queues.names().map(async (stage) => {
        const counts = await queues.queue(stage).getJobCounts('waiting', 'prioritized', 'active', 'delayed');
        const { waiting = 0, prioritized = 0, active = 0, delayed = 0 } = counts;
        return { stage, waiting: waiting + prioritized, active, delayed };
      }),
    );
  }

  close(): void {
    this.unsubscribe();
    this.board.close();
  }

  private async reconcileTitle(title: Title): Promise<void> {
    const { titles, log } = this.options;
    if (title.state === 'cancelling') return this.cancel(title.id);
    const run = runIdOf(title);
    const found = await titles.find(run);
    if (found) this.board.prime(run, found.step);
    if (!found) {
      log.warn({ title: title.id }, 'the queue has no job of a title that should run: it is added again');
      return this.submit(title);
    }
    if (found.waits && (await titles.dangling(run)) && (await titles.remove(run))) {
      log.warn({ title: title.id }, 'a title waited for jobs that the queue has lost: it runs again');
      await this.submit(title);
    }
  }
}

/** When the title's attempt was asked for, or, of a retry that runs, when it began: milliseconds since 1970. */
export function queuedAtMs({
  attempt,
  createdAt,
  startedAt,
  updatedAt,
}: Pick<Title, 'attempt' | 'createdAt' | 'startedAt' | 'updatedAt'>): number {
  return Date.parse(attempt === 1 ? createdAt : (startedAt ?? updatedAt));
}
