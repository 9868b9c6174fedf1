import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pino from 'pino';
import { type Database, IN_MEMORY, type Scope, type Title, openDatabase } from '../../../src/db/index.js';
import { makeToken } from '../../../src/services/tokens/index.js';
import {
  type Api,
  type ApiDeps,
  type Director,
  type Problem,
  type Progress,
  createApi,
  openUploads,
} from '../../../src/services/api/index.js';
import { allowedCallbacks, callbackPolicy } from '../../../src/services/webhooks/index.js';
import { FileStore } from '../../../src/storage/index.js';

/** A director that only notes what it is told, and tells what a test says. */
export class NotedDirector implements Director {
  readonly submitted: string[] = [];
  readonly cancelled: string[] = [];
  readonly listeners = new Set<(progress: Progress) => void>();
  readonly current = new Map<string, Progress>();
  /** Thrown by submit and cancel while set: the queue is away. */
  outage: Error | undefined;

  submit(title: Title): Promise<void> {
    if (this.outage) return Promise.reject(this.outage);
    this.submitted.push(title.id);
    return Promise.resolve();
  }
  cancel(titleId: string): Promise<void> {
    if (this.outage) return Promise.reject(this.outage);
    this.cancelled.push(titleId);
    return Promise.resolve();
  }
  progress(titleId: string): Progress | undefined {
    return this.current.get(titleId);
  }
  watch(listener: (progress: Progress) => void): () => void {
    this.listeners.add(listener);
    return () => void this.listeners.delete(listener);
  }
  tell(progress: Progress): void {
    for (const listener of this.listeners) listener(progress);
  }
  workers(): [] {
    return [];
  }
  queues(): Promise<{ stage: string; waiting: number; active: number; delayed: number }[]> {
    return Promise.resolve([{ stage: 'encode', waiting: 2, active: 1, delayed: 0 }]);
  }
  failures(): [] {
    return [];
  }
}

export interface TestApi {
  url: string;
  api: Api;
  db: Database;
  director: NotedDirector;
  store: FileStore;
  /** Ids of titles whose files were removed. */
  removed: string[];
  /** Lines of the log, as objects. */
  log: Record<string, unknown>[];
  folder: string;
  /** A bearer token with these scopes, and its id. */
  token(...scopes: Scope[]): Promise<{ secret: string; id: string }>;
  /** A request with a token; JSON bodies are objects. */
  call(
    method: string,
    path: string,
    secret?: string,
    options?: { body?: unknown; headers?: Record<string, string> },
  ): Promise<Response>;
  close(): Promise<void>;
}

/** A server on a free port, with everything in memory or in a folder that goes with it. */
export async function startApi(
  deps: Partial<ApiDeps> = {},
  { webhooks = true }: { webhooks?: boolean } = {},
): Promise<TestApi> {
  const folder = await mkdtemp(join(tmpdir(), 'hullcast-api-'));
  const log: Record<string, unknown>[] = [];
  const logger = pino(
    { level: 'debug' },
    { write: (line: string) => void log.push(JSON.parse(line) as Record<string, unknown>) },
  );
  const db =
    deps.db ??
    (await openDatabase(IN_MEMORY, { home: folder, log: logger, signal: new AbortController().signal }));
  const store = new FileStore(join(folder, 'store'));
  const scratch = join(folder, 'scratch');
  await mkdir(scratch);
  const director = new NotedDirector();
  const removed: string[] = [];
  const api = await createApi({
    ...{ db, store, director, scratch, log: logger, version: '0.0.0' },
    uploads: await openUploads(undefined, store),
    profiles: { default: { codecs: ['h264'] }, archive: { codecs: ['av1'] } },
    masters: { headObject: () => Promise.reject(new Error('no S3 in this test')) },
    masterBuckets: [],
    ...(webhooks ? { callbacks: callbackPolicy(allowedCallbacks('127.0.0.1')) } : {}),
    removeFiles: (id) => Promise.resolve(void removed.push(id)),
    ...deps,
  });
  await api.listen({ host: '127.0.0.1', port: 0 });
  const url = `http://127.0.0.1:${(api.server.address() as AddressInfo).port}`;
  return {
    ...{ url, api, db, director, store, removed, log, folder },
    async token(...scopes) {
      const { id, secret, digest } = makeToken();
      await db.tokens.create({ id, name: id, scopes, digest });
      return { secret, id };
    },
    call(method, path, secret, { body, headers = {} } = {}) {
      return fetch(url + path, {
        method,
        headers: {
          ...(secret === undefined ? {} : { authorization: `Bearer ${secret}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...headers,
        },
        ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
      });
    },
    async close() {
      await api.close();
      if (!deps.db) await db.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** The problem that an answer is; fails where it is none. */
export async function problemOf(response: Response): Promise<Problem> {
  const type = response.headers.get('content-type');
  const text = await response.text();
  if (type !== 'application/problem+json') throw new Error(`no problem: ${response.status} ${type} ${text}`);
  const problem = JSON.parse(text) as Problem;
  if (problem.status !== response.status)
    throw new Error(`status ${response.status}, but says ${problem.status}`);
  return problem;
}

/** Uploads bytes in one go; gives the upload's id. */
export async function upload(
  api: TestApi,
  secret: string,
  bytes: Uint8Array,
  name = 'master.mov',
): Promise<string> {
  const tus = { authorization: `Bearer ${secret}`, 'tus-resumable': '1.0.0' };
  const created = await fetch(`${api.url}/v1/uploads`, {
    method: 'POST',
    headers: {
      ...tus,
      'upload-length': String(bytes.length),
      'upload-metadata': `filename ${Buffer.from(name).toString('base64')}`,
      'content-type': 'application/offset+octet-stream',
    },
    body: bytes as BodyInit,
  });
  if (created.status !== 201) throw new Error(`${created.status} ${await created.text()}`);
  return created.headers.get('location')!.split('/').at(-1)!;
}
