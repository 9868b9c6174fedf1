import { badUsage } from '../../errors.js';
import type { Variant } from '../mark/index.js';
import { type Bits, type SessionBits, WORD_BITS, valueOf, wordOf } from './code.js';
import { scramble, unscramble } from './scramble.js';

/** How the sessions of a title are told apart. */
export interface SequenceCode {
  /** `WatermarkKeys.sequence`. Secret. */
  key: Buffer;
  bits: SessionBits;
}

/** Throws WATERMARK_SESSION unless it is a whole number 1..2^bits − 1. */
export function checkSession(session: number, bits: SessionBits): number {
  if (Number.isSafeInteger(session) && session >= 1 && session < 2 ** bits) return session;
  throw badUsage(
    'WATERMARK_SESSION',
    `${session} is no session: they are whole numbers from 1 to ${2 ** bits - 1} in this title`,
    'Give every playback session a number of its own, and keep which is whose.',
  );
}

/** Variant of every one of `segments` segments for a session; session 0 has nothing but a, as the title is published. */
export function variantSequence({ key, bits }: SequenceCode, session: number, segments: number): Variant[] {
  const word = wordOf(scramble(key, bits, session), bits);
  return Array.from({ length: segments }, (_, n) => (word[n % WORD_BITS] === 0 ? 'a' : 'b'));
}

/** The session whose sequence repeats a word. */
export function sessionOf({ key, bits }: SequenceCode, word: Bits): number {
  return unscramble(key, bits, valueOf(word, bits));
}
