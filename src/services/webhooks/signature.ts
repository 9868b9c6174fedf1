import { createHmac, timingSafeEqual } from 'node:crypto';
import { badUsage } from '../../errors.js';

const MIN_SECRET = 16;
const MAX_SECRETS = 2;

/**
 * The secrets of HULLCAST_WEBHOOK_SECRET: one, or two with a comma between them while the old one is being replaced.
 * None where it is not set. Throws WEBHOOK_SECRET.
 */
export function webhookSecrets(env: NodeJS.ProcessEnv = process.env): string[] {
  const secrets = (env['HULLCAST_WEBHOOK_SECRET'] ?? '')
    .split(',')
    .map((secret) => secret.trim())
    .filter((secret) => secret !== '');
  if (secrets.length > MAX_SECRETS || secrets.some((secret) => secret.length < MIN_SECRET)) {
    throw badUsage(
      'WEBHOOK_SECRET',
      `HULLCAST_WEBHOOK_SECRET must hold one or two secrets of at least ${MIN_SECRET} characters each`,
      'Make one with `openssl rand -hex 32`; put a comma between the new and the old one.',
    );
  }
  return secrets;
}

function digest(secret: string, timestamp: number, body: string): string {
  return createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex');
}

/**
 * The header Hullcast-Signature: `t=<seconds since 1970>,v1=<hex HMAC-SHA256 of "t.body">`, with a `v1` for each
 * secret, so that receivers may know either of two.
 */
export function signatureHeader(body: string, secrets: readonly string[], timestamp: number): string {
  return [`t=${timestamp}`, ...secrets.map((secret) => `v1=${digest(secret, timestamp, body)}`)].join(',');
}

/** True where one of the signatures is made with the secret, at most `toleranceSeconds` before or after `now`. */
export function verifySignature(
  header: string,
  body: string,
  secret: string,
  now: number,
  toleranceSeconds = 300,
): boolean {
  const parts = header.split(',').map((part) => part.trim());
  const timestamp = Number(/^t=(\d{1,12})$/.exec(parts[0] ?? '')?.[1] ?? NaN);
  if (!(Math.abs(now - timestamp) <= toleranceSeconds)) return false;
  const expected = Buffer.from(digest(secret, timestamp, body), 'hex');
  return parts.some((part) => {
    const given = Buffer.from(/^v1=([0-9a-f]{64})$/.exec(part)?.[1] ?? '', 'hex');
    return given.length === expected.length && timingSafeEqual(given, expected);
  });
}
