import { createHash, randomBytes } from 'node:crypto';

/** A token as it is made: the secret is told once, and only its digest is kept. */
export interface MadeToken {
  /** 12 hexadecimal digits; part of the secret, so that a secret which was found somewhere says which token to revoke. */
  id: string;
  /** `hc_<id>_<43 characters of base64url>`, of 256 random bits. */
  secret: string;
  /** What the database keeps: lower-case hexadecimal SHA-256 of the whole secret. */
  digest: string;
}

const FORM = /^hc_([0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;

export function makeToken(): MadeToken {
  const id = randomBytes(6).toString('hex');
  const secret = `hc_${id}_${randomBytes(32).toString('base64url')}`;
  return { id, secret, digest: digestOf(secret) };
}

/**
 * A digest without salt or cost: a secret of 256 random bits cannot be guessed, and looking for a digest tells nothing
 * by how long it takes.
 */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** The id in a secret; undefined for a text that has not the form of one, which no database need be asked about. */
export function tokenIdOf(secret: string): string | undefined {
  return FORM.exec(secret)?.[1];
}
