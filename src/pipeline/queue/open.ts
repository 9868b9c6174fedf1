import type { Telemetry } from 'bullmq';
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
  /** How long a worker that says nothing keeps its jobs, seconds; 30 unless given. Of a queue that processes share. */
  lockSeconds?: number | undefined;
  /** Carries traces in the jobs. */
  telemetry?: Telemetry | undefined;
}

/**
 * The queue that HULLCAST_QUEUE names, not started yet: `redis://…` or `rediss://…`; undefined or empty is the embedded
 * one. Throws QUEUE_URL.
 */
export function openQueue(spec: string | undefined, options: OpenQueueOptions): QueueBackend {
  const { folder, log, signal, telemetry, lockSeconds } = options;
  return spec
    ? redisQueue(spec, log, { signal, telemetry, lockSeconds })
    : embeddedQueue(folder, log, telemetry);
}
