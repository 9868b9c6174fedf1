import rateLimit from '@fastify/rate-limit';
import type { FastifyInstance, FastifyPluginAsync, FastifyReply, FastifyRequest } from 'fastify';
import { HullcastError } from '../../errors.js';
import type { DrmSystem } from '../../keys/index.js';
import { crossOrigin, refuseExceeded, routeNotFound } from '../api/index.js';
import { DEVICE_HEADER, type Seen, TOKEN_HEADER, admit, noSystem } from './admission.js';
import { certificateSource } from './certificate.js';
import { DEFAULT_LICENSE_LIMITS, type LicenseDeps, type LicenseOutcome } from './deps.js';
import { grantByUpstream, grantClearKey } from './grant.js';
import { PROXIED, type ProxiedSystem } from './upstreams.js';

const MINUTE = 60_000;
const CERTIFICATE_SECONDS = 300;

/** What pages of other origins may send and read. */
const CORS = {
  methods: 'GET, POST, OPTIONS',
  sent: `Authorization, Content-Type, SOAPAction, ${TOKEN_HEADER}, ${DEVICE_HEADER}`,
  exposed: 'Retry-After, WWW-Authenticate',
};

const OUTCOMES: Readonly<Record<string, LicenseOutcome>> = {
  LICENSE_TOKEN_MISSING: 'token',
  LICENSE_TOKEN_INVALID: 'token',
  LICENSE_TOKEN_EXPIRED: 'token',
  LICENSE_WRONG_TITLE: 'token',
  LICENSE_WRONG_DEVICE: 'token',
  LICENSE_TOKEN_REPLAYED: 'replayed',
  LICENSE_REFUSED: 'refused',
  LICENSE_NO_TITLE: 'refused',
  LICENSE_SYSTEM: 'refused',
  LICENSE_REQUEST: 'malformed',
  LICENSE_UPSTREAM: 'upstream',
};

function codeOf(error: unknown): string {
  return error instanceof HullcastError ? error.code : 'INTERNAL';
}

/** Tokens are guessed, or stolen, by who sends wrong ones; an expired one is a player's that paused. */
const GUESSES = ['LICENSE_TOKEN_MISSING', 'LICENSE_TOKEN_INVALID', 'LICENSE_WRONG_DEVICE'];

/** Aborts when nobody waits for the answer any more. */
function goneSignal(reply: FastifyReply): AbortSignal {
  const gone = new AbortController();
  reply.raw.once('close', () => gone.abort());
  return gone.signal;
}

/** Counts requests by address, and those with wrong tokens; gives what notes such a one. */
async function openGate(
  app: FastifyInstance,
  deps: LicenseDeps,
): Promise<(request: FastifyRequest, error: unknown) => Promise<void>> {
  const { addressPerMinute, failuresPerMinute } = { ...DEFAULT_LICENSE_LIMITS, ...deps.limits };
  await app.register(rateLimit, { global: false, cache: 20_000 });
  const byAddress = app.createRateLimit({ max: addressPerMinute, timeWindow: MINUTE });
  const failures = app.createRateLimit({ max: failuresPerMinute - 1, timeWindow: MINUTE });
  app.addHook('onRequest', async (request, reply) => {
    if (crossOrigin(request, reply, deps.corsOrigins ?? [], CORS)) return reply.code(204).send();
    void reply.headers({
      'cache-control': 'no-store',
      // Of an upstream's answer the type is its own: whatever it says, no page runs here.
      'content-security-policy': "default-src 'none'; sandbox",
      'x-content-type-options': 'nosniff',
    });
    refuseExceeded(await byAddress(request), reply, 'from this address');
    refuseExceeded(
      await failures(request, { increment: false }),
      reply,
      'with wrong licence tokens from this address',
    );
  });
  return async (request, error) => {
    if (GUESSES.includes(codeOf(error))) await failures(request);
  };
}

type Answer = (request: FastifyRequest, reply: FastifyReply, seen: Seen) => Promise<FastifyReply>;

/**
 * Licences of protected titles: POST /clearkey, /widevine, /playready, /fairplay, and GET /fairplay/certificate, to be
 * registered below a prefix, in a server whose error handler answers with problems. Each ask is logged by the token's id,
 * title, keys' ids and outcome.
 */
export function licenseRoutes(deps: LicenseDeps): FastifyPluginAsync {
  const { bodyBytes, requestSeconds } = { ...DEFAULT_LICENSE_LIMITS, ...deps.limits };
  return async (app) => {
    // Its own, so that the hooks here run for paths that there are not, too: they count, and answer preflights.
    app.setNotFoundHandler(routeNotFound);
    const noteFailure = await openGate(app, deps);
    // Players send bytes, under whatever type.
    app.removeAllContentTypeParsers();
    app.addContentTypeParser('*', { parseAs: 'buffer', bodyLimit: bodyBytes }, (_request, body, done) =>
      done(null, body),
    );

    const route = (system: DrmSystem, answer: Answer): void => {
      const noted: Answer = async (request, reply, seen) => {
        const note = (outcome: LicenseOutcome, code?: string): void => {
          const { claims, ...more } = seen;
          const { jti, title, session } = claims ?? {};
          request.log.info({ license: { system, outcome, code, jti, title, session, ...more } }, 'licence');
          deps.onAnswer?.(system, outcome);
        };
        try {
          const answered = await answer(request, reply, seen);
          note('granted');
          return answered;
        } catch (error) {
          note(OUTCOMES[codeOf(error)] ?? 'failed', codeOf(error));
          await noteFailure(request, error);
          throw error;
        }
      };
      app.post(
        `/${system}`,
        { schema: { hide: true }, bodyLimit: bodyBytes, handlerTimeout: requestSeconds * 1000 },
        (request, reply) => noted(request, reply, {}),
      );
    };

    route('clearkey', async (request, reply, seen) => {
      const admission = await admit(deps, 'clearkey', request, reply, seen);
      const license = await grantClearKey(deps, admission, bodyOf(request), seen, goneSignal(reply));
      return reply.type('application/json').send(license);
    });
    for (const system of PROXIED) route(system, proxied(deps, system));
    certificateRoute(app, deps);
  };
}

function bodyOf({ body }: FastifyRequest): Uint8Array {
  return body instanceof Uint8Array ? body : new Uint8Array();
}

function proxied(deps: LicenseDeps, system: ProxiedSystem): Answer {
  return async (request, reply, seen) => {
    const admission = await admit(deps, system, request, reply, seen);
    const { 'content-type': contentType, soapaction } = request.headers;
    const challenge = {
      ...{ body: bodyOf(request), contentType },
      soapAction: typeof soapaction === 'string' ? soapaction : undefined,
    };
    const license = await grantByUpstream(deps, system, admission, challenge, seen, goneSignal(reply));
    return reply.type(license.contentType).send(license.body);
  };
}

/** Everybody may have the certificate: it is in every app, and players ask for it before they have a token. */
function certificateRoute(app: FastifyInstance, deps: LicenseDeps): void {
  const certificate = certificateSource(deps.upstreams, deps.fairplayCertificate);
  app.get('/fairplay/certificate', { schema: { hide: true } }, async (_request, reply) => {
    if (!certificate) throw noSystem('fairplay');
    const bytes = await certificate();
    return reply
      .header('cache-control', `public, max-age=${CERTIFICATE_SECONDS}`)
      .type('application/pkix-cert')
      .send(Buffer.from(bytes));
  });
}
