import { HullcastError } from '../../errors.js';
import { Redis } from 'ioredis';
import { createReadStream } from 'node:fs';
import type { Logger } from 'pino';
import { type Database, openDatabase } from '../../db/index.js';
import { removeFromOrigin } from '../../distribute/index.js';
import type { Tools } from '../../media/index.js';
import { TITLE_QUEUE } from '../../pipeline/index.js';
import { type ForeignObjects, type StoreObserver, openForeignObjects } from '../../storage/index.js';
import { dashboardFile } from '../../web/index.js';
import { BOARD_PATH, queueBoard } from '../board/index.js';
import {
  type AdminPages,
  type Api,
  createApi,
  deliveredEvent,
  openUploads,
  redisLocks,
} from '../api/index.js';
import { type EngineOptions, type EngineSettings, type Engines, openEngines } from '../engines/index.js';
import { type ListenAddress, createHealth, healthRoutes, parseListen, serveHealth } from '../health/index.js';
import { publicText } from '../logging/index.js';
import { type Metrics, createMetrics } from '../metrics/index.js';
import type { Tracing } from '../tracing/index.js';
import { allowedCallbacks, callbackPolicy, startDeliveries, webhookSecrets } from '../webhooks/index.js';
import { startHost } from '../worker/index.js';
import { type Control, startControl } from './control.js';
import { openLicenses } from './licenses.js';
import { titleMaking } from './making.js';
import { trustedProxies } from './trusted-proxies.js';

export interface ServeOptions {
  settings: EngineSettings;
  /** HULLCAST_DB */
  database: string | undefined;
  tools: Tools;
  listen: ListenAddress;
  /** Options of titles by the name of their profile. */
  profiles: Readonly<Record<string, unknown>>;
  /** Jobs at a time in this process, where it embeds its queue and so does all the work; the number of cores unless given. */
  slots?: number | undefined;
  /** Bytes of memory that those may need together; most of the machine's unless given. */
  memory?: number | undefined;
  /** Opens the key service over the store; that of the environment unless given. */
  keys?: EngineOptions['keys'];
  version: string;
  log: Logger;
  tracing: Tracing;
  /** Ends the waits for servers that are away while the control plane starts. */
  signal: AbortSignal;
}

export interface ControlPlane {
  /** E.g. http://127.0.0.1:8080. */
  url: string;
  /** True where it also runs the jobs. */
  embedded: boolean;
  db: Database;
  /** Answers no more requests, gives jobs of this process `graceMs`, and lets go of everything. */
  stop(graceMs: number): Promise<void>;
}

/** Where health and metrics are answered besides the API's own address, where it is set. */
const HEALTH_LISTEN = 'HULLCAST_HEALTH_LISTEN';

/** Opens what the settings name, drives titles, and serves API, dashboard, health and metrics. */
export async function startControlPlane(options: ServeOptions): Promise<ControlPlane> {
  const closers: ((graceMs: number) => Promise<void>)[] = [];
  const close = async (graceMs: number): Promise<void> => {
    for (const closer of closers.reverse()) await closer(graceMs);
  };
  try {
    return await start(options, closers, close);
  } catch (error) {
    await close(0);
    throw error;
  }
}

type Closers = ((graceMs: number) => Promise<void>)[];

async function start(
  options: ServeOptions,
  closers: Closers,
  close: ControlPlane['stop'],
): Promise<ControlPlane> {
  const { settings, log, tools, version, tracing, signal } = options;
  const seen: { store?: StoreObserver } = {};
  const engines = await openEngines(settings, {
    ...{ log, signal, telemetry: tracing.telemetry },
    observer: (event) => seen.store?.(event),
    keys: options.keys,
  });
  closers.push(() => engines.close());
  const { backend, queues, bus, artifacts, store } = engines;
  const db = await openDatabase(options.database, { home: settings.home, log, signal });
  closers.push(() => db.close());
  const metrics = createMetrics({
    ...{ version, stages: queues.names(), slots: options.slots ?? 0 },
    onError: (source, error) => log.warn({ source, err: error }, 'a metric could not be read'),
  });
  seen.store = metrics.store;
  const keyService = engines.keys.name;
  const making = titleMaking({ db, store, tools, hullcastVersion: version, keyService });
  const control = startControl({
    ...{ backend, queues, bus, db, artifacts, tools, log, making },
    observer: metrics.pipeline,
    onEnded: (title) => metrics.titleEnded(title),
  });
  closers.push(() => control.close());
  metrics.watchFleet({ director: control.director, titles: db.titles });
  if (backend.exclusive) {
    const { node } = startHost(
      engines,
      { tools, log, version, slots: options.slots, memory: options.memory, stages: queues.names() },
      [metrics.pipeline, tracing.pipeline],
    );
    closers.push((graceMs) => node.drain(graceMs));
  }
  closers.push(webhooks(options, db, metrics));
  const api = await openApi(options, { engines, db, control, metrics }, closers);
  const { host, port } = options.listen;
  const url = await api.listen({ host, port }).catch((cause: Error) => {
    const hint = 'Name another address with --listen or in HULLCAST_LISTEN; port 0 takes one that is free.';
    throw new HullcastError('SERVE_PORT', `cannot listen on ${host}:${port}: ${cause.message}`, {
      hint,
      cause,
    });
  });
  return { url, embedded: backend.exclusive, db, stop: close };
}

