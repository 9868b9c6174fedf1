import { createHmac } from 'node:crypto';

/** Bytes of a master key; see `readWatermarkKey`. */
export const KEY_BYTES = 32;

/** What follows from a master key for one title. Secret, all but `id`. */
export interface WatermarkKeys {
  /** Names the master key without telling anything of it: 16 hexadecimal digits. */
  id: string;
  /** Decides the patterns that are added to pictures. */
  pattern: Buffer;
  /** Decides which sequence a session gets; all that a playback service needs. */
  sequence: Buffer;
}

function derive(key: Buffer, ...parts: readonly string[]): Buffer {
  return createHmac('sha256', key)
    .update(JSON.stringify(['hullcast watermark 1', ...parts]))
    .digest();
}

/** Public name of a master key. */
export function keyIdOf(master: Buffer): string {
  return derive(master, 'id').subarray(0, 8).toString('hex');
}

/**
 * Keys of one title. `salt` is public and differs from title to title, so that patterns of many titles cannot be
 * averaged, nor a sequence of one title be carried to another.
 */
export function deriveKeys(master: Buffer, salt: string): WatermarkKeys {
  return {
    id: keyIdOf(master),
    pattern: derive(master, 'pattern', salt),
    sequence: derive(master, 'sequence', salt),
  };
}

/** Endless pseudo-random numbers 0..2^32−1 of a key and a label: HMAC-SHA256 in counter mode. */
export function* keyStream(key: Buffer, label: string): Generator<number, never> {
  for (let counter = 0; ; counter++) {
    const block = derive(key, label, String(counter));
    for (let at = 0; at < block.length; at += 4) yield block.readUInt32BE(at);
  }
}
