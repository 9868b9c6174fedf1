import { z } from 'zod';
import { HullcastError } from '../../errors.js';
import type { SecretKey } from '../../keys/index.js';

const KID_BYTES = 16;
/** More than any title has, and than any player asks for at once. */
const MOST_KIDS = 64;

/** Base64url without padding of exactly 16 bytes, in its only spelling. */
function kidOf(text: string): string | undefined {
  const bytes = Buffer.from(text, 'base64url');
  return bytes.length === KID_BYTES && bytes.toString('base64url') === text
    ? bytes.toString('hex')
    : undefined;
}

const kid = z.string().transform((text, context) => {
  const hex = kidOf(text);
  if (hex === undefined) context.addIssue('expected the base64url of 16 bytes, without padding');
  return hex ?? z.NEVER;
});

const requestSchema = z.strictObject({
  kids: z.array(kid).min(1).max(MOST_KIDS),
  type: z.enum(['temporary', 'persistent-license']),
});

export interface ClearKeyRequest {
  /** 32 lower-case hex digits each, no two equal. */
  kids: string[];
  /** Type of the session, as EME names it. */
  type: 'temporary' | 'persistent-license';
}

function malformed(why: string): HullcastError {
  return new HullcastError('LICENSE_REQUEST', `this is no ClearKey licence request: ${why}`, {
    hint: 'Send what the browser gives in its message event: {"kids":["…"],"type":"temporary"}.',
  });
}

/** A licence request as Encrypted Media Extensions, 9.1.3, has it. Throws LICENSE_REQUEST. */
export function parseClearKeyRequest(body: Uint8Array): ClearKeyRequest {
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw malformed('it is no JSON in UTF-8');
  }
  const parsed = requestSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw malformed(`${issue!.path.join('.') || 'the body'}: ${issue!.message}`);
  }
  const { kids, type } = parsed.data;
  return { kids: [...new Set(kids)], type };
}

/** A licence as Encrypted Media Extensions, 9.1.4, has it: a JWK Set, with the type of the session. */
export function clearKeyLicense(
  keys: readonly { kid: string; key: SecretKey }[],
  type: ClearKeyRequest['type'],
): string {
  const set = keys.map(({ kid, key }) => ({
    kty: 'oct',
    k: key.reveal().toString('base64url'),
    kid: Buffer.from(kid, 'hex').toString('base64url'),
  }));
  return JSON.stringify({ keys: set, type });
}
