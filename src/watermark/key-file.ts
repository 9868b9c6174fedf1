import { type HullcastError, badUsage } from '../errors.js';
import { readSecretFile } from '../keys/index.js';
import { KEY_BYTES, keyIdOf } from './mark/index.js';

/** Environment variable that names the file of the master key. */
export const KEY_VARIABLE = 'HULLCAST_WATERMARK_KEY_FILE';

const HINT = `Make one with \`(umask 077; openssl rand -hex ${KEY_BYTES} > watermark.key)\`, keep it secret and safe, and name it in ${KEY_VARIABLE}.`;

/**
 * Reads the master key: a file of 64 hexadecimal digits. Throws WATERMARK_KEY where no file is named, or it holds
 * something else, KEY_FILE_UNREADABLE and KEY_FILE_EXPOSED.
 */
export async function readWatermarkKey(env: NodeJS.ProcessEnv): Promise<Buffer> {
  const path = env[KEY_VARIABLE];
  if (!path) throw badUsage('WATERMARK_KEY', 'there is no key for watermarks', HINT);
  const text = await readSecretFile(path, 'the key for watermarks');
  const digits = text.trim();
  if (!/^[0-9a-f]+$/i.test(digits) || digits.length !== 2 * KEY_BYTES) {
    throw badUsage('WATERMARK_KEY', `${path} does not hold ${2 * KEY_BYTES} hexadecimal digits`, HINT);
  }
  return Buffer.from(digits, 'hex');
}

/** Error where marks are of another master key than the one that is here. */
export function otherKey(keyId: string, master: Buffer): HullcastError {
  return badUsage(
    'WATERMARK_KEY_OTHER',
    `the title is marked with key ${keyId}, and ${KEY_VARIABLE} names key ${keyIdOf(master)}`,
    'Every worker, and whoever detects, needs the file of the same key.',
  );
}
