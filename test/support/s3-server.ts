import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver, { type KoaContext } from 's3rver';
import { S3Backend } from './s3-backend.js';

/** An S3 server that runs for a test. */
export interface TestS3 {
  endpoint: string;
  /** A bucket that is there. */
  bucket: string;
  /** AWS_… variables with which a client finds it. */
  env: Record<string, string>;
  stop(): Promise<void>;
}

export interface S3ServerOptions {
  /** Buckets; `hullcast` unless given. The first is `bucket`. */
  buckets?: string[];
  /** Honours If-None-Match of a PUT, as S3 does and s3rver does not. */
  conditionalWrites?: boolean;
  /** Port on the loopback; a free one unless given. */
  port?: number;
  /** Where it keeps everything: an earlier one's to restart it. A temporary folder, removed at the end, unless given. */
  folder?: string;
}

/** The only account that s3rver knows. */
const ACCOUNT = 'S3RVER';

/** Starts s3rver within this process, on the loopback. */
export async function startS3(options: S3ServerOptions = {}): Promise<TestS3> {
  const { buckets = ['hullcast'], conditionalWrites = false, port: wanted = 0 } = options;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'hullcast-s3-')));
  const [directory, incoming] = [join(folder, 'buckets'), join(folder, 'incoming')];
  await Promise.all([directory, incoming].map((path) => mkdir(path, { recursive: true })));
  const server = new S3rver({
    ...{ address: '127.0.0.1', port: wanted, silent: true, directory, vhostBuckets: false },
    configureBuckets: buckets.map((name) => ({ name })),
  });
  const store = new S3Backend(directory, incoming);
  server.context.store = store;
  server.middleware.unshift(abortingUploads(store));
  if (conditionalWrites) server.middleware.unshift(refusingSecondWrites(store));
  const { port } = await server.run();
  const endpoint = `http://127.0.0.1:${port}`;
  return {
    endpoint,
    bucket: buckets[0]!,
    env: s3Env(endpoint),
    async stop() {
      server.httpServer.closeAllConnections();
      await new Promise<unknown>((done) => server.httpServer.close(done));
      if (options.folder === undefined) await rm(folder, { recursive: true });
    },
  };
}

/** Variables for an endpoint in front of the server, such as a proxy. */
export function s3Env(endpoint: string): Record<string, string> {
  return {
    AWS_ENDPOINT_URL_S3: endpoint,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: ACCOUNT,
    AWS_SECRET_ACCESS_KEY: ACCOUNT,
  };
}

/** AbortMultipartUpload, which s3rver lacks. */
function abortingUploads(store: S3Backend) {
  return async (ctx: KoaContext, next: () => Promise<unknown>): Promise<void> => {
    const { uploadId } = ctx.query;
    if (ctx.method !== 'DELETE' || uploadId === undefined) return void (await next());
    await store.abortUpload(ctx.path.split('/')[1]!, uploadId);
    ctx.status = 204;
  };
}

function refusingSecondWrites(store: S3Backend) {
  const busy = new Set<string>();
  return async (ctx: KoaContext, next: () => Promise<unknown>): Promise<void> => {
    if (ctx.method !== 'PUT' || ctx.headers['if-none-match'] !== '*') return void (await next());
    const [, bucket = '', key = ''] = /^\/([^/]+)\/(.+)$/.exec(decodeURIComponent(ctx.path)) ?? [];
    if (busy.has(ctx.path)) return refuse(ctx, 409, 'ConditionalRequestConflict');
    busy.add(ctx.path);
    try {
      if (await store.existsObject(bucket, key)) return refuse(ctx, 412, 'PreconditionFailed');
      await next();
    } finally {
      busy.delete(ctx.path);
    }
  };
}

function refuse(ctx: KoaContext, status: number, code: string): void {
  ctx.status = status;
  ctx.type = 'application/xml';
  ctx.body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message></Error>`;
}
