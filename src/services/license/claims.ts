import { createHash } from 'node:crypto';
import { z } from 'zod';
import { HDCP_VERSIONS, SECURITY_LEVELS } from './levels.js';

/** May stand in a log line and in a header as it is. */
const word = z.string().regex(/^[\x21-\x7e]{1,128}$/, 'expected 1 to 128 visible ASCII characters');
const seconds = z.int().positive();

/** A title's id: one segment of a path, never `.` or `..`. */
export const titleIdSchema = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,127}$/, 'expected letters, digits, `.`, `_` and `-`');

/** What a licence token says (docs/licenses.md). Times are seconds since 1970; claims that are not here are of no interest. */
export const claimsSchema = z.object({
  iss: word,
  /** Names the token in logs, and among the tokens that were used. */
  jti: word,
  nbf: seconds,
  exp: seconds,
  /** The only title that it opens. */
  title: titleIdSchema,
  /** The only device that may use it: deviceDigest() of its id. */
  device: z.string().regex(/^[A-Za-z0-9_-]{43}$/, 'expected a SHA-256 in base64url'),
  /** What the issuer knows of the device. */
  security: z.enum(SECURITY_LEVELS).optional(),
  hdcp: z.enum(HDCP_VERSIONS).optional(),
  /** The playback session, for logs, audit trails and upstream servers. */
  session: word.optional(),
  /** No licence lasts longer than this: the end of a rental, for instance. */
  until: seconds.optional(),
});
export type LicenseClaims = z.infer<typeof claimsSchema>;

/**
 * Base64url SHA-256 of a device's id. The token holds this, the request the id itself: so who finds a token has no device
 * to use it with, as long as ids cannot be guessed.
 */
export function deviceDigest(deviceId: string): string {
  return createHash('sha256').update(deviceId).digest('base64url');
}
