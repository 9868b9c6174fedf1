import type { Logger } from 'pino';
import type { Database, Title } from '../../db/index.js';
import {
  type ArtifactStore,
  type Bus,
  type PipelineObserver,
  type QueueBackend,
  type StageQueues,
  TitleQueue,
  type ToolVersions,
} from '../../pipeline/index.js';
import { QueueDirector } from './queue-director.js';
import { type TitleMaking, TitleRuns } from './title-runs.js';

export interface ControlOptions<R> {
  backend: QueueBackend;
  queues: StageQueues;
  bus: Bus;
  db: Pick<Database, 'titles'>;
  artifacts: ArtifactStore;
  tools: ToolVersions;
  log: Logger;
  making: TitleMaking<R>;
  /** First pause before a transient failure is tried again, milliseconds; 1000 unless given. */
  retryDelayMs?: number;
  /** Between two comparisons of database and queue, milliseconds; 30 s unless given. */
  reconcileMs?: number;
  observer?: PipelineObserver | undefined;
  /** Told of a title whose end was written to the database. */
  onEnded?: ((title: Title) => void) | undefined;
}

/** What drives the titles of a database in this process. */
export interface Control {
  director: QueueDirector;
  /** Waits for the flows that are being run at this moment; their titles go on in another process, or in the next one. */
  close(): Promise<void>;
}

/** Failures that pass are tried for some four minutes in all, which outlasts a restart of the store or the database. */
const ATTEMPTS = 9;
const RECONCILE_MS = 30_000;

/** Starts to take titles' jobs, and to compare the database with the queue, now and from time to time. */
export function startControl<R>(options: ControlOptions<R>): Control {
  const { backend, queues, bus, db, log, retryDelayMs = 1000, reconcileMs = RECONCILE_MS } = options;
  const stage = queues.stage.bind(queues);
  const runs = new TitleRuns({ ...options, stage });
  const titles = new TitleQueue({
    ...{ backend, queues, log, retryDelayMs, source: runs },
    ...{ attempts: ATTEMPTS, titleAttempts: ATTEMPTS, byDue: true },
    onStep: (title, stages) => bus.publish({ type: 'step', title, stages }),
    stopJobs: (title) => Promise.resolve(bus.publish({ type: 'cancel', title })),
  });
  const withdraw = (titleId: string): Promise<void> => options.making.withdraw(titleId);
  const director = new QueueDirector({ db, titles, queues, bus, log, withdraw, onEnded: options.onEnded });
  const reconcile = repeated(reconcileMs, async () => {
    await director.reconcile().catch((error: unknown) => {
      log.warn({ error: String(error) }, 'database and queue were not compared: next time'); // one of them is away
    });
  });
  return {
    director,
    async close() {
      await reconcile.stop();
      await titles.close();
      runs.close();
      director.close();
    },
  };
}

/** Does the work now and again `ms` after its end. */
function repeated(ms: number, work: () => Promise<void>): { stop(): Promise<void> } {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running: Promise<void>;
  const turn = (): void => {
    running = work().then(() => {
      if (!stopped) timer = setTimeout(turn, ms).unref();
    });
  };
  turn();
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
