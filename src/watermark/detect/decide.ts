import { type SequenceCode, type SessionBits, WORD_BITS, decodeWord, sessionOf } from '../code/index.js';
import type { Evidence } from './evidence.js';

/** What a copy's evidence amounts to. */
export interface Verdict {
  /**
   * `session`: a session's sequence. `title`: the title as it is published, sequenced for nobody. `marked`: marked, but
   * not enough of it to say for whom. `none`: nothing was found.
   */
  found: 'session' | 'title' | 'marked' | 'none';
  /** The session, where one was found. */
  session?: number;
  /** Probability that the verdict is false, at most; 1 for `none`. */
  doubt: number;
  /** Segments of the copy whose variant is not that of the session's sequence; where a sequence was found. */
  errors?: number;
}

/** A verdict is given where it is false with less than this probability. */
export const MOST_DOUBT = 1e-6;

/** How much of a mark may be left in a copy. */
const LEFT = [0.1, 0.2, 0.3, 0.45, 0.6, 0.8, 1];
/** Deviations are estimates: they count as somewhat larger. */
const CAUTION = 1.25;
/** Most that one segment may say, nats: a copy may be cut together, or one segment damaged. */
const MOST_SAID = 8;

const clamp = (value: number, most: number): number => Math.max(-most, Math.min(most, value));

/** ln of the likelihood of `value` where so much is left of the mark of variant a (sign +1) or b (−1), over that of no mark. */
function against({ value, deviation }: Evidence, left: number, sign: number): number {
  const variance = (deviation * CAUTION) ** 2;
  return Math.min(MOST_SAID, (sign * left * value - (left * left) / 2) / variance);
}

/** ln of a mean of exponentials. */
function logMean(values: readonly number[]): number {
  const most = Math.max(...values);
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0) / values.length);
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** How much of the marks is left, by what makes the evidence likeliest whichever the variants are. */
function likeliestLeft(evidence: readonly Evidence[]): number {
  const scored = LEFT.map((left) => ({ left, said: sum(evidence.map((one) => eitherSays(one, left))) }));
  return scored.reduce((best, other) => (other.said > best.said ? other : best)).left;
}

/** As `against`, for either variant with a chance of one half. */
function eitherSays(one: Evidence, left: number): number {
  return logMean([against(one, left, 1), against(one, left, -1)]);
}

/** ln P(a) − ln P(b) for every position of a code word. */
export function ratiosOf(evidence: readonly Evidence[]): number[] {
  const left = likeliestLeft(evidence);
  const ratios = new Array<number>(WORD_BITS).fill(0);
  for (const { segment, value, deviation } of evidence) {
    const ratio = (2 * left * value) / (deviation * CAUTION) ** 2;
    ratios[segment % WORD_BITS]! += clamp(ratio, MOST_SAID);
  }
  return ratios;
}

/**
 * Probability, at most, that evidence of a copy without marks says so much for one of `sequences` sequences: the
 * likelihood ratio of each has the mean 1 there, so it is above x with a probability of at most 1/x (Markov).
 */
function chance(logRatio: number, sequences: number): number {
  return Math.min(1, sequences * Math.exp(-logRatio));
}

/** `tries`: how many alignments were looked at, of which this is the evidence of one. */
export function decide(evidence: readonly Evidence[], code: SequenceCode, tries: number): Verdict {
  const marked = chance(
    logMean(LEFT.map((left) => sum(evidence.map((one) => eitherSays(one, left))))),
    tries,
  );
  if (!(marked < MOST_DOUBT)) return { found: 'none', doubt: 1 };
  const decoded = decodeWord(ratiosOf(evidence), code.bits);
  if (decoded) {
    const { word } = decoded;
    const sign = (segment: number): number => (word[segment % WORD_BITS] === 0 ? 1 : -1);
    const said = LEFT.map((left) => sum(evidence.map((one) => against(one, left, sign(one.segment)))));
    const doubt = Math.max(decoded.doubt, chance(logMean(said), tries * sessions(code.bits)));
    const session = sessionOf(code, word);
    const errors = evidence.filter(({ segment, value }) => value * sign(segment) < 0).length;
    if (doubt < MOST_DOUBT) {
      return session === 0 ? { found: 'title', doubt, errors } : { found: 'session', session, doubt, errors };
    }
  }
  return { found: 'marked', doubt: marked };
}

const sessions = (bits: SessionBits): number => 2 ** bits;
