import { randomUUID } from 'node:crypto';
import { type JWTVerifyOptions, SignJWT, errors, jwtVerify } from 'jose';
import { HullcastError } from '../../errors.js';
import { licenseConfig } from './config-error.js';
import { type LicenseClaims, claimsSchema, deviceDigest } from './claims.js';
import type { HdcpVersion, SecurityLevel } from './levels.js';
import type { TokenRules } from './policy.js';
import type { TokenKeys } from './token-keys.js';

/** What a new token is to say. */
export interface NewLicenseToken {
  title: string;
  /** The device's id itself, of which the token holds the digest. */
  device: string;
  security?: SecurityLevel | undefined;
  hdcp?: HdcpVersion | undefined;
  session?: string | undefined;
  /** Seconds since 1970 after which no licence may last. */
  until?: number | undefined;
  /** How long it lives; as long as the rules allow unless given. */
  seconds?: number | undefined;
}

/** Longer ones are nobody's: claims are bounded. */
const MOST_CHARACTERS = 4096;
const NEW_TOKEN = { hint: 'Ask the playback service for a new token.' };

function invalid(why: string): HullcastError {
  return new HullcastError('LICENSE_TOKEN_INVALID', `the licence token is not valid: ${why}`, NEW_TOKEN);
}

/** The claims, where they are whole and the token does not live longer than is allowed. */
function checkClaims(payload: unknown, { maxSeconds }: TokenRules): LicenseClaims {
  const parsed = claimsSchema.safeParse(payload);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw invalid(`claim ${issue!.path.join('.')}: ${issue!.message}`);
  }
  const { nbf, exp } = parsed.data;
  if (exp - nbf > maxSeconds) throw invalid(`it lives ${exp - nbf} s, and ${maxSeconds} s are allowed`);
  return parsed.data;
}

/**
 * A token for one title on one device, signed with the first secret. Throws LICENSE_TOKEN_INVALID for what nobody would
 * accept, and LICENSE_CONFIG where there is no secret to sign with.
 */
export async function signLicenseToken(
  keys: TokenKeys,
  { title, device, seconds, ...facts }: NewLicenseToken,
  rules: TokenRules,
  nowMs = Date.now(),
): Promise<string> {
  if (!keys.signing) throw licenseConfig('there is no secret to sign licence tokens with');
  const nbf = Math.floor(nowMs / 1000);
  const claims = checkClaims(
    {
      ...{ iss: rules.issuers[0], jti: randomUUID(), nbf, exp: nbf + (seconds ?? rules.maxSeconds) },
      ...{ title, device: deviceDigest(device), ...facts },
    },
    rules,
  );
  return new SignJWT({ ...claims, aud: rules.audience })
    .setProtectedHeader({ alg: 'HS256', typ: 'JWT', kid: keys.signing.kid })
    .sign(keys.signing.key);
}

/** Only the key that the header names, and only with the algorithm that this key is for. */
function keyFor(keys: TokenKeys, { kid, alg }: { kid?: string; alg?: string }) {
  const known = kid === undefined ? undefined : keys.verifying.get(kid);
  if (!known) throw invalid('nobody here knows the key that it names');
  if (known.alg !== alg) throw invalid('its algorithm is not that of its key');
  return known.key;
}

function refusal(error: unknown): unknown {
  if (error instanceof errors.JWTExpired)
    return new HullcastError('LICENSE_TOKEN_EXPIRED', 'the licence token has expired', NEW_TOKEN);
  if (error instanceof errors.JWTClaimValidationFailed)
    return invalid(error.claim === 'nbf' ? 'its time has not come yet' : `claim ${error.claim}`);
  if (error instanceof errors.JWSSignatureVerificationFailed) return invalid('its signature is wrong');
  // Its cause stays behind: it may hold what is in the token.
  if (error instanceof errors.JOSEError) return invalid('it is no signed token that is accepted here');
  return error;
}

/** The claims of a token. Throws LICENSE_TOKEN_INVALID and LICENSE_TOKEN_EXPIRED. */
export async function verifyLicenseToken(
  keys: TokenKeys,
  text: string,
  rules: TokenRules,
  nowMs = Date.now(),
): Promise<LicenseClaims> {
  if (text.length > MOST_CHARACTERS) throw invalid(`it has more than ${MOST_CHARACTERS} characters`);
  const options: JWTVerifyOptions = {
    algorithms: ['HS256', 'EdDSA', 'ES256'],
    issuer: [...rules.issuers],
    audience: rules.audience,
    clockTolerance: rules.skewSeconds,
    currentDate: new Date(nowMs),
  };
  try {
    const { payload } = await jwtVerify(text, (header) => keyFor(keys, header), options);
    return checkClaims(payload, rules);
  } catch (error) {
    throw refusal(error);
  }
}
