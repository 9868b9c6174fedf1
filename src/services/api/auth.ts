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

/** How callers say which token they have. */
export interface AuthScheme {
  /** The secret in the header Authorization; undefined where that is something else, or longer than any token. */
  secretOf(header: string): string | undefined;
  /** WWW-Authenticate; `why` is in the form of RFC 6750. */
  challenge(why: string): string;
  hint: string;
}

/** Of programs, RFC 6750. */
export const BEARER: AuthScheme = {
  secretOf: (header) => /^Bearer +([A-Za-z0-9._~+/-]{1,512}=*) *$/i.exec(header)?.[1],
  challenge: (why) => `Bearer realm="hullcast"${why}`,
  hint: 'Send the header `Authorization: Bearer <token>`.',
};

/** HTTP Basic, RFC 7617: what browsers ask people for by themselves. */
export const BASIC: AuthScheme = {
  secretOf(header) {
    const pair = /^Basic +([A-Za-z0-9+/]{1,1024}={0,2}) *$/i.exec(header)?.[1];
    const text = Buffer.from(pair ?? '', 'base64').toString();
    const colon = text.indexOf(':');
    return colon === -1 ? undefined : text.slice(colon + 1);
  },
  challenge: () => 'Basic realm="hullcast", charset="UTF-8"',
  hint: 'Give the token as the password, with any user name.',
};

/** Every scope includes the ones before it, except that only an explicit `admin` is one. */
const INCLUDES: Readonly<Record<Scope, readonly Scope[]>> = {
  read: ['read'],
  submit: ['submit', 'read'],
  admin: ['admin', 'submit', 'read'],
};

export function allows(scopes: readonly Scope[], needed: Scope): boolean {
  return scopes.some((scope) => INCLUDES[scope].includes(needed));
}

const INVALID = ', error="invalid_token"';
const NEW_TOKEN = { hint: 'Ask an administrator for a new token.' };

/**
 * The token of a request. It is found by the digest of its secret, so how long that takes tells nothing of any other
 * secret. Throws AUTH_REQUIRED, TOKEN_INVALID, TOKEN_EXPIRED and TOKEN_REVOKED, and says in the answer what is needed.
 */
export async function authenticate(
  scheme: AuthScheme,
  tokens: Tokens,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<Token> {
  const unauthorized = (error: HullcastError, why = ''): HullcastError => {
    void reply.header('www-authenticate', scheme.challenge(why));
    return error;
  };
  const secret = scheme.secretOf(request.headers.authorization ?? '');
  if (secret === undefined)
    throw unauthorized(new HullcastError('AUTH_REQUIRED', 'this needs a token', { hint: scheme.hint }));
  // What cannot be one is not looked for.
  const token = tokenIdOf(secret) === undefined ? undefined : await tokens.find(digestOf(secret));
  if (!token)
    throw unauthorized(new HullcastError('TOKEN_INVALID', 'the token is unknown', NEW_TOKEN), INVALID);
  if (token.valid) return token;
  const refused =
    token.revokedAt === undefined
      ? new HullcastError('TOKEN_EXPIRED', 'the token has expired', NEW_TOKEN)
      : new HullcastError('TOKEN_REVOKED', 'the token was revoked', NEW_TOKEN);
  throw unauthorized(refused, INVALID);
}

/** Throws SCOPE_MISSING where the token may not do what needs this scope. */
export function authorize(scheme: AuthScheme, token: Token, needed: Scope, reply: FastifyReply): void {
  if (allows(token.scopes, needed)) return;
  void reply.header('www-authenticate', scheme.challenge(`, error="insufficient_scope", scope="${needed}"`));
  throw new HullcastError('SCOPE_MISSING', `this needs a token with the scope ${needed}`);
}

/** The caller of a route that needs a token. */
export function callerOf(request: FastifyRequest): Token {
  if (!request.caller) throw new Error(`${request.url} was answered without authentication`);
  return request.caller;
}
