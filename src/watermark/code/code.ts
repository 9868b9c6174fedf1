import { bchGenerator } from './field.js';

/** Bits of a code word; a session's sequence of variants repeats after so many segments. */
export const WORD_BITS = 63;

/**
 * Bits of session ids to choose from, and how many wrong segments of 63 each corrects (or twice as many missing ones).
 * The code is a binary BCH code, whose messages have so many bits; what is left beside the id is a checksum of it.
 */
export const CODES = {
  16: { errors: 11, message: 16 },
  24: { errors: 7, message: 24 },
  32: { errors: 5, message: 36 },
} as const;
export type SessionBits = keyof typeof CODES;
export const SESSION_BITS = [16, 24, 32] as const satisfies readonly SessionBits[];

/** A bit each, 0 or 1. */
export type Bits = Uint8Array;

/** CRC-4 of ITU-T G.704 (x^4 + x + 1), highest bit first. Linear: a sum of ids has the sum of their checksums. */
function crc4(bits: readonly number[]): number[] {
  let register = 0;
  for (const bit of [...bits, 0, 0, 0, 0]) {
    register = (register << 1) | bit;
    if (register & 16) register ^= 0b10011;
  }
  return [3, 2, 1, 0].map((i) => (register >> i) & 1);
}

function messageOf(value: number, bits: SessionBits): number[] {
  const own = Array.from({ length: bits }, (_, i) => Math.floor(value / 2 ** (bits - 1 - i)) % 2);
  return CODES[bits].message > bits ? [...own, ...crc4(own)] : own;
}

/** The code word of a value 0..2^bits − 1, systematic: message first, then what makes it a multiple of the generator. */
export function wordOf(value: number, bits: SessionBits): Bits {
  const generator = bchGenerator(CODES[bits].errors);
  const message = messageOf(value, bits);
  const rest = Uint8Array.from([...message, ...new Array<number>(generator.length - 1).fill(0)]);
  for (let i = 0; i < message.length; i++) {
    if (rest[i] === 0) continue;
    generator.forEach((_, j) => (rest[i + j]! ^= generator[generator.length - 1 - j]!));
  }
  return Uint8Array.from([...message, ...rest.subarray(message.length)]);
}

/** The value that a code word carries. */
export function valueOf(word: Bits, bits: SessionBits): number {
  return word.subarray(0, bits).reduce((sum, bit) => sum * 2 + bit, 0);
}

/** Words of the values of one bit: every word is a sum of some of them, because code and checksum are linear. */
export function basisOf(bits: SessionBits): Bits[] {
  return Array.from({ length: bits }, (_, i) => wordOf(2 ** i, bits));
}
