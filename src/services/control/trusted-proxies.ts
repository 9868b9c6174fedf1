import { badUsage } from '../../errors.js';
import { parseNetwork } from '../webhooks/index.js';

/** Names of ranges of addresses that Fastify knows. */
const RANGES = ['loopback', 'linklocal', 'uniquelocal'];

/**
 * Reads HULLCAST_TRUSTED_PROXIES: addresses, networks (`10.0.0.0/8`) and names of ranges, with commas between them. Throws
 * TRUSTED_PROXIES.
 */
export function trustedProxies(text: string | undefined): string[] {
  const entries = (text ?? '').split(',').map((part) => part.trim());
  const given = entries.filter((entry) => entry !== '');
  for (const entry of given) {
    const [, bits = 0] = parseNetwork(entry) ?? [];
    // To trust everybody is to believe any address that somebody says: Fastify does not take /0 either.
    if (RANGES.includes(entry) || bits > 0) continue;
    throw badUsage(
      'TRUSTED_PROXIES',
      `not an address, a network or the name of a range: ${JSON.stringify(entry)}`,
      'Write HULLCAST_TRUSTED_PROXIES like `10.0.0.0/8,loopback`.',
    );
  }
  return given;
}
