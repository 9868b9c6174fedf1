import rateLimit from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Scope } from '../../db/index.js';
import { HullcastError } from '../../errors.js';
import { type AuthScheme, authenticate, authorize } from './auth.js';
import type { Api, ApiContext } from './deps.js';

const MINUTE = 60_000;

interface Count {
  isAllowed: boolean;
  isExceeded?: boolean;
  ttlInSeconds?: number;
}

/** Throws RATE_LIMITED where a count is exceeded, and says when to come back. */
export function refuseExceeded(count: Count, reply: FastifyReply, what: string): void {
  if (!count.isExceeded) return;
  void reply.header('retry-after', Math.max(1, count.ttlInSeconds ?? 1));
  throw new HullcastError('RATE_LIMITED', `too many requests ${what}`, {
    hint: 'Wait as long as Retry-After says.',
    transient: true,
  });
}

/**
 * True where a token was tried in vain. An outage is not the caller's fault, and who sends none tries none: browsers ask
 * for each folder of a page without one first.
 */
function isTry(error: unknown): boolean {
  return error instanceof HullcastError && !error.transient && error.code !== 'AUTH_REQUIRED';
}

export interface Guarding {
  scheme: AuthScheme;
  /** What routes need that do not say it, and paths that lead nowhere. Without it every route must say its scope. */
  scope?: Scope;
}

/** What stands before parts of the server. Counts are one for all of them, and this process's own. */
export interface Gate {
  /**
   * Lets requests of a part in, whose routes come after this: counts them by address, authenticates the token, counts by
   * token, and checks the scope that the route needs. An address that sent many wrong tokens is not listened to for the
   * rest of the minute, whatever it sends.
   */
  guard(part: Api, guarding: Guarding): void;
}

export async function openGate(api: Api, { db, limits }: ApiContext): Promise<Gate> {
  await api.register(rateLimit, { global: false, cache: 20_000 });
  const byAddress = api.createRateLimit({ max: limits.addressPerMinute, timeWindow: MINUTE });
  const failures = api.createRateLimit({ max: limits.failuresPerMinute - 1, timeWindow: MINUTE });
  const byToken = api.createRateLimit({
    max: limits.tokenPerMinute,
    timeWindow: MINUTE,
    keyGenerator: (request) => request.caller?.id ?? '',
  });
  api.decorateRequest('caller', null);

  const enter = async (
    { scheme, scope: usual }: Guarding,
    request: FastifyRequest,
    reply: FastifyReply,
  ): Promise<void> => {
    const { scope = usual } = request.routeOptions.config;
    // Paths that lead nowhere may have no scope; routes cannot be without one.
    if (scope === 'none' || scope === undefined) return;
    refuseExceeded(
      await failures(request, { increment: false }),
      reply,
      'with wrong tokens from this address',
    );
    try {
      request.caller = await authenticate(scheme, db.tokens, request, reply);
    } catch (error) {
      if (isTry(error)) await failures(request);
      throw error;
    }
    refuseExceeded(await byToken(request), reply, 'with this token');
    authorize(scheme, request.caller, scope, reply);
  };

  return {
    guard(part, guarding) {
      part.addHook('onRoute', ({ config, url, method }) => {
        if (config?.scope === undefined && guarding.scope === undefined)
          throw new Error(`${String(method)} ${url} does not say its scope`);
      });
      part.addHook('onRequest', async (request, reply) => {
        refuseExceeded(await byAddress(request), reply, 'from this address');
        await enter(guarding, request, reply);
      });
    },
  };
}
