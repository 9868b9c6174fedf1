import { type KeyObject, createSecretKey, randomBytes } from 'node:crypto';
import { type CryptoKey, importJWK } from 'jose';
import { z } from 'zod';
import { licenseConfig } from './config-error.js';

export type TokenAlgorithm = 'HS256' | 'EdDSA' | 'ES256';

export interface TokenKeys {
  /** The first secret; undefined where only others sign. */
  signing: { kid: string; key: KeyObject } | undefined;
  /** Every key that a token may be signed with, by the `kid` of its header; each for one algorithm. */
  verifying: ReadonlyMap<string, { alg: TokenAlgorithm; key: KeyObject | CryptoKey }>;
}

/** RFC 7518, 3.2: as long as the hash, or longer. */
const LEAST_BYTES = 32;
const LINE = /^([A-Za-z0-9._-]{1,64}):[ \t]*([\x21-\x7e]+)$/;

export interface TokenSecret {
  kid: string;
  key: KeyObject;
}

/**
 * Reads lines `kid: secret`, the one that signs first; a secret is its characters, at least 32. Empty lines and those
 * beginning with `#` count for nothing. Throws LICENSE_CONFIG, which names lines and no secret.
 */
export function parseTokenSecrets(text: string, name: string): TokenSecret[] {
  const secrets = text.split(/\r?\n/).flatMap((line, i): TokenSecret[] => {
    if (line.trim() === '' || line.startsWith('#')) return [];
    const [, kid = '', secret = ''] = LINE.exec(line.trimEnd()) ?? [];
    if (kid === '') throw licenseConfig(`line ${i + 1} of ${name} is not of the form \`kid: secret\``);
    if (Buffer.byteLength(secret) < LEAST_BYTES)
      throw licenseConfig(`the secret ${kid} in ${name} has less than ${LEAST_BYTES} characters`);
    return [{ kid, key: createSecretKey(Buffer.from(secret)) }];
  });
  if (secrets.length === 0) throw licenseConfig(`there is no secret in ${name}`);
  return secrets;
}

const publicKeysSchema = z.object({
  keys: z
    .array(
      z.object({
        kid: z.string().regex(/^[\x21-\x7e]{1,128}$/),
        kty: z.string(),
        crv: z.string().optional(),
        alg: z.string().optional(),
        use: z.string().optional(),
        x: z.string().optional(),
        y: z.string().optional(),
        d: z.unknown().optional(),
      }),
    )
    .min(1),
});

/** The algorithms of public keys, by type and curve: a key is for one and no other. */
const ALGORITHMS: Readonly<Record<string, TokenAlgorithm>> = { 'OKP Ed25519': 'EdDSA', 'EC P-256': 'ES256' };

/** Reads a JWK Set (RFC 7517) of public keys, Ed25519 and P-256. Throws LICENSE_CONFIG. */
export async function parsePublicKeys(text: string, name: string): Promise<TokenKeys['verifying']> {
  const set = publicKeysSchema.safeParse(jsonOf(text, name));
  if (!set.success) throw licenseConfig(`${name} is no JWK Set of keys that have a \`kid\` each`);
  const found = new Map<string, { alg: TokenAlgorithm; key: CryptoKey }>();
  for (const { kid, kty, crv, alg, use, x, y, d } of set.data.keys) {
    const known = ALGORITHMS[`${kty} ${crv}`];
    if (!known || (alg ?? known) !== known || (use ?? 'sig') !== 'sig')
      throw licenseConfig(`the key ${kid} in ${name} is neither for EdDSA (Ed25519) nor for ES256 (P-256)`);
    if (d !== undefined) throw licenseConfig(`the key ${kid} in ${name} is a private one`);
    if (found.has(kid)) throw licenseConfig(`${name} has two keys with the kid ${kid}`);
    const key = await importJWK({ kty, ...(crv && { crv }), ...(x && { x }), ...(y && { y }) }, known).catch(
      () => {
        throw licenseConfig(`the key ${kid} in ${name} is no point of its curve`);
      },
    );
    found.set(kid, { alg: known, key: key as CryptoKey });
  }
  return found;
}

function jsonOf(text: string, name: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw licenseConfig(`${name} is no JSON`);
  }
}

/** Secrets and public keys together. Throws LICENSE_CONFIG where two have one kid. */
export function tokenKeys(secrets: readonly TokenSecret[], others?: TokenKeys['verifying']): TokenKeys {
  const verifying = new Map(others);
  for (const { kid, key } of secrets) {
    if (verifying.has(kid)) throw licenseConfig(`two keys of licence tokens have the kid ${kid}`);
    verifying.set(kid, { alg: 'HS256', key });
  }
  return { signing: secrets[0], verifying };
}

/** A secret that nobody else knows, and that ends with the process. */
export function localTokenKeys(): TokenKeys {
  return tokenKeys([{ kid: 'local', key: createSecretKey(randomBytes(LEAST_BYTES)) }]);
}
