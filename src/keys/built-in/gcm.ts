import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { z } from 'zod';

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
/** Of AES-256. */
export const AES_KEY_BYTES = 32;

const bytesSchema = (bytes: number) =>
  z.base64().refine((text) => Buffer.from(text, 'base64').length === bytes);

/** What AES-256-GCM makes of `bytes` secret bytes, in base64. */
export const sealedSchema = (bytes: number) =>
  z.strictObject({ nonce: bytesSchema(NONCE_BYTES), data: bytesSchema(bytes), tag: bytesSchema(TAG_BYTES) });
export type Sealed = z.infer<ReturnType<typeof sealedSchema>>;

/** AES-256-GCM with a random nonce; `context` is authenticated with the secret, and has to be the same to open it. */
export function seal(key: Uint8Array, secret: Uint8Array, context: string): Sealed {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context));
  const data = Buffer.concat([cipher.update(secret), cipher.final()]);
  const base64 = (bytes: Buffer): string => bytes.toString('base64');
  return { nonce: base64(nonce), data: base64(data), tag: base64(cipher.getAuthTag()) };
}

/** What was sealed; undefined where key, context or any bit of it is another. */
export function unseal(key: Uint8Array, { nonce, data, tag }: Sealed, context: string): Buffer | undefined {
  const bytes = (text: string): Buffer => Buffer.from(text, 'base64');
  const decipher = createDecipheriv('aes-256-gcm', key, bytes(nonce), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(context)).setAuthTag(bytes(tag));
  const secret = decipher.update(bytes(data));
  try {
    return Buffer.concat([secret, decipher.final()]);
  } catch {
    return undefined; // not authentic; what was decrypted so far is of no worth
  }
}