interface Parts {
  engines: Engines;
  db: Database;
  control: Control;
  metrics: Metrics;
}

async function openApi(options: ServeOptions, parts: Parts, closers: Closers): Promise<Api> {
  const { settings, log, version, profiles, tracing } = options;
  const { engines, db, control, metrics } = parts;
  const { env } = settings;
  const { store, plainStore, backend, scratch } = engines;
  let foreign: Promise<ForeignObjects> | undefined;
  const locks = uploadLocks(settings, log);
  if (locks) closers.push(() => locks.close());
  const api = await createApi({
    ...{ db, store, log, version, profiles, scratch, director: control.director },
    uploads: await openUploads(settings.store, plainStore, { env, scratch }),
    ...(locks ? { uploadLocks: locks.locker } : {}),
    masters: { headObject: async (uri) => (await (foreign ??= openForeignObjects({ env }))).headObject(uri) },
    masterBuckets: listOf(env['HULLCAST_MASTER_BUCKETS']),
    ...(webhookSecrets(env).length > 0
      ? { callbacks: callbackPolicy(allowedCallbacks(env['HULLCAST_CALLBACK_ALLOW'])) }
      : {}),
    removeFiles: (titleId) => removeFromOrigin(store, titleId),
    admin: adminPages(engines, closers),
    corsOrigins: listOf(env['HULLCAST_CORS_ORIGINS']),
    trustedProxies: trustedProxies(env['HULLCAST_TRUSTED_PROXIES']),
  });
  const health = createHealth(
    [
      // All control planes lose these at once: with neither of them ready nobody could submit, list or cancel.
      {
        ...{ name: 'queue', dispensable: true },
        run: async () => void (await engines.queues.queue('probe').getJobCounts()),
      },
      { name: 'store', dispensable: true, run: () => store.check(), cacheMs: 10_000, timeoutMs: 5000 },
      { name: 'database', run: () => db.ping() },
    ],
    publicText(env),
  );
  await licenses(api, options, parts, closers);
  await api.register(healthRoutes({ health, metrics }));
  await api.register(metrics.requests);
  await api.register(tracing.requests);
  dashboard(api);
  const probes = env[HEALTH_LISTEN];
  if (probes) {
    const server = await serveHealth({
      ...{ health, metrics, listen: parseListen(probes, HEALTH_LISTEN) },
      onError: (error) => log.error({ err: error }, 'health'),
    });
    closers.push(() => server.close());
  }
  closers.push(async () => {
    health.drain();
    await api.close();
  });
  log.info({ embedded: backend.exclusive }, 'the control plane is ready');
  return api;
}

/** Bull Board, of every queue there is. */
function adminPages({ backend, queues }: Engines, closers: Closers): AdminPages {
  const titles = backend.queue(TITLE_QUEUE);
  closers.push(() => titles.close());
  const stages = queues.names().map((stage) => queues.queue(stage));
  return { path: BOARD_PATH, plugin: queueBoard([titles, ...stages]) };
}

async function licenses(
  api: Api,
  { settings: { env, queue }, log }: ServeOptions,
  { engines: { store, keys }, metrics }: Parts,
  closers: Closers,
): Promise<void> {
  const opened = await openLicenses({
    ...{ env, store, queue, keys, log, onAnswer: metrics.license },
    corsOrigins: listOf(env['HULLCAST_LICENSE_CORS_ORIGINS'] ?? env['HULLCAST_CORS_ORIGINS']),
  });
  if (!opened) return;
  closers.push(() => Promise.resolve(opened.close()));
  await api.register(opened.plugin, { prefix: '/license' });
}

/** The page at `/`. */
function dashboard(api: Api): void {
  api.get('/*', { schema: { hide: true } }, async (request, reply) => {
    const file = await dashboardFile(request.url.split('?', 1)[0] ?? '/');
    if (!file) return reply.callNotFound();
    return reply.headers(file.headers).send(createReadStream(file.path));
  });
}

/** Among several control planes an upload is written by one at a time. */
function uploadLocks(
  { queue }: EngineSettings,
  log: Logger,
): { locker: ReturnType<typeof redisLocks>['locker']; close(): Promise<void> } | undefined {
  if (!queue) return undefined;
  const redis = new Redis(queue, { maxRetriesPerRequest: 3 });
  redis.on('error', (error) => log.debug({ err: error }, 'redis of the locks of uploads'));
  const locks = redisLocks({ redis, log });
  return {
    locker: locks.locker,
    async close() {
      await locks.close();
      redis.disconnect();
    },
  };
}

function webhooks(
  { settings: { env }, log }: ServeOptions,
  db: Database,
  metrics: Metrics,
): () => Promise<void> {
  const secrets = webhookSecrets(env);
  if (secrets.length === 0) return () => Promise.resolve();
  const deliveries = startDeliveries({
    ...{ outbox: db.outbox, secrets, log, present: deliveredEvent },
    policy: callbackPolicy(allowedCallbacks(env['HULLCAST_CALLBACK_ALLOW'])),
    onAttempt: (outcome, seconds) => metrics.webhook(outcome, seconds),
  });
  return () => deliveries.stop();
}

function listOf(text: string | undefined): string[] {
  return (text ?? '')
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}
