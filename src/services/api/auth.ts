import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Scope, Token, Tokens } from '../../db/index.js';
import { HullcastError } from '../../errors.js';
import { digestOf, tokenIdOf } from '../tokens/index.js';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** What a token must be allowed for this route; `none` for routes that everybody may use. */
    scope?: Scope | 'none';
  }
  interface FastifyRequest {
    /** The caller's token; null before authentication and on routes that need none. */
    caller: Token | null;
  }
}

/** The text of a bearer token (RFC 6750); longer ones are nobody's. */
const BEARER = /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*) *$/i;

/** Every scope includes the ones before it, except that only an explicit `admin` is one. */
const INCLUDES: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read'],
  submit: ['submit', 'read'],
  admin: ['admin', 'submit', 'read'],
};

export function allows(scopes: readonly Scope[], needed: Scope): boolean {
  return scopes.some((scope) => INCLUDES[scope].includes(needed));
}

function unauthorized(error: HullcastError, reply: FastifyReply, challenge = ''): HullcastError {
  void reply.header('www-authenticate', `Bearer realm="hullcast"${challenge}`);
  return error;
}

const INVALID = ', error="invalid_token"';
const NEW_TOKEN = { hint: 'Ask an administrator for a new token.' };

/**
 * The token of a request. It is found by the digest of its secret, so how long that takes tells nothing of any other
 * secret. Throws AUTH_REQUIRED, TOKEN_INVALID, TOKEN_EXPIRED and TOKEN_REVOKED, and says in the answer what is needed.
 */
export async function authenticate(
  tokens: Tokens,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Token> {
  const secret = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (secret === undefined) {
    const hint = { hint: 'Send the header `Authorization: Bearer <token>`.' };
    throw unauthorized(new HullcastError('AUTH_REQUIRED', 'this needs a token', hint), reply);
  }
  // What cannot be one is not looked for.
  const token = tokenIdOf(secret) === undefined ? undefined : await tokens.find(digestOf(secret));
  if (!token)
    throw unauthorized(new HullcastError('TOKEN_INVALID', 'the token is unknown', NEW_TOKEN), reply, INVALID);
  if (token.valid) return token;
  const refused =
    token.revokedAt === undefined
      ? new HullcastError('TOKEN_EXPIRED', 'the token has expired', NEW_TOKEN)
      : new HullcastError('TOKEN_REVOKED', 'the token was revoked', NEW_TOKEN);
  throw unauthorized(refused, reply, INVALID);
}

/** Throws SCOPE_MISSING where the token may not do what needs this scope. */
export function authorize(token: Token, needed: Scope, reply: FastifyReply): void {
  if (allows(token.scopes, needed)) return;
  throw unauthorized(
    new HullcastError('SCOPE_MISSING', `this needs a token with the scope ${needed}`),
    reply,
    `, error="insufficient_scope", scope="${needed}"`,
  );
}

/** The caller of a route that needs a token. */
export function callerOf(request: FastifyRequest): Token {
  if (!request.caller) throw new Error(`${request.url} was answered without authentication`);
  return request.caller;
}
