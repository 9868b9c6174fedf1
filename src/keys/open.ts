import { badUsage } from '../errors.js';
import type { ObjectStore } from '../storage/index.js';
import { AuditTrail, audited } from './audit/index.js';
import { builtInKeyService, openMasterKeys } from './built-in/index.js';
import { type CpixTiming, cpixKeyService, cpixSettings } from './cpix/index.js';
import type { KeyService } from './types.js';

export interface OpenKeyServiceOptions {
  /** Where keys are kept, and their uses noted. */
  store: ObjectStore;
  /** Folder of all state, for the master keys where none are configured. */
  home: string;
  /** Of attempts at a provider. */
  timing?: Partial<CpixTiming>;
}

const CPIX = 'cpix:';

/**
 * The key service that HULLCAST_KEYS names: `built-in`, which is meant unless given, or `cpix:` and the URL of a provider
 * that speaks SPEKE 2.0. It notes every use in the trail of the store before it hands out a key. Nothing is asked or read
 * before keys are. Throws KEY_SERVICE_CONFIG.
 */
export function openKeyService(env: NodeJS.ProcessEnv, options: OpenKeyServiceOptions): KeyService {
  const { store, timing } = options;
  const trail = new AuditTrail(store);
  const spec = env['HULLCAST_KEYS'] || 'built-in';
  if (spec === 'built-in') {
    const masters = openMasterKeys(env, options);
    return audited(builtInKeyService({ store, masters }), trail);
  }
  if (spec.startsWith(CPIX)) {
    const settings = cpixSettings(spec.slice(CPIX.length), env);
    return audited(cpixKeyService(settings, timing), trail);
  }
  throw badUsage(
    'KEY_SERVICE_CONFIG',
    'HULLCAST_KEYS is neither `built-in` nor `cpix:` and a URL',
    'The variables of key services are in docs/keys.md.',
  );
}
