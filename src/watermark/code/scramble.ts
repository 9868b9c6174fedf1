import { createHmac } from 'node:crypto';
import type { SessionBits } from './code.js';

const ROUNDS = 8;

/** One round of a Feistel network of two halves of bits / 2 bits each. */
function roundValue(key: Buffer, bits: SessionBits, round: number, half: number): number {
  const digest = createHmac('sha256', key)
    .update(JSON.stringify(['hullcast watermark session 1', bits, round, half]))
    .digest();
  return digest.readUInt32BE(0) % 2 ** (bits / 2);
}

function permute(key: Buffer, bits: SessionBits, value: number, rounds: readonly number[]): number {
  const base = 2 ** (bits / 2);
  let [left, right] = [Math.floor(value / base), value % base];
  for (const round of rounds) [left, right] = [right, left ^ roundValue(key, bits, round, right)];
  // The halves are exchanged once more, so that the same network with its rounds reversed is the inverse.
  return right * base + left;
}

const FORWARD = Array.from({ length: ROUNDS }, (_, i) => i);
const BACKWARD = FORWARD.toReversed();

/**
 * A keyed permutation of 1..2^bits − 1 that leaves 0 where it is: nobody without the key can put the sequence of somebody
 * else's session together, and sessions that follow one another have sequences that are nothing like.
 */
export function scramble(key: Buffer, bits: SessionBits, session: number): number {
  if (session === 0) return 0;
  const value = permute(key, bits, session, FORWARD);
  return value === 0 ? permute(key, bits, 0, FORWARD) : value;
}

/** The inverse of `scramble`. */
export function unscramble(key: Buffer, bits: SessionBits, value: number): number {
  if (value === 0) return 0;
  const session = permute(key, bits, value, BACKWARD);
  return session === 0 ? permute(key, bits, 0, BACKWARD) : session;
}
