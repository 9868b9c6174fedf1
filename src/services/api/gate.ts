import rateLimit from '@fastify/rate-limit';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { HullcastError } from '../../errors.js';
import { authenticate, authorize } from './auth.js';
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

/** False where an error is the caller's fault: then it counts as a failed authentication. */
function isOutage(error: unknown): boolean {
  return !(error instanceof HullcastError) || error.transient;
}

/**
 * Lets requests in: counts them by address, authenticates the token, counts by token, and checks the scope that the route
 * needs. Counts are this process's own. An address that sent many wrong tokens is not listened to for the rest of the
 * minute, whatever it sends. Every route must say its scope.
 */
export async function openGate(api: Api, { db, limits }: ApiContext): Promise<void> {
  await api.register(rateLimit, { global: false, cache: 20_000 });
  const byAddress = api.createRateLimit({ max: limits.addressPerMinute, timeWindow: MINUTE });
  const failures = api.createRateLimit({ max: limits.failuresPerMinute - 1, timeWindow: MINUTE });
  const byToken = api.createRateLimit({
    max: limits.tokenPerMinute,
    timeWindow: MINUTE,
    keyGenerator: (request) => request.caller?.id ?? '',
  });

  api.decorateRequest('caller', null);
  api.addHook('onRoute', ({ config, url, method }) => {
    if (config?.scope === undefined) throw new Error(`${String(method)} ${url} does not say its scope`);
  });

  const enter = async (request: FastifyRequest, reply: FastifyReply): Promise<void> => {
    const { scope } = request.routeOptions.config;
    // Paths that lead nowhere have no scope; routes cannot be without one.
    if (scope === 'none' || scope === undefined) return;
    refuseExceeded(
      await failures(request, { increment: false }),
      reply,
      'with wrong tokens from this address',
    );
    try {
      request.caller = await authenticate(db.tokens, request, reply);
    } catch (error) {
      if (!isOutage(error)) await failures(request);
      throw error;
    }
    refuseExceeded(await byToken(request), reply, 'with this token');
    authorize(request.caller, scope, reply);
  };

  api.addHook('onRequest', async (request, reply) => {
    refuseExceeded(await byAddress(request), reply, 'from this address');
    await enter(request, reply);
  });
}
