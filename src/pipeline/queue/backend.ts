import {
  type BackendFactory,
  type IQueueBackend,
  type Processor,
  FlowProducer,
  Queue,
  type QueueEvents,
  QueueEventsProducer,
  type Telemetry,
  Worker,
  type WorkerOptions,
} from 'bullmq';
import type { Logger } from 'pino';
import { PlacedQueueEvents } from './events.js';
import { GatedWorker, type JobGate } from './gated-worker.js';

/** The queue classes as everything above the seam sees them: whatever the data store, the same API. */
export type JobQueue<D> = Queue<D, unknown, string, D, unknown, string>;
export type JobWorker<D, R> = Worker<D, R>;
export interface JobWorkerOptions extends Omit<WorkerOptions, 'connection'> {
  /** The worker takes a job only with a place of this gate, which then limits its concurrency. */
  gate?: JobGate | undefined;
}

/** What makes queues, workers and so on with one data store. Each thing made is closed by who made it. */
export interface QueueClasses {
  queue<D>(name: string): JobQueue<D>;
  worker<D, R>(name: string, processor: Processor<D, R>, options?: JobWorkerOptions): JobWorker<D, R>;
  flows(): FlowProducer;
  /**
   * Hears the events of a queue's jobs, and what is published under its name. Once waitUntilReady() has resolved, nothing
   * is missed, except where the data store lost its data or forgot old events: 10,000 of a name are kept.
   */
  events(name: string): QueueEvents;
  /** Publishes events under a queue's name: to every process that listens, and to each listener there. */
  publisher(name: string): QueueEventsProducer;
}

/**
 * Where jobs are kept. Jobs are delivered at least once; a job whose worker died is delivered again. Whatever a queue
 * holds can be recomputed from the titles and the artifact store, so losing a queue loses no work.
 */
export interface QueueBackend extends QueueClasses {
  /** True where only this process can use the queue, so that every job found there at start is an orphan. */
  readonly exclusive: boolean;
  /** Opens the data store. Everything else is used between start() and stop(). */
  start(): Promise<void>;
  /** Forgets all jobs. Only for an exclusive backend, and before any worker was made. */
  purge(): Promise<void>;
  /** Closes the data store, if it is open; queues, workers and flow producers are closed before. */
  stop(): Promise<void>;
}

export interface QueueClassesOptions<B extends IQueueBackend> {
  /** Told of what goes wrong in a queue, a producer or a listener by itself; of a worker's errors who made it is told. */
  log: Logger;
  /** Begins the names of everything in the data store, where that may hold more than queues. */
  prefix?: string;
  /** Wakes a worker of another process that waits for a job of the queue, where the data store does not wake them all. */
  wake?: (backend: B) => Promise<void>;
  /** Carries traces in the jobs. */
  telemetry?: Telemetry | undefined;
}

/** Concurrency of a worker that a gate limits. */
const UNLIMITED = 1_000_000;

/** Binds BullMQ's classes to a data store; `connection` is asked for on each use, as it exists only after start(). */
export function queueClasses<B extends IQueueBackend, C>(
  factory: BackendFactory<B, C>,
  connection: () => C,
  { log, prefix, wake, telemetry }: QueueClassesOptions<B>,
): QueueClasses {
  // BullMQ carries the data store in the type arguments of its classes. Nothing above the seam may depend on it, so
  // it is dropped here, and only here.
  const bound = factory as unknown as BackendFactory;
  const options = (): { connection: never; prefix?: string; telemetry?: Telemetry } => ({
    connection: connection() as never,
    ...(prefix === undefined ? {} : { prefix }),
    ...(telemetry ? { telemetry } : {}),
  });
  const told = <T extends Failing>(name: string, made: T): T =>
    made.on('error', (error) => log.error({ queue: name, error: String(error) }, 'queue'));
  return {
    queue: <D>(name: string) => told(name, new Queue(name, options(), bound)) as unknown as JobQueue<D>,
    worker: <D, R>(name: string, processor: Processor<D, R>, { gate, ...more }: JobWorkerOptions = {}) => {
      const worker = detached(telemetry, () =>
        gate
          ? new GatedWorker(
              name,
              processor,
              { concurrency: UNLIMITED, ...more, ...options(), gate, wake: wake as never },
              bound,
            )
          : new Worker(name, processor, { ...more, ...options() }, bound),
      );
      return worker as unknown as JobWorker<D, R>;
    },
    flows: () => told('flows', new FlowProducer(options(), bound)) as unknown as FlowProducer,
    events: (name) => told(name, new PlacedQueueEvents(name, options(), bound)),
    publisher: (name) =>
      told(name, new QueueEventsProducer(name, options(), bound)) as unknown as QueueEventsProducer,
  };
}

/** Outside of any trace: a worker's loop goes on in the context in which it was made, which may be that of one title. */
function detached<T>(telemetry: Telemetry | undefined, make: () => T): T {
  const manager = telemetry?.contextManager;
  return manager?.root ? manager.with(manager.root(), make) : make();
}

interface Failing {
  on(event: 'error', listener: (error: Error) => void): this;
}
