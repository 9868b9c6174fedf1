import { Redis, type RedisOptions } from 'ioredis';
import type { Logger } from 'pino';

/** Pause before the nth attempt to connect, milliseconds: up to 3 s, and not everybody's at the same moment. */
export function retryPause(attempt: number): number {
  return Math.min(50 * 2 ** Math.min(attempt, 10), 3000) * (0.5 + Math.random() / 2);
}

/** A server that was asked something and says nothing for this long is gone, though its connection may look alive. */
const SILENCE_MS = 30_000;

const OPTIONS = {
  lazyConnect: true,
  /** What is asked while Redis is away waits for it. Who cannot wait says so (redis-backend.ts). */
  maxRetriesPerRequest: null,
  retryStrategy: retryPause,
  socketTimeout: SILENCE_MS,
  /** A server that is no longer the master: a new connection finds the new one, and asks again. */
  reconnectOnError: (error: Error) => (error.message.startsWith('READONLY') ? 2 : false),
} satisfies RedisOptions;

/** A connection to Redis that comes back by itself. BullMQ duplicates it for what blocks. */
export class QueueRedis extends Redis {
  /** Kept for good: one that has ended may be connected again, and a process makes few. */
  private readonly duplicates: QueueRedis[] = [];

  /** Not connected yet. `where` names the server without its password. Later outages are told to the log, each once. */
  static open(url: string, where: string, log: Logger): QueueRedis {
    const client = new QueueRedis(url, OPTIONS);
    let state: 'new' | 'ready' | 'away' = 'new';
    client.on('error', (error) => log.debug({ redis: where, error: String(error) }, 'Redis connection'));
    client.on('ready', () => {
      if (state === 'away') log.info({ redis: where }, 'Redis is back');
      state = 'ready';
    });
    client.on('reconnecting', () => {
      if (state !== 'ready') return;
      log.warn({ redis: where }, 'Redis is gone: jobs wait until it is back');
      state = 'away';
    });
    return client;
  }

  /** Its type is `never` for ioredis's sake, whose types of replies follow from options in ways that no subclass can. */
  override duplicate(override?: Partial<RedisOptions>): never {
    const copy = new QueueRedis({ ...this.options, lazyConnect: false, ...override } as typeof OPTIONS);
    this.duplicates.push(copy);
    return copy as never;
  }

  /**
   * ioredis gives up reconnecting by forgetting its timer: no `end` follows, and who waits for it, as BullMQ does, waits
   * for ever. One more attempt, ended before it begins, brings it.
   */
  override disconnect(reconnect = false): void {
    const parked = this.status === 'reconnecting' && !reconnect;
    super.disconnect(reconnect);
    if (!parked) return;
    this.connect().catch(() => undefined); // as said
    super.disconnect();
  }

  /** Ends this connection, once what it was asked is answered, and every duplicate. */
  async shutDown(): Promise<void> {
    for (const copy of this.duplicates) copy.disconnect();
    if (this.status === 'ready') await this.quit().catch(() => undefined); // lost meanwhile, it is ended below
    this.disconnect();
  }
}
