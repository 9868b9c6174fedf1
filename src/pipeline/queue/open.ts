import type { Logger } from 'pino';
import type { QueueBackend } from './backend.js';
import { embeddedQueue } from './embedded.js';
import { redisQueue } from './redis.js';

export interface OpenQueueOptions {
  /** Folder of the embedded queue. */
  folder: string;
  log: Logger;
  /** Ends the wait of start() for a server that is down. */
  signal?: AbortSignal | undefined;
}

/**
 * The queue that HULLCAST_QUEUE names, not started yet: `redis://…` or `rediss://…`; undefined or empty is the embedded
 * one. Throws QUEUE_URL.
 */
export function openQueue(spec: string | undefined, { folder, log, signal }: OpenQueueOptions): QueueBackend {
  return spec === undefined || spec === '' ? embeddedQueue(folder, log) : redisQueue(spec, log, { signal });
}
