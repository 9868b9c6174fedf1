import {
  type BackendFactory,
  type ConnectionOptions,
  type RedisQueueBackend,
  createRedisBackend,
} from 'bullmq';
import { HullcastError } from '../../errors.js';
import { denial } from './redis-server.js';

/** Jobs added with one round trip: many enough to be fast, few enough that nothing else waits long for its turn. */
const SLICE = 500;

export interface RedisBackendOptions {
  /** Names the server without its password. */
  where: string;
  /** How long who adds or reads jobs waits for an answer of Redis, milliseconds. */
  limitMs: number;
}

/**
 * BullMQ's Redis backend with habits of ours. Who adds or reads jobs waits a limited time for a Redis that is away, and
 * then gets QUEUE_UNREACHABLE, though what was asked may still happen once it is back; workers and listeners wait as
 * long as it takes. Only the connection itself tells the log that it is lost, not everything that shares it.
 */
export function redisBackend(
  options: RedisBackendOptions,
): BackendFactory<RedisQueueBackend, ConnectionOptions> {
  return (name, opts, kind) => {
    const backend = createRedisBackend(name, opts, kind);
    return kind?.blocking || kind?.withBlockingConnection ? quiet(backend) : limited(backend, options);
  };
}

type Method = (...args: unknown[]) => unknown;

/** The backend with another way to call some of its methods; undefined leaves a method as it is. */
function withMethods<T extends object>(
  backend: T,
  replace: (name: string, method: Method) => Method | undefined,
): T {
  return new Proxy(backend, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (typeof value !== 'function' || typeof name !== 'string') return value;
      const method = (value as Method).bind(target);
      return replace(name, method) ?? method;
    },
  });
}

/** Without `error` events, all of which are of the connection. */
function quiet<T extends RedisQueueBackend>(backend: T): T {
  backend.on('error', () => undefined); // one that nobody listens to would end the process
  return withMethods(backend, (name, method) =>
    name === 'on' || name === 'once'
      ? (event, listener) => (event === 'error' ? backend : method(event, listener))
      : undefined,
  );
}

function limited(backend: RedisQueueBackend, options: RedisBackendOptions): RedisQueueBackend {
  return withMethods(quiet(backend), (name, method) => {
    if (name === 'on' || name === 'once' || name === 'close') return undefined;
    if (name === 'forQueue') {
      return (...args) => limited(method(...args) as RedisQueueBackend, options);
    }
    if (name === 'addJobs') {
      return async (entries) => {
        const ids: string[] = [];
        const all = entries as Parameters<RedisQueueBackend['addJobs']>[0];
        for (let i = 0; i < all.length; i += SLICE) {
          ids.push(...(await answer(backend.addJobs(all.slice(i, i + SLICE)), options)));
        }
        return ids;
      };
    }
    return (...args) => {
      const result = method(...args);
      return result instanceof Promise ? answer(result, options) : result;
    };
  });
}

/** Waits for an answer of Redis, but not for ever. */
async function answer<T>(asked: Promise<T>, { where, limitMs }: RedisBackendOptions): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(unreachable(where, `it has not answered for ${limitMs / 1000} s`)),
      limitMs,
    );
  });
  try {
    return await Promise.race([asked, late]);
  } catch (error) {
    throw explained(error as Error, where);
  } finally {
    clearTimeout(timer);
  }
}

function unreachable(where: string, why: string, cause?: Error): HullcastError {
  return new HullcastError('QUEUE_UNREACHABLE', `the queue in ${where} cannot be reached: ${why}`, {
    hint: 'See that Redis runs and that this machine can reach it.',
    transient: true,
    ...(cause ? { cause } : {}),
  });
}

/** An error of the connection or the server as one of ours; others are BullMQ's, and stay. */
function explained(error: Error, where: string): Error {
  if (error instanceof HullcastError) return error;
  if (/^OOM |OOM command not allowed/.test(error.message)) {
    return new HullcastError('QUEUE_FULL', `${where} has no memory left for more jobs`, {
      hint: 'Raise its maxmemory.',
      transient: true,
      cause: error,
    });
  }
  if (/^Connection is closed|aborted due to connection close/.test(error.message)) {
    return unreachable(where, 'the connection was lost', error);
  }
  return denial(error, where) ?? error;
}
