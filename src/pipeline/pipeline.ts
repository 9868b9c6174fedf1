import type { Telemetry } from 'bullmq';
import type { Logger } from 'pino';
import pino from 'pino';
import { HullcastError, badUsage } from '../errors.js';
import type { KeyService } from '../keys/index.js';
import type { Tools } from '../media/index.js';
import type { ObjectStore } from '../storage/index.js';
import { ArtifactStore } from './artifact.js';
import type { JobEvent } from './events.js';
import { cancelled } from './failure.js';
import { type Home, homeFolder, openHome } from './home.js';
import { WorkerHost } from './host.js';
import type { PipelineObserver } from './observer.js';
import type { QueueBackend } from './queue/backend.js';
import { embeddedQueue } from './queue/embedded.js';
import { abortController, onAbort } from './signals.js';
import type { Stage } from './stage.js';
import { StageQueues } from './stage-queues.js';
import { FlowRunner, type TitleFlow } from './title-flow.js';
import { type ActiveTitle, TitleQueue } from './title-queue.js';
import { type Totals, TotalsCounter } from './totals.js';

export interface PipelineOptions {
  stages: readonly Stage[];
  tools: Tools;
  /** Opens the key service over the home's store, for stages that encrypt. */
  keys?: ((store: ObjectStore) => KeyService) | undefined;
  /** Folder of all state; HULLCAST_HOME or `.hullcast` unless given. */
  home?: string;
  /** Stage runs at a time; the number of cores unless given. */
  slots?: number;
  /** Bytes of memory that stage runs may need together; most of the machine's unless given. */
  memory?: number;
  log?: Logger;
  /** First pause before a transient failure is tried again, milliseconds; 1000 unless given. Doubles each time. */
  retryDelayMs?: number;
  /** Carries traces in the jobs. */
  telemetry?: Telemetry | undefined;
  /** Told of every job. */
  observer?: PipelineObserver | undefined;
}

export interface RunOptions {
  /** Stops the title: its processes end, its finished work stays. */
  signal?: AbortSignal | undefined;
  onEvent?: ((event: JobEvent) => void) | undefined;
  /** Stages whose jobs count as encodes; `encode` unless given. */
  encodeStages?: readonly string[] | undefined;
}

export interface TitleOutcome<T> {
  result: T;
  totals: Totals;
}

interface RunningTitle {
  counter: TotalsCounter;
  onEvent: (event: JobEvent) => void;
  stop: AbortController;
  active?: ActiveTitle;
  /** Called when the queue has noted the end. */
  finish?: (result: unknown) => void;
  fail?: (error: unknown) => void;
  ended: Promise<unknown>;
}

/** How often a job is tried while its failures are transient. */
const ATTEMPTS = 3;

