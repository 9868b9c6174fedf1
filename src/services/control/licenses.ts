import type { FastifyPluginAsync } from 'fastify';
import { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { KeyService } from '../../keys/index.js';
import type { ObjectStore } from '../../storage/index.js';
import {
  type LicenseDeps,
  type TokenUses,
  licenseRoutes,
  licenseSettings,
  memoryUses,
  publishedTitleKeys,
  redisUses,
  verifyLicenseToken,
} from '../license/index.js';

export interface OpenLicensesOptions {
  env: NodeJS.ProcessEnv;
  store: ObjectStore;
  /** The queue's Redis, which all control planes share; undefined where there is one control plane alone. */
  queue: string | undefined;
  keys: KeyService | undefined;
  corsOrigins: readonly string[];
  log: Logger;
  onAnswer: LicenseDeps['onAnswer'];
}

export interface Licenses {
  /** Below `/license`. */
  plugin: FastifyPluginAsync;
  close: () => void;
}

/** A licence must not wait longer for Redis than its player for the licence. */
const REDIS_MS = 3000;

/**
 * Licences of the titles that are published in the store. Undefined where the environment names no keys of tokens: nobody
 * could have one. Throws LICENSE_CONFIG.
 */
export async function openLicenses(options: OpenLicensesOptions): Promise<Licenses | undefined> {
  const { env, store, queue, keys, corsOrigins, log, onAnswer } = options;
  const { tokenKeys, ...settings } = await licenseSettings(env);
  if (!tokenKeys) return undefined;
  const { uses, close } = queue ? sharedUses(queue, log) : { uses: memoryUses(), close: () => undefined };
  const plugin = licenseRoutes({
    ...settings,
    ...{ keys, uses, corsOrigins, onAnswer },
    titleKeys: publishedTitleKeys(store),
    verify: (token) => verifyLicenseToken(tokenKeys, token, settings.policy.token),
  });
  return { plugin, close };
}

function sharedUses(queue: string, log: Logger): { uses: TokenUses; close: () => void } {
  const redis = new Redis(queue, { maxRetriesPerRequest: 1, commandTimeout: REDIS_MS });
  redis.on('error', (error) => log.debug({ err: error }, 'redis of used licence tokens'));
  return { uses: redisUses(redis), close: () => redis.disconnect() };
}
