import { badUsage } from '../../errors.js';
import type { EngineSettings } from './engines.js';

/** A lock is renewed at half of its time: less than this is lost to a pause of the machine. */
const LEAST_LOCK_SECONDS = 2;
const MOST_LOCK_SECONDS = 600;

/**
 * Reads HULLCAST_QUEUE, HULLCAST_STORE, HULLCAST_CACHE_BYTES and HULLCAST_LOCK_SECONDS. Throws CACHE_BYTES and
 * LOCK_SECONDS.
 */
export function engineSettings(env: NodeJS.ProcessEnv, home: string): EngineSettings {
  const bytes = env['HULLCAST_CACHE_BYTES'] || undefined;
  if (bytes !== undefined && !/^\d{1,15}$/.test(bytes)) {
    throw badUsage(
      'CACHE_BYTES',
      `HULLCAST_CACHE_BYTES is not a number of bytes: ${JSON.stringify(bytes)}`,
      'Use a whole number, such as 21474836480 for 20 GiB.',
    );
  }
  return {
    home,
    queue: env['HULLCAST_QUEUE'] || undefined,
    store: env['HULLCAST_STORE'] || undefined,
    lockSeconds: lockSeconds(env['HULLCAST_LOCK_SECONDS'] || undefined),
    cacheBytes: bytes === undefined ? undefined : Number(bytes),
    env,
  };
}

function lockSeconds(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const seconds = /^\d{1,3}$/.test(text) ? Number(text) : NaN;
  if (seconds >= LEAST_LOCK_SECONDS && seconds <= MOST_LOCK_SECONDS) return seconds;
  throw badUsage(
    'LOCK_SECONDS',
    `HULLCAST_LOCK_SECONDS cannot be used: ${JSON.stringify(text)}`,
    `Use a whole number of seconds from ${LEAST_LOCK_SECONDS} to ${MOST_LOCK_SECONDS}.`,
  );
}
