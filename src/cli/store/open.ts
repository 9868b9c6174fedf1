import { badUsage } from '../../errors.js';
import { REFRESH_AFTER_MS, openHome } from '../../pipeline/index.js';
import { type ObjectStore, openStore } from '../../storage/index.js';
import type { CommandContext } from '../context.js';
import { DAY_MS } from './units.js';

/** Workers note at most once in REFRESH_AFTER_MS that they use something, and a stage may run long after that. */
const LEAST_SHARED_AGE_MS = 2 * REFRESH_AFTER_MS;

/**
 * Opens the store that HULLCAST_STORE names, or that of the home, and removes nothing younger than `minAgeMs` from it:
 * where that is too little for others to work meanwhile, the home is held alone, and a shared store refused. Throws
 * MIN_AGE, HOME_BUSY and what openStore() throws.
 */
export async function withStore<T>(
  { env, log }: Pick<CommandContext, 'env' | 'log'>,
  home: string,
  minAgeMs: number,
  use: (store: ObjectStore) => Promise<T>,
): Promise<T> {
  const spec = env['HULLCAST_STORE'];
  if (minAgeMs >= LEAST_SHARED_AGE_MS) return use(await openStore(spec, { home, env, log }));
  if (spec) {
    throw badUsage(
      'MIN_AGE',
      `--min-age ${minAgeMs / DAY_MS} is too little for ${spec}, which others may be using`,
      `Use at least ${LEAST_SHARED_AGE_MS / DAY_MS}: workers note once a day what they use.`,
    );
  }
  const held = await openHome(home);
  try {
    return await use(held.store);
  } finally {
    await held.release();
  }
}
