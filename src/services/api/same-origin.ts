import type { FastifyRequest } from 'fastify';
import { HullcastError } from '../../errors.js';

/** Methods that change nothing (RFC 9110, 9.2.1). */
const SAFE: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * True where a browser says that a page of this very server sent the request. `host` is the server's as the client
 * knows it, with its port. What Sec-Fetch-Site says counts where it is there: no page can change it, and no proxy has a
 * reason to; browsers leave it out where a server is known by HTTP and a name. Origin then comes with whatever is no GET.
 */
export function isSameOrigin(
  host: string,
  headers: { origin?: string | undefined; 'sec-fetch-site'?: string | string[] | undefined },
): boolean {
  const { origin, 'sec-fetch-site': site } = headers;
  if (site !== undefined) return site === 'same-origin';
  if (origin === undefined || !/^https?:\/\//.test(origin) || !URL.canParse(origin)) return false;
  return new URL(origin).host === host.toLowerCase();
}

/**
 * Refuses what would change something and does not come from a page of this server: a browser that knows a password adds
 * it to whatever any page sends here. Throws CROSS_SITE.
 */
export function refuseOtherSites(request: FastifyRequest): void {
  if (SAFE.has(request.method) || isSameOrigin(request.host, request.headers)) return;
  throw new HullcastError('CROSS_SITE', 'only a page of this server may change something here', {
    hint: 'Programs use the API below /v1.',
  });
}
