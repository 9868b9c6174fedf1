import {
  type BackendFactory,
  type IQueueBackend,
  type Processor,
  FlowProducer,
  Queue,
  type Telemetry,
  Worker,
  type WorkerOptions,
} from 'bullmq';

/** The queue classes as everything above the seam sees them: whatever the data store, the same API. */
export type JobQueue<D> = Queue<D, unknown, string, D, unknown, string>;
export type JobWorker<D, R> = Worker<D, R>;
export type JobWorkerOptions = Omit<WorkerOptions, 'connection'>;

/** What makes queues, workers and flow producers on one data store. Each thing made is closed by who made it. */
export interface QueueClasses {
  queue<D>(name: string): JobQueue<D>;
  worker<D, R>(name: string, processor: Processor<D, R>, options?: JobWorkerOptions): JobWorker<D, R>;
  flows(): FlowProducer;
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

/**
 * Binds BullMQ's classes to a data store; `connection` is asked for on each use, as it exists only after start().
 * `telemetry` carries traces in the jobs.
 */
export function queueClasses<B extends IQueueBackend, C>(
  factory: BackendFactory<B, C>,
  connection: () => C,
  telemetry?: Telemetry,
): QueueClasses {
  // BullMQ carries the data store in the type arguments of its classes. Nothing above the seam may depend on it, so
  // it is dropped here, and only here.
  const bound = factory as unknown as BackendFactory;
  const options = (): { connection: never; telemetry?: Telemetry } => ({
    connection: connection() as never,
    ...(telemetry ? { telemetry } : {}),
  });
  return {
    queue: <D>(name: string) => new Queue(name, options(), bound) as unknown as JobQueue<D>,
    worker: <D, R>(name: string, processor: Processor<D, R>, more?: JobWorkerOptions) =>
      detached(
        telemetry,
        () => new Worker(name, processor, { ...more, ...options() }, bound) as unknown as JobWorker<D, R>,
      ),
    flows: () => new FlowProducer(options(), bound) as unknown as FlowProducer,
  };
}

/** Outside of any trace: a worker's loop goes on in the context in which it was made, which may be that of one title. */
function detached<T>(telemetry: Telemetry | undefined, make: () => T): T {
  const manager = telemetry?.contextManager;
  return manager?.root ? manager.with(manager.root(), make) : make();
}
