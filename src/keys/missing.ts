import { HullcastError } from '../errors.js';
import type { WantedKey } from './types.js';

/** A key as people are told of it: `HD 0123…`. */
export function keyText({ label, kid, period }: WantedKey): string {
  return `${label} ${kid}${period === undefined ? '' : ` of period ${period}`}`;
}

/** The key service `service` does not have, or did not give, what `what` names. */
export function keyMissing(service: string, what: readonly string[], hint: string): HullcastError {
  return new HullcastError('KEY_MISSING', `the key service (${service}) lacks ${what.join('; ')}`, { hint });
}
