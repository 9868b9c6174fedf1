import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type RedisServer, startRedis } from '../../../fixtures/redis-server.js';
import {
  ArtifactStore,
  StageQueues,
  TITLE_QUEUE,
  embeddedQueue,
  localBus,
  redisQueue,
} from '../../../src/pipeline/index.js';
import { BOARD_PATH, queueBoard } from '../../../src/services/board/index.js';
import { startControl } from '../../../src/services/control/index.js';
import { titleMaking } from '../../../src/services/control/making.js';
import { submittedStages } from '../../../src/services/engines/engines.js';
import { FileStore } from '../../../src/storage/index.js';
import { TOOLS, silent, until } from '../../pipeline/support.js';
import { type TestApi, startApi } from '../api/support.js';

export interface BoardSetting {
  api: TestApi;
  /** Address of the board. */
  url: string;
  queues: StageQueues;
  /** Texts that the outside, the board included, must not see. */
  secrets: string[];
  /** Names of all queues. */
  names: string[];
  stop(): Promise<void>;
}

const SECRET = 'kept-to-ourselves';

/** A control plane with a title that waits for its first job, which nobody does, and the board of its queues. */
export async function openBoard(kind: 'redis' | 'embedded'): Promise<BoardSetting> {
  const folder = await mkdtemp(join(tmpdir(), 'hullcast-board-'));
  const redis: RedisServer | undefined = kind === 'redis' ? await startRedis() : undefined;
  const backend = redis ? redisQueue(redis.url, silent) : embeddedQueue(join(folder, 'queue'), silent);
  await backend.start();
  const store = new FileStore(join(folder, 'store'));
  const queues = new StageQueues(backend, submittedStages(store, { env: {} }));
  const titles = backend.queue<object>(TITLE_QUEUE);
  const stages = queues.names().map((name) => queues.queue(name));
  const plugin = queueBoard([titles, ...stages]);
  const limits = { failuresPerMinute: 6, requestSeconds: 5 };
  const trustedProxies = ['127.0.0.1'];
  const api = await startApi({ admin: { path: BOARD_PATH, plugin }, limits, trustedProxies });
  const { db } = api;
  const control = startControl({
    ...{ backend, queues, bus: localBus(silent), db, tools: TOOLS, log: silent },
    artifacts: new ArtifactStore(store, silent),
    making: titleMaking({ db, store, tools: TOOLS, hullcastVersion: '0.0.0' }),
  });
  const token = await api.token('submit');
  const { title } = await db.titles.create({
    ...{ id: 'a-title', name: 'a.mov', profile: 'default', options: {}, priority: 7, requestDigest: SECRET },
    source: { kind: 's3', bucket: 'masters', key: 'a.mov', bytes: 5, etag: 'e' },
    ...{ metadata: { note: SECRET }, externalId: SECRET, idempotencyKey: SECRET },
    ...{ callbackUrl: `https://user:${SECRET}@hooks.example/${SECRET}`, tokenId: token.id },
  });
  await control.director.submit(title);
  await until(async () => (await queues.queue('fetch').getJobCountByTypes('waiting', 'prioritized')) === 1);
  return {
    ...{ api, queues },
    url: api.url + BOARD_PATH,
    secrets: [SECRET, token.id, token.secret, ...(redis ? [new URL(redis.url).password] : [])],
    names: [TITLE_QUEUE, ...queues.names()],
    async stop() {
      await api.close();
      await control.close();
      await titles.close();
      await queues.close();
      await backend.stop();
      await redis?.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The header that a browser sends once somebody has given it this password. */
export function basic(password: string, user = 'anybody'): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}