/** Letters, digits, `.`, `_`, `-`; not a whole number, which the queue keeps for ids of its own. */
const TITLE_ID = /^(?!\d+$)[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;

/** An open home with its queue and workers. */
export class Pipeline {
  /** Artifacts of every title made in this home. */
  readonly artifacts: ArtifactStore;
  /** Where content keys come from; undefined where nothing was said of it. */
  readonly keys: KeyService | undefined;
  private readonly queues: StageQueues;
  private readonly host: WorkerHost;
  private readonly titles: TitleQueue;
  private readonly running = new Map<string, RunningTitle>();
  private closing: Promise<void> | undefined;

  constructor(
    private readonly options: PipelineOptions & { log: Logger },
    private readonly home: Home,
    private readonly backend: QueueBackend,
  ) {
    const { stages, tools, slots, memory, log, observer } = options;
    const { scratch } = home;
    this.artifacts = new ArtifactStore(home.store, log);
    const keys = (this.keys = options.keys?.(home.store));
    const onEvent = (title: string, event: JobEvent): void => this.running.get(title)?.onEvent(event);
    const onSpent = (title: string, stage: string, cpuSeconds: number): void =>
      this.running.get(title)?.counter.process(stage, cpuSeconds);
    const { artifacts } = this;
    const queues = (this.queues = new StageQueues(backend, stages));
    this.host = new WorkerHost({
      ...{ backend, queues, artifacts, tools, keys, scratch, log, slots, memory, observer },
      onEvent,
      onSpent,
    });
    this.titles = new TitleQueue({
      ...{ backend, queues, log, attempts: ATTEMPTS, titleAttempts: 1 },
      retryDelayMs: options.retryDelayMs ?? 1000,
      needs: (stage) => this.host.serve(stage),
      stopJobs: (title) => this.stopJobs(title),
      source: {
        open: (title) => Promise.resolve(this.activeTitle(title)),
        ended: (title, end) => {
          const running = this.running.get(title);
          if ('error' in end) running?.fail?.(end.error);
          else running?.finish?.(end.result);
        },
        lost: (title, error) => this.running.get(title)?.fail?.(error),
      },
    });
  }

  /**
   * Makes a title: runs its flow, with what is finished already taken from the home. Throws what failed, CANCELLED when
   * the signal aborts, TITLE_BUSY where the title is being made already.
   */
  async run<T>(title: string, flow: TitleFlow<T>, options: RunOptions = {}): Promise<TitleOutcome<T>> {
    if (!TITLE_ID.test(title)) {
      throw badUsage(
        'TITLE_ID',
        `not a title id: ${JSON.stringify(title)}`,
        'Use letters, digits, ., _ and -.',
      );
    }
    if (this.closing) throw new HullcastError('PIPELINE_CLOSED', 'the pipeline is closed');
    if (this.running.has(title))
      throw new HullcastError('TITLE_BUSY', `title ${title} is being made already`);
    const counter = new TotalsCounter();
    const stop = abortController();
    const running: RunningTitle = {
      counter,
      stop,
      onEvent: this.listener(counter, options),
      ended: Promise.resolve(),
    };
    this.running.set(title, running);
    const ended = this.drive(title, flow, running, options.signal);
    running.ended = ended;
    try {
      return { result: await ended, totals: counter.totals(options.encodeStages ?? ['encode']) };
    } finally {
      this.running.delete(title);
    }
  }

  /** Stops the titles under way, waits for their processes to end, and lets go of the home. */
  close(): Promise<void> {
    this.closing ??= this.shutDown();
    return this.closing;
  }

  private async drive<T>(
    title: string,
    flow: TitleFlow<T>,
    running: RunningTitle,
    signal: AbortSignal | undefined,
  ): Promise<T> {
    const { counter, onEvent, stop } = running;
    const { host, titles, artifacts, queues } = this;
    const { tools, log, observer } = this.options;
    const onArtifact = counter.artifact.bind(counter);
    const stage = (name: string): Stage => queues.stage(name);
    const own = log.child({ title });
    const { signal: stopped } = stop;
    const env = { title, stage, artifacts, tools, log: own, signal: stopped, onEvent, onArtifact, observer };
    const runner = new FlowRunner(flow, env) as FlowRunner<unknown>;
    running.active = { runner, signal: stop.signal };
    const release = signal && onAbort(signal, () => stop.abort(cancelled(`title ${title}`)));
    try {
      const result = await new Promise<unknown>((resolve, reject) => {
        running.finish = resolve;
        running.fail = reject;
        stop.signal.addEventListener('abort', () => void this.stopTitle(title).catch(reject), { once: true });
        if (stop.signal.aborted) return reject(stop.signal.reason as Error);
        titles.add(title).catch(reject);
      });
      return result as T;
    } finally {
      release?.();
      await host.idle(title);
      host.forget(title);
    }
  }

  private activeTitle(title: string): ActiveTitle {
    const active = this.running.get(title)?.active;
    if (active) return active;
    throw new HullcastError('TITLE_UNKNOWN', `title ${title} is not under way in this process`);
  }

  private async stopJobs(title: string): Promise<void> {
    this.host.cancel(title);
    await this.host.idle(title);
  }

  private async stopTitle(title: string): Promise<void> {
    await this.stopJobs(title);
    // A title that is active at this moment cannot be removed, but sees the signal itself and fails.
    if (await this.titles.remove(title)) this.running.get(title)?.fail?.(cancelled(`title ${title}`));
  }

  private listener(counter: TotalsCounter, { onEvent }: RunOptions): (event: JobEvent) => void {
    return (event) => {
      counter.event(event);
      try {
        onEvent?.(event);
      } catch (error) {
        // A display that fails must not fail the work it shows.
        this.options.log.error({ event, error: String(error) }, 'a listener of job events failed');
      }
    };
  }

  private async shutDown(): Promise<void> {
    const running = [...this.running.entries()];
    for (const [title, { stop }] of running) stop.abort(cancelled(`title ${title}`));
    await Promise.allSettled(running.map(([, { ended }]) => ended));
    await this.titles.close();
    await this.host.close();
    await this.queues.close();
    await this.backend.stop();
    await this.home.release();
  }
}

/**
 * Opens the home and its queue. Jobs that a killed process left there are forgotten: their titles are run again by who
 * wants them, and find what is finished. Throws HOME_BUSY where another process uses the home.
 */
export async function openPipeline(options: PipelineOptions): Promise<Pipeline> {
  const log = options.log ?? pino({ level: 'silent' });
  const home = await openHome(options.home ?? homeFolder());
  const backend = embeddedQueue(home.queue, log, options.telemetry);
  try {
    await backend.start();
    await backend.purge();
    return new Pipeline({ ...options, log }, home, backend);
  } catch (error) {
    await backend.stop();
    await home.release();
    throw error;
  }
}

/** Opens a pipeline, makes one title and closes it again, whatever happens. */
export async function runTitle<T>(
  options: PipelineOptions,
  title: string,
  flow: TitleFlow<T>,
  run: RunOptions = {},
): Promise<TitleOutcome<T>> {
  const pipeline = await openPipeline(options);
  try {
    return await pipeline.run(title, flow, run);
  } finally {
    await pipeline.close();
  }
}
