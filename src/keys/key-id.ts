import { createHash } from 'node:crypto';
import type { KeyLabel } from './types.js';

/**
 * Key id of a title's key: a UUID of version 8 (RFC 9562, 5.8) from content id, label and period, so that packaging the
 * same title again asks for the same key. Another period asks for another key: that is how keys are replaced.
 */
export function keyIdOf(contentId: string, label: KeyLabel, period: number): string {
  const bytes = createHash('sha256')
    .update(JSON.stringify(['hullcast key id', contentId, label, period]))
    .digest()
    .subarray(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return bytes.toString('hex');
}
