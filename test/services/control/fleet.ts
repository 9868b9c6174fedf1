import type { Logger } from 'pino';
import type { Database, NewTitle, Title } from '../../../src/db/index.js';
import {
  ArtifactStore,
  type Bus,
  type QueueBackend,
  type Stage,
  StageQueues,
  type TitleFlow,
  WorkerHost,
} from '../../../src/pipeline/index.js';
import { type Control, startControl } from '../../../src/services/control/index.js';
import { WorkerNode } from '../../../src/services/worker/index.js';
import type { ObjectStore } from '../../../src/storage/index.js';
import { TOOLS, silent } from '../../pipeline/support.js';

export interface FleetParts {
  backend: QueueBackend;
  bus: Bus;
  db: Database;
  store: ObjectStore;
  scratch: string;
  stages: readonly Stage[];
  flow: (title: string) => TitleFlow<unknown>;
  /** Is waited for by a publication, when all of it is written. */
  onPublished?: (title: Title) => Promise<unknown>;
  /** Is waited for before a publication is taken back. */
  onWithdraw?: () => Promise<void>;
  /** Is told of titles whose end was written to the database. */
  onEnded?: (title: Title) => void;
  /** Unless given nobody hears it. */
  log?: Logger;
  /** First pause before a transient failure is tried again, milliseconds; 20 unless given. */
  retryDelayMs?: number;
}

export const RESULT = {
  ...{ frames: 1, fps: '24/1', width: 2, height: 2, renditions: [], findings: 0, manifests: [] },
  cost: { wallSeconds: 0, cpuSeconds: 0, encodes: 0, cacheHits: 0 },
};

/** A control plane on stages of a test's own; what its flows give is in `published`, by title. */
export function controlOf(parts: FleetParts, published = new Map<string, unknown>()): Control {
  const { backend, bus, db, store, stages, flow, onPublished, onWithdraw, onEnded } = parts;
  const { log = silent, retryDelayMs = 20 } = parts;
  return startControl<unknown>({
    ...{ backend, bus, db, tools: TOOLS, log, retryDelayMs, reconcileMs: 500, onEnded },
    queues: new StageQueues(backend, stages),
    artifacts: new ArtifactStore(store, silent),
    making: {
      flow: ({ id }) => flow(id),
      async publish(title, { result }) {
        published.set(title.id, result);
        await onPublished?.(title);
        return RESULT;
      },
      async withdraw(id) {
        await onWithdraw?.();
        published.delete(id);
      },
    },
  });
}

/** A worker process, but for the process. */
export function workerOf(parts: FleetParts, slots = 2): WorkerNode {
  const { backend, bus, store, scratch, stages } = parts;
  const host = new WorkerHost({
    ...{ backend, tools: TOOLS, scratch, log: silent, slots },
    queues: new StageQueues(backend, stages),
    artifacts: new ArtifactStore(store, silent),
    onEvent: (title, event) => bus.publish({ type: 'job', title, event }),
    onFailure: (failure) => bus.publish({ type: 'failure', failure }),
  });
  for (const { name } of stages) host.serve(name);
  return new WorkerNode(host, bus, '1.0');
}

export const newTitle = (id: string, tokenId: string, more: Partial<NewTitle> = {}): NewTitle => ({
  ...{ id, name: `${id}.mov`, profile: 'default', options: {}, priority: 5, requestDigest: id, tokenId },
  source: { kind: 's3', bucket: 'b', key: 'k', bytes: 1, etag: 'e' },
  ...more,
});
