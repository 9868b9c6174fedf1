import { type SequenceCode, WORD_BITS, decodeWord, sessionOf } from '../code/index.js';
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

/**
 * How much of a mark may be left in a segment, each as likely as the others before it is looked at: all of it where there is
 * noise or motion, next to nothing where a still picture was encoded again.
 */
const LEFT = [0, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 1];
/** Deviations are estimates: they count as somewhat larger. */
const CAUTION = 1.25;
/** Most that one segment may say, nats: a copy may be cut together, or one segment damaged. */
const MOST_SAID = 8;

/** ln of a mean of exponentials. */
function logMean(values: readonly number[]): number {
  const most = Math.max(...values);
  return most + Math.log(values.reduce((sum, value) => sum + Math.exp(value - most), 0) / values.length);
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

/** ln of the likelihood of a segment's value if it is variant a (sign +1) or b (−1), over that if it has no mark. */
function says({ value, deviation }: Evidence, sign: number): number {
  const variance = (deviation * CAUTION) ** 2;
  const said = logMean(LEFT.map((left) => (sign * left * value - (left * left) / 2) / variance));
  return Math.min(MOST_SAID, said);
}

/** ln P(a) − ln P(b) for every position of a code word. */
export function ratiosOf(evidence: readonly Evidence[]): number[] {
  const ratios = new Array<number>(WORD_BITS).fill(0);
  for (const one of evidence) ratios[one.segment % WORD_BITS]! += says(one, 1) - says(one, -1);
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
  const either = sum(evidence.map((one) => logMean([says(one, 1), says(one, -1)])));
  const marked = chance(either, tries);
  if (!(marked < MOST_DOUBT)) return { found: 'none', doubt: 1 };
  const decoded = decodeWord(ratiosOf(evidence), code.bits);
  if (!decoded) return { found: 'marked', doubt: marked };
  const { word } = decoded;
  const sign = (segment: number): number => (word[segment % WORD_BITS] === 0 ? 1 : -1);
  const said = sum(evidence.map((one) => says(one, sign(one.segment))));
  const doubt = Math.max(decoded.doubt, chance(said, tries * 2 ** code.bits));
  if (!(doubt < MOST_DOUBT)) return { found: 'marked', doubt: marked };
  const errors = evidence.filter(({ segment, value }) => value * sign(segment) < 0).length;
  const session = sessionOf(code, word);
  return session === 0 ? { found: 'title', doubt, errors } : { found: 'session', session, doubt, errors };
}
