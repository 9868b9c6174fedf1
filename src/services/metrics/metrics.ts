import type { FastifyPluginCallback } from 'fastify';
import { Registry, collectDefaultMetrics } from 'prom-client';
import type { PipelineObserver } from '../../pipeline/index.js';
import type { StoreObserver } from '../../storage/index.js';
import { type WebhookOutcome, requestMetrics, webhookMetrics } from './api.js';
import { type Fleet, fleetMetrics } from './fleet.js';
import { instruments } from './instruments.js';
import { jobMetrics } from './jobs.js';
import { licenseMetrics } from './licenses.js';
import { storeMetrics } from './store.js';
import { type EndedTitle, titleMetrics } from './titles.js';

export interface MetricsOptions {
  /** hullcast's version. */
  version: string;
  /** Names of all stages. */
  stages: readonly string[];
  /** Places for jobs in this process; 0 in a control plane that runs none. */
  slots: number;
  /** Told of what a scrape could not read. */
  onError: (source: string, error: unknown) => void;
  /** How long a scrape waits for the queue and for the database, milliseconds; 3000 unless given. */
  collectTimeoutMs?: number;
}

/** The metrics of one process, in a registry of their own. Names and meanings: docs/operations.md. */
export interface Metrics {
  readonly pipeline: PipelineObserver;
  readonly store: StoreObserver;
  /** To be told of each title that has ended, by whoever wrote its end into the database. */
  titleEnded(title: EndedTitle): void;
  /** To be told of each attempt to deliver a webhook. */
  webhook(outcome: WebhookOutcome, seconds: number): void;
  /** To be told of each ask for a licence. */
  license: ReturnType<typeof licenseMetrics>;
  /** A plugin that counts a server's requests: `app.register(metrics.requests)`. */
  readonly requests: FastifyPluginCallback;
  /** From now on each scrape shows the queues, the workers and the titles. */
  watchFleet(fleet: Fleet): void;
  /** Everything in Prometheus' text format. Never fails for what could not be read. */
  text(): Promise<string>;
  /** Content-Type of `text`. */
  readonly contentType: string;
  readonly registry: Registry;
}

const COLLECT_TIMEOUT_MS = 3000;

export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const make = instruments(registry);
  make
    .gauge('hullcast_build_info', 'Always 1; the labels say what runs.', ['version', 'node'])
    .set({ version: options.version, node: process.version }, 1);
  make.gauge('hullcast_worker_slots', 'Places for jobs in this process.').set(options.slots);
  const fleet = fleetMetrics(make);
  const timeoutMs = options.collectTimeoutMs ?? COLLECT_TIMEOUT_MS;
  let collect: (() => Promise<void>) | undefined;
  return {
    registry,
    contentType: registry.contentType,
    pipeline: jobMetrics(make, options.stages),
    store: storeMetrics(make),
    titleEnded: titleMetrics(make),
    webhook: webhookMetrics(make),
    license: licenseMetrics(make),
    requests: requestMetrics(make),
    watchFleet: (watched) => {
      collect = fleet(watched, { timeoutMs, onError: options.onError });
    },
    text: async () => {
      await collect?.();
      return registry.metrics();
    },
  };
}
