import { join } from 'node:path';
import type { Logger } from 'pino';
import { type HullcastError, badUsage } from '../errors.js';
import { FileStore } from './file-store.js';
import { LocalCache } from './local-cache.js';
import { type ObjectStore, isKey } from './object-store.js';
import type { Timing } from './s3/index.js';
import { parseS3Uri } from './s3-uri.js';

/** What an open store tells of its work, for metrics. */
export type StoreEvent =
  | { type: 'sent' | 'received'; bytes: number }
  /** A local file was asked for; `hit` where it was there already. */
  | { type: 'lookup'; hit: boolean }
  /** A request is sent again, after an outage or an overload. */
  | { type: 'retry' };

export interface OpenStoreOptions {
  /** Folder of all state of this process: a store on files lies below it, and the cache of one on the network. */
  home: string;
  /** Most bytes that unused files of the cache take of the disk; HULLCAST_CACHE_BYTES, or 20 GiB, unless given. */
  cacheBytes?: number | undefined;
  /** HULLCAST_CACHE_BYTES and AWS_… variables; the process's own unless given. */
  env?: NodeJS.ProcessEnv | undefined;
  log?: Logger | undefined;
  onEvent?: ((event: StoreEvent) => void) | undefined;
  timing?: Partial<Timing> | undefined;
}

const CACHE_BYTES = 20 * 1024 ** 3;

/**
 * The object store that `spec` names: `s3://bucket/prefix`, at the endpoint of AWS_ENDPOINT_URL_S3 or AWS_ENDPOINT_URL
 * where one is set, or the folder `store` of the home where it is undefined or empty. Checked: it is there and can be
 * written. Throws STORE_SPEC, BUCKET_MISSING, STORE_DENIED (all exit code 2), and STORE_UNREACHABLE after having tried
 * for as long as an outage may last.
 */
export async function openStore(spec: string | undefined, options: OpenStoreOptions): Promise<ObjectStore> {
  const store = spec ? await openS3Store(spec, options) : new FileStore(join(options.home, 'store'));
  await store.check();
  return store;
}

async function openS3Store(spec: string, options: OpenStoreOptions): Promise<ObjectStore> {
  const place = parseS3Uri(spec);
  const prefix = place?.path.replace(/\/$/, '') ?? '';
  if (!place || (prefix !== '' && !isKey(prefix))) throw badSpec(spec);
  const { home, env, log, timing, onEvent } = options;
  const cacheBytes = options.cacheBytes ?? cacheBytesOf(env ?? process.env);
  // The SDK takes half a second to load, which a store on files does without.
  const { S3Store, openS3 } = await import('./s3/index.js');
  const access = openS3({ env, log, timing, onRetry: () => onEvent?.({ type: 'retry' }) });
  const cache = new LocalCache(join(home, 'cache'), {
    maxBytes: cacheBytes,
    onLookup: (hit) => onEvent?.({ type: 'lookup', hit }),
  });
  const onTransfer = (type: 'sent' | 'received', bytes: number): void => onEvent?.({ type, bytes });
  return new S3Store(access, { bucket: place.bucket, prefix, cache, onTransfer });
}

function cacheBytesOf(env: NodeJS.ProcessEnv): number {
  const text = env['HULLCAST_CACHE_BYTES'];
  if (!text) return CACHE_BYTES;
  if (/^\d{1,15}$/.test(text)) return Number(text);
  throw badUsage(
    'STORE_SPEC',
    `HULLCAST_CACHE_BYTES is no number of bytes: ${JSON.stringify(text)}`,
    'Use a whole number, such as 20000000000.',
  );
}

function badSpec(spec: string): HullcastError {
  return badUsage(
    'STORE_SPEC',
    `not an object store: ${JSON.stringify(spec)}`,
    'Use s3://bucket or s3://bucket/prefix, or leave it out for a folder in the home.',
  );
}
