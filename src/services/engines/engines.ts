import type { Logger } from 'pino';
import type { Telemetry } from 'bullmq';
import { fetchStage } from '../../ingest/index.js';
import { type KeyService, openKeyService } from '../../keys/index.js';
import {
  ArtifactStore,
  type Bus,
  type Home,
  type NodeHome,
  type QueueBackend,
  type Stage,
  StageQueues,
  localBus,
  openHome,
  openNodeHome,
  openQueue,
  queueBus,
} from '../../pipeline/index.js';
import {
  type ObjectStore,
  type StoreObserver,
  observeStore,
  openForeignObjects,
  openStore,
} from '../../storage/index.js';
import { STAGES } from '../../title/index.js';

/** Which engines a process uses. What is left out is embedded in the home. */
export interface EngineSettings {
  /** Folder of all state of this machine. */
  home: string;
  /** HULLCAST_QUEUE */
  queue: string | undefined;
  /** HULLCAST_STORE */
  store: string | undefined;
  /** HULLCAST_CACHE_BYTES: most bytes of the local cache of a store on the network. */
  cacheBytes: number | undefined;
  /** HULLCAST_LOCK_SECONDS: how long a worker that says nothing keeps its jobs. */
  lockSeconds?: number | undefined;
  env: NodeJS.ProcessEnv;
}

export interface EngineOptions {
  log: Logger;
  /** Ends the waits for servers that are away. */
  signal: AbortSignal;
  observer?: StoreObserver | undefined;
  telemetry?: Telemetry | undefined;
  /** Opens the key service over the store; that of the environment unless given. */
  keys?: ((store: ObjectStore) => KeyService) | undefined;
}

/** A queue, a store and what hangs on them, open. */
export interface Engines {
  backend: QueueBackend;
  bus: Bus;
  store: ObjectStore;
  /** The store itself, unobserved. */
  plainStore: ObjectStore;
  artifacts: ArtifactStore;
  queues: StageQueues;
  stages: readonly Stage[];
  keys: KeyService;
  /** Folder of this process's own. */
  scratch: string;
  close(): Promise<void>;
}

/** Every stage of a submitted title, in the order of the flow. */
export function submittedStages(store: ObjectStore, { env }: Pick<EngineSettings, 'env'>): readonly Stage[] {
  const foreign = () => openForeignObjects({ env });
  return [fetchStage({ store, foreign }), ...STAGES] as readonly Stage[];
}

/**
 * Opens what the settings name. A process that embeds its queue has the home to itself; others of a fleet share it, each
 * with a folder of its own. Throws what opening the home, the store and the queue throws.
 */
export async function openEngines(settings: EngineSettings, options: EngineOptions): Promise<Engines> {
  const { log, signal, observer, telemetry } = options;
  const { env } = settings;
  const keys = options.keys ?? ((store) => openKeyService(env, { store, home: settings.home }));
  const home = await (settings.queue ? openNodeHome(settings.home) : openHome(settings.home));
  const undo: (() => Promise<void>)[] = [() => home.release()];
  try {
    const opened = await openStore(settings.store, {
      // A store on files is shared by all processes of the machine; a cache is one process's.
      home: settings.store ? home.root : settings.home,
      ...{ cacheBytes: settings.cacheBytes, env: settings.env, log },
    });
    const store = observer ? observeStore(opened, observer) : opened;
    const folder = isHome(home) ? home.queue : '';
    const backend = openQueue(settings.queue, {
      ...{ folder, log, signal, telemetry },
      lockSeconds: settings.lockSeconds,
    });
    await backend.start();
    undo.unshift(() => backend.stop());
    if (backend.exclusive) await backend.purge();
    const bus = backend.exclusive ? localBus(log) : queueBus(backend, log);
    const stages = submittedStages(store, settings);
    const queues = new StageQueues(backend, stages);
    undo.unshift(
      () => bus.close(),
      () => queues.close(),
    );
    const artifacts = new ArtifactStore(store, log);
    return {
      ...{ backend, bus, store, plainStore: opened, artifacts, queues, stages, scratch: home.scratch },
      keys: keys(store),
      close: () => inTurn(undo),
    };
  } catch (error) {
    await inTurn(undo);
    throw error;
  }
}

/** A home of its own, with a queue in it. */
function isHome(home: Home | NodeHome): home is Home {
  return 'queue' in home;
}

async function inTurn(steps: readonly (() => Promise<void>)[]): Promise<void> {
  for (const step of steps) await step();
}
