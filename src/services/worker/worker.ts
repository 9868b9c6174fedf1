import { badUsage } from '../../errors.js';
import { availableParallelism } from 'node:os';
import type { Logger } from 'pino';
import type { Tools } from '../../media/index.js';
import { type PipelineObserver, WorkerHost, allObservers, usableMemory } from '../../pipeline/index.js';
import { type EngineSettings, type Engines, openEngines } from '../engines/index.js';
import { type ListenAddress, createHealth, serveHealth } from '../health/index.js';
import { jobFields, publicText } from '../logging/index.js';
import { type Metrics, createMetrics } from '../metrics/index.js';
import type { Tracing } from '../tracing/index.js';
import { WorkerNode } from './node.js';

export interface WorkerOptions {
  settings: EngineSettings;
  tools: Tools;
  /** Stages to work on; all unless given. */
  stages?: readonly string[] | undefined;
  /** Jobs at a time; the number of cores unless given. */
  slots?: number | undefined;
  /** Most jobs of a stage at a time, where that is less. */
  limits?: Readonly<Record<string, number>> | undefined;
  /** Bytes of memory that jobs may need together; most of the machine's unless given. */
  memory?: number | undefined;
  /** Where /livez, /readyz and /metrics are answered. */
  listen: ListenAddress;
  version: string;
  log: Logger;
  tracing: Tracing;
  /** Ends the waits for servers that are away while the worker starts. */
  signal: AbortSignal;
}

/** A worker that takes jobs. */
export interface RunningWorker {
  /** Of its health and metrics, e.g. http://127.0.0.1:9090. */
  url: string;
  stages: string[];
  slots: number;
  /** Bytes of memory that its jobs may need together. */
  memory: number;
  /** Takes no more jobs, gives those under way `graceMs`, hands back the rest, and lets go of everything. */
  stop(graceMs: number): Promise<void>;
}

/** Throws STAGE_NAME where one is named that there is not. */
function checkStages(named: readonly string[], known: readonly string[]): void {
  const unknown = named.find((stage) => !known.includes(stage));
  if (unknown === undefined) return;
  throw badUsage('STAGE_NAME', `there is no stage called ${unknown}`, `Stages are ${known.join(', ')}.`);
}

/** Starts a worker of a fleet. Throws STAGE_NAME, HEALTH_PORT and what opening the engines throws. */
export async function startWorker(options: WorkerOptions): Promise<RunningWorker> {
  const { settings, log, version, tracing, signal } = options;
  const slots = options.slots ?? availableParallelism();
  const memory = options.memory ?? usableMemory();
  let metrics: Metrics | undefined;
  const engines = await openEngines(settings, {
    ...{ log, signal, telemetry: tracing.telemetry },
    observer: (event) => metrics?.store(event),
  });
  try {
    metrics = createMetrics({
      ...{ version, stages: engines.queues.names(), slots },
      onError: (source, error) => log.warn({ source, err: error }, 'a metric could not be read'),
    });
    const stages = options.stages ?? engines.queues.names();
    checkStages([...stages, ...Object.keys(options.limits ?? {})], engines.queues.names());
    const health = createHealth(
      [
        { name: 'queue', run: async () => void (await engines.queues.queue(stages[0] ?? '').getJobCounts()) },
        { name: 'store', run: () => engines.store.check(), cacheMs: 10_000, timeoutMs: 5000 },
      ],
      publicText(settings.env),
    );
    const server = await serveHealth({
      ...{ health, metrics, listen: options.listen },
      onError: (error) => log.error({ err: error }, 'health'),
    });
    const { host, node } = startHost(engines, { ...options, slots, memory, stages }, [
      metrics.pipeline,
      tracing.pipeline,
    ]);
    log.info({ stages, slots, memory, health: server.url }, 'the worker takes jobs');
    return {
      ...{ url: server.url, stages: [...stages], slots: host.state().slots, memory },
      async stop(graceMs) {
        health.drain();
        await node.drain(graceMs);
        await server.close();
        await engines.close();
      },
    };
  } catch (error) {
    await engines.close();
    throw error;
  }
}

type HostOf = Pick<WorkerOptions, 'tools' | 'log' | 'slots' | 'limits' | 'memory' | 'version'> & {
  stages: readonly string[];
};

/** Runs stages of the queue in this process, and tells the cluster of it. */
export function startHost(
  { backend, queues, artifacts, scratch, bus, keys }: Engines,
  { tools, log, slots, limits, memory, stages, version }: HostOf,
  observers: readonly (PipelineObserver | undefined)[],
): { host: WorkerHost; node: WorkerNode } {
  const host = new WorkerHost({
    ...{ backend, queues, artifacts, tools, keys, scratch, log, slots, limits, memory },
    logFields: jobFields,
    onEvent: (title, event) => bus.publish({ type: 'job', title, event }),
    onFailure: (failure) => bus.publish({ type: 'failure', failure }),
    observer: allObservers(
      observers.filter((observer) => observer !== undefined),
      (error) => log.error({ err: error }, 'an observer of the pipeline failed'),
    ),
  });
  for (const stage of stages) host.serve(stage);
  return { host, node: new WorkerNode(host, bus, version) };
}
