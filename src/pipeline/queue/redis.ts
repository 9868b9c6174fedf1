import { setTimeout as sleep } from 'node:timers/promises';
import type { Telemetry } from 'bullmq';
import type { Logger } from 'pino';
import { HullcastError, badUsage } from '../../errors.js';
import { onAbort } from '../signals.js';
import { type QueueBackend, queueClasses } from './backend.js';
import { redisBackend } from './redis-backend.js';
import { QueueRedis } from './redis-client.js';
import { checkServer, denial, readInfo, redisName } from './redis-server.js';

/** Begins every key, so that a Redis may serve others too. */
const PREFIX = 'hullcast';
/** How long who adds or reads jobs waits for a Redis that is away, milliseconds. */
const LIMIT_MS = 30_000;
/** How long close() waits for a Redis that is away, milliseconds. */
const CLOSE_LIMIT_MS = 5000;

export interface RedisQueueOptions {
  /** Ends the wait of start() for a Redis that is down. */
  signal?: AbortSignal | undefined;
  /** How long who adds or reads jobs waits for a Redis that is away, milliseconds; 30 s unless given. */
  limitMs?: number | undefined;
  /** How long a worker that says nothing keeps its jobs, seconds; BullMQ's 30 unless given. */
  lockSeconds?: number | undefined;
  /** Carries traces in the jobs. */
  telemetry?: Telemetry | undefined;
}

/**
 * The queue of a fleet: BullMQ on Redis 6.2 or newer, `redis://[user:password@]host[:port][/db]`, `rediss:` for TLS.
 * start() waits for a Redis that is down, and throws QUEUE_DENIED, QUEUE_VERSION, QUEUE_EVICTION or QUEUE_CLUSTER where
 * waiting does not help. Later outages are waited for; only adding and reading jobs ends with QUEUE_UNREACHABLE, and
 * closing then leaves to the end of the process what it cannot tell Redis. Throws QUEUE_URL.
 */
export function redisQueue(url: string, log: Logger, options: RedisQueueOptions = {}): QueueBackend {
  const where = serverName(url);
  let client: QueueRedis | undefined;
  let ready = false;
  const use = (): QueueRedis => {
    if (!client || !ready) throw new HullcastError('QUEUE_CLOSED', `the queue in ${where} is not open`);
    return client;
  };
  const factory = redisBackend({ where, limitMs: options.limitMs ?? LIMIT_MS });
  const classes = queueClasses(factory, use, {
    ...{ log, prefix: PREFIX, telemetry: options.telemetry },
    wake: async (backend) => {
      const redis = use();
      // Of an empty queue nobody is to be woken: workers that find nothing there would wake each other without end.
      const [waiting, prioritized] = await Promise.all([
        redis.llen(backend.toKey('wait')),
        redis.zcard(backend.toKey('prioritized')),
      ]);
      // What BullMQ's scripts do for a job that is there to be taken.
      if (waiting + prioritized > 0) await redis.zadd(backend.toKey('marker'), 0, '0');
    },
  });
  const closing = <T extends Closable>(made: T): T => closesInTime(made, use());
  return {
    exclusive: false,
    queue: (name) => closing(classes.queue(name)),
    worker: (name, processor, more) =>
      closing(classes.worker(name, processor, { ...locks(options.lockSeconds), ...more })),
    flows: () => closing(classes.flows()),
    events: (name) => closing(classes.events(name)),
    publisher: (name) => closing(classes.publisher(name)),
    async start() {
      client = QueueRedis.open(url, where, log);
      try {
        await connect(client, where, log, options.signal);
        const facts = readInfo(
          await client.info().catch((error: Error) => Promise.reject(denial(error, where) ?? error)),
        );
        checkServer(facts, where);
        if (!facts.appendOnly) {
          log.warn(
            { redis: where },
            'Redis keeps no append-only file: jobs are lost when it ends (set appendonly yes)',
          );
        }
        ready = true;
      } catch (error) {
        await this.stop();
        throw error;
      }
    },
    purge: () =>
      Promise.reject(
        new HullcastError(
          'QUEUE_SHARED',
          `the queue in ${where} may hold the jobs of others: it is not emptied`,
        ),
      ),
    async stop() {
      const open = client;
      client = undefined;
      ready = false;
      await open?.shutDown();
    },
  };
}

/** Jobs of who is gone are looked for as often as locks may run out. */
function locks(seconds: number | undefined): { lockDuration?: number; stalledInterval?: number } {
  return seconds === undefined ? {} : { lockDuration: seconds * 1000, stalledInterval: seconds * 1000 };
}

function serverName(url: string): string {
  if (/^rediss?:\/\//.test(url) && URL.canParse(url) && new URL(url).hostname !== '') return redisName(url);
  // The text is not shown: it may hold a password.
  throw badUsage(
    'QUEUE_URL',
    'HULLCAST_QUEUE is not the URL of a Redis',
    'Write redis://host:6379, or rediss://user:password@host:6379 for TLS; special characters of a password as %XX.',
  );
}

/** Waits for the first connection. Throws QUEUE_DENIED, QUEUE_CLOSED where it is ended, and the signal's reason. */
async function connect(client: QueueRedis, where: string, log: Logger, signal?: AbortSignal): Promise<void> {
  let told = false;
  const settled: (() => void)[] = [];
  try {
    await new Promise<void>((resolve, reject) => {
      const failed = (error: Error): void => {
        const denied = denial(error, where);
        if (denied) return reject(denied);
        if (!told)
          log.warn({ redis: where, error: String(error) }, 'Redis cannot be reached: waiting for it');
        told = true;
      };
      const ended = (): void => reject(new HullcastError('QUEUE_CLOSED', `the queue in ${where} was closed`));
      client.once('ready', resolve).once('end', ended).on('error', failed);
      settled.push(() => client.off('ready', resolve).off('end', ended).off('error', failed));
      if (signal) settled.push(onAbort(signal, () => reject(signal.reason as Error)));
      client.connect().catch(() => undefined); // it tries again by itself
    });
    if (told) log.info({ redis: where }, 'Redis is there');
  } finally {
    settled.forEach((release) => release());
  }
}

interface Closable {
  close(force?: boolean): Promise<void>;
}

/** With a close() that leaves a Redis that is away to itself. */
function closesInTime<T extends Closable>(made: T, client: QueueRedis): T {
  const close = made.close.bind(made);
  made.close = async (force) => {
    let over = false;
    const closed = close(force).finally(() => (over = true));
    closed.catch(() => undefined); // nobody may be left to hear it
    const stepMs = 100;
    for (let away = 0; !over && away < CLOSE_LIMIT_MS; away = client.status === 'ready' ? 0 : away + stepMs) {
      await Promise.race([closed, sleep(stepMs)]);
    }
    if (over) await closed;
  };
  return made;
}
