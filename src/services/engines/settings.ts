import { badUsage } from '../../errors.js';
import type { EngineSettings } from './engines.js';

/** Reads HULLCAST_QUEUE, HULLCAST_STORE and HULLCAST_CACHE_BYTES. Throws CACHE_BYTES. */
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
    cacheBytes: bytes === undefined ? undefined : Number(bytes),
    env,
  };
}
