import { randomUUID } from 'node:crypto';
import type { Lock, Locker } from '@tus/server';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import { HullcastError } from '../../../errors.js';
import { queueAnswer, queueUnreachable } from '../queue-limit.js';
import { uploadBusy } from './locks.js';

export interface RedisLockOptions {
  /** Not a subscriber, and one whose commands fail in the end while Redis is away; stays the caller's. */
  redis: Redis;
  log: Logger;
  /** Milliseconds after which the lock of a process that died is free; 15,000 unless given. */
  leaseMs?: number;
  /** Milliseconds that a request waits for another one; 15,000 unless given. */
  waitMs?: number;
}

const PREFIX = 'hullcast:upload:';
const WANTED = 'hullcast:upload-wanted';
const LOOK_MS = 100;
/** Looks between two requests to let go: meanwhile another one may have become the holder. */
const ASK_EVERY = 10;

/** Both do nothing where the lock is not the caller's any more. */
const RENEW = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('pexpire', KEYS[1], ARGV[2]) end return 0`;
const RELEASE = `if redis.call('get', KEYS[1]) == ARGV[1] then return redis.call('del', KEYS[1]) end return 0`;

/** Redis' answer; whatever it fails with, nobody can have a lock now, and may later. */
async function answer<T>(asked: Promise<T>): Promise<T> {
  try {
    return await queueAnswer(asked);
  } catch (error) {
    throw error instanceof HullcastError ? error : queueUnreachable(error);
  }
}

/**
 * Locks on uploads among all control planes, as leases in Redis: a client whose connection broke may come to another
 * process while the first one still waits for its bytes. Who wants a lock tells its holder, which then comes to an end;
 * who cannot renew its lease any more does so too. lock() throws UPLOAD_BUSY, and QUEUE_UNREACHABLE while Redis is away.
 */
export function redisLocks(options: RedisLockOptions): { locker: Locker; close(): Promise<void> } {
  const { redis, log, leaseMs = 15_000, waitMs = 15_000 } = options;
  /** How the holders in this process are asked to end, by upload. */
  const held = new Map<string, () => Promise<void> | void>();
  const subscriber = redis.duplicate();
  subscriber.on('error', (error) => log.debug({ err: error }, 'redis subscriber'));
  subscriber.on('message', (_channel: string, id: string) => void held.get(id)?.());
  const subscribed = subscriber.subscribe(WANTED);
  // Without it a lock is only had later, when its holder has ended by itself.
  subscribed.catch((error: unknown) => log.warn({ err: error }, 'locks of uploads cannot be asked for'));

  const newLock = (id: string): Lock => {
    const key = PREFIX + id;
    const mine = randomUUID();
    let renewing: NodeJS.Timeout | undefined;

    // Nobody waits for that: where Redis is away, the lease ends by itself.
    const release = (): void => void redis.eval(RELEASE, 1, key, mine).catch(() => undefined);
    const take = async (): Promise<boolean> => {
      try {
        return (await answer(redis.set(key, mine, 'PX', leaseMs, 'NX'))) === 'OK';
      } catch (error) {
        release(); // Redis may have it all the same, or get it once it is back
        throw error;
      }
    };
    const renew = async (lost: () => Promise<void> | void): Promise<void> => {
      // A Redis that is silent is found out before the next renewal, while there is time to end before the lease does.
      const asked = redis.eval(RENEW, 1, key, mine, leaseMs);
      const kept = await queueAnswer(asked, leaseMs / 4).catch(() => 0);
      if (kept === 1 || renewing === undefined) return;
      log.warn({ upload: id }, 'the lock of an upload was lost: its request ends');
      await lost();
    };
    return {
      async lock(signal, requestRelease) {
        const deadline = Date.now() + waitMs;
        for (let looks = 0; !(await take()); looks += 1) {
          if (looks % ASK_EVERY === 0) await answer(redis.publish(WANTED, id));
          await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
          if (signal.aborted || Date.now() >= deadline) throw uploadBusy();
        }
        held.set(id, requestRelease);
        renewing = setInterval(() => void renew(requestRelease), leaseMs / 3);
      },
      unlock() {
        clearInterval(renewing);
        renewing = undefined;
        held.delete(id);
        release();
        return Promise.resolve();
      },
    };
  };
  return {
    locker: { newLock },
    async close() {
      await subscribed.catch(() => undefined);
      subscriber.disconnect();
    },
  };
}
