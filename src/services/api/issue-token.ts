import { randomBytes, randomUUID } from 'node:crypto';
import type { Scope, Token, Tokens } from '../../db/index.js';
import { secretDigest } from './auth.js';

export interface TokenRequest {
  /** Whose it is, for people. */
  name: string;
  scopes: readonly Scope[];
  /** ISO 8601. */
  expiresAt?: string | undefined;
}

/** Makes a token with 256 random bits; its secret is known to who calls this, and to nobody afterwards. */
export async function issueToken(
  tokens: Tokens,
  { name, scopes, expiresAt }: TokenRequest,
): Promise<{ token: Token; secret: string }> {
  const secret = `hc_${randomBytes(32).toString('base64url')}`;
  const token = await tokens.create({
    id: randomUUID(),
    name,
    scopes: [...new Set(scopes)],
    digest: secretDigest(secret),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  });
  return { token, secret };
}
