import type { FastifyReply, FastifyRequest } from 'fastify';
import { HullcastError } from '../../errors.js';
import type { DrmSystem } from '../../keys/index.js';
import { type LicenseClaims, deviceDigest } from './claims.js';
import type { LicenseDeps } from './deps.js';
import type { ProtectedTitle } from './protection.js';

/** Where the token of a request may be, for players that cannot set Authorization. Never in a URL, which logs keep. */
export const TOKEN_HEADER = 'x-license-token';
/** The id of the device, whose digest the token holds. */
export const DEVICE_HEADER = 'x-license-device';

const BEARER = /^Bearer +([A-Za-z0-9._-]+) *$/i;

/** What of a request is known so far, for the log. */
export interface Seen {
  claims?: LicenseClaims;
  /** The keys that it asked for, or that were given. */
  kids?: readonly string[];
  /** A retry after a lost answer. */
  retry?: boolean;
}

/** A request that may ask for licences of a title. */
export interface Admission {
  claims: LicenseClaims;
  title: ProtectedTitle;
}

function headerText(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function tokenOf(request: FastifyRequest, reply: FastifyReply): string {
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1] ?? headerText(request, TOKEN_HEADER);
  if (token !== undefined) return token;
  void reply.header('www-authenticate', 'Bearer realm="licenses"');
  throw new HullcastError('LICENSE_TOKEN_MISSING', 'this needs a licence token', {
    hint: 'Send the header `Authorization: Bearer <token>`, or `X-License-Token: <token>`.',
  });
}

function checkDevice(claims: LicenseClaims, request: FastifyRequest): void {
  const device = headerText(request, DEVICE_HEADER);
  // Digests are no secrets: how long comparing them takes tells nothing of use.
  if (device !== undefined && deviceDigest(device) === claims.device) return;
  throw new HullcastError('LICENSE_WRONG_DEVICE', 'the licence token is of another device', {
    hint: 'Send the id of the device that the token was made for in the header `X-License-Device`.',
  });
}

export function wrongTitle(): HullcastError {
  return new HullcastError('LICENSE_WRONG_TITLE', 'the licence token is of another title', {
    hint: 'Ask for a token of the title that is to be played.',
  });
}

/** The title that a request names, where it does. */
function titleIn({ query }: FastifyRequest): unknown {
  return (query as Record<string, unknown>)['title'];
}

/**
 * Lets a request in: token, device, title, and whether the title has licences of the system. Throws LICENSE_TOKEN_…,
 * LICENSE_WRONG_DEVICE, LICENSE_WRONG_TITLE, LICENSE_NO_TITLE and LICENSE_SYSTEM.
 */
export async function admit(
  deps: Pick<LicenseDeps, 'verify' | 'titleKeys'>,
  system: DrmSystem,
  request: FastifyRequest,
  reply: FastifyReply,
  seen: Seen,
): Promise<Admission> {
  const claims = await deps.verify(tokenOf(request, reply)).catch((error: unknown) => {
    void reply.header('www-authenticate', 'Bearer realm="licenses", error="invalid_token"');
    throw error;
  });
  seen.claims = claims;
  checkDevice(claims, request);
  const named = titleIn(request);
  if (named !== undefined && named !== claims.title) throw wrongTitle();
  const title = await deps.titleKeys(claims.title);
  if (!title) throw new HullcastError('LICENSE_NO_TITLE', 'there is no protected title of this id');
  if (!title.systems.includes(system)) throw noSystem(system);
  return { claims, title };
}

export function noSystem(system: DrmSystem): HullcastError {
  return new HullcastError('LICENSE_SYSTEM', `there are no ${system} licences of this title here`);
}
