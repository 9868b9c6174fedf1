import { HullcastError } from '../errors.js';
import type { KeyRequest, WantedKey } from './types.js';

const KID = /^[0-9a-f]{32}$/;
/** Printable, so that it can stand in XML, in a log and in a terminal. */
const NAME = /^[^\p{C}\p{Zl}\p{Zp}]{1,255}$/u;

/** Throws KEY_REQUEST for a request that no key service could answer rightly. */
export function checkRequest({ contentId, scheme, systems, keys, use }: KeyRequest): void {
  if (!NAME.test(contentId)) throw badRequest('its content id is empty, too long or not printable');
  if (!NAME.test(use.subject)) throw badRequest('its subject is empty, too long or not printable');
  if (keys.length === 0) throw badRequest('it names no key');
  if (new Set(systems).size < systems.length) throw badRequest('it names a DRM system twice');
  if (scheme === 'cenc' && systems.includes('fairplay'))
    throw badRequest('FairPlay has no licences for cenc');
  const bad = keys.find(({ kid }) => !KID.test(kid));
  if (bad) throw badRequest(`not a key id: ${JSON.stringify(bad.kid)}`);
  if (new Set(keys.map(({ kid }) => kid)).size < keys.length) throw badRequest('it names a key id twice');
  for (const [period, own] of byPeriod(keys)) checkPeriod(period, own);
}

/** Keys by their period; in the order of the request. */
export function byPeriod(keys: readonly WantedKey[]): Map<number | undefined, WantedKey[]> {
  const periods = new Map<number | undefined, WantedKey[]>();
  for (const key of keys) periods.set(key.period, [...(periods.get(key.period) ?? []), key]);
  return periods;
}

function checkPeriod(period: number | undefined, keys: readonly WantedKey[]): void {
  if (period !== undefined && !(Number.isSafeInteger(period) && period >= 0))
    throw badRequest(`not the number of a key period: ${period}`);
  const labels = new Set(keys.map(({ label }) => label));
  if (labels.size < keys.length) throw badRequest('it names two keys for one label');
  if (labels.has('ALL') && labels.size > 1) throw badRequest('it wants one key for all beside others');
}

function badRequest(why: string): HullcastError {
  return new HullcastError('KEY_REQUEST', `keys cannot be asked for so: ${why}`, {
    hint: 'This is a defect of hullcast: please report it.',
  });
}
