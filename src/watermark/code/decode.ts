import { type Bits, CODES, type SessionBits, WORD_BITS, basisOf } from './code.js';

/** The likeliest code word. */
export interface Decoded {
  word: Bits;
  /** Probability that it is another one, given that it is one of them, 0..1. */
  doubt: number;
}

/** A word as two integers of 32 bits: positions 0..31 and 32..62. */
type Packed = readonly [low: number, high: number];

function pack(bits: ArrayLike<number>): Packed {
  const half = (from: number, to: number): number => {
    let value = 0;
    for (let i = from; i < to; i++) if (bits[i] === 1) value |= 1 << (i - from);
    return value;
  };
  return [half(0, 32), half(32, WORD_BITS)];
}

function unpack([low, high]: Packed): Bits {
  return Uint8Array.from({ length: WORD_BITS }, (_, i) => ((i < 32 ? low : high) >>> (i % 32)) & 1);
}

/** Sum of weights at the bits that are set, by a table for every byte. */
function weigher(weights: readonly number[]): (low: number, high: number) => number {
  const tables = Array.from({ length: 8 }, (_, byte) => {
    const table = new Float64Array(256);
    for (let value = 1; value < 256; value++) {
      const lowest = 31 - Math.clz32(value & -value);
      table[value] = table[value & (value - 1)]! + (weights[byte * 8 + lowest] ?? 0);
    }
    return table;
  });
  const [a, b, c, d, e, f, g, h] = tables as [
    ...[Float64Array, Float64Array, Float64Array, Float64Array],
    ...[Float64Array, Float64Array, Float64Array, Float64Array],
  ];
  return (low, high) =>
    a[low & 255]! +
    b[(low >>> 8) & 255]! +
    c[(low >>> 16) & 255]! +
    d[low >>> 24]! +
    (e[high & 255]! + f[(high >>> 8) & 255]! + g[(high >>> 16) & 255]! + h[high >>> 24]!);
}

/**
 * A basis of the code in which the most reliable positions that can be are free: row i alone has a 1 at positions[i].
 * Undefined where the positions that are known do not decide a word.
 */
function reliableBasis(
  bits: SessionBits,
  weights: readonly number[],
): { rows: Bits[]; positions: number[] } | undefined {
  const rows = basisOf(bits);
  const positions: number[] = [];
  const order = weights.map((_, i) => i).sort((i, j) => weights[j]! - weights[i]!);
  for (const position of order) {
    const done = positions.length;
    if (done === bits || weights[position] === 0) break;
    const pivot = rows.findIndex((row, i) => i >= done && row[position] === 1);
    if (pivot < 0) continue;
    [rows[done], rows[pivot]] = [rows[pivot]!, rows[done]!];
    const own = rows[done];
    rows.forEach((row, i) => {
      if (i !== done && row[position] === 1) own.forEach((bit, j) => (row[j]! ^= bit));
    });
    positions.push(position);
  }
  return positions.length === bits ? { rows, positions } : undefined;
}

/**
 * Decodes 63 log-likelihood ratios, ln P(0) − ln P(1), 0 where nothing is known; by ordered statistics (Fossorier & Lin
 * 1995): the most reliable positions that decide a word are taken as they are, then with up to as many of them turned
 * over as the code corrects errors. So every pattern of e errors and m missing positions with 2e + m ≤ 2·errors is
 * corrected, and most beyond. Undefined where too little is known to decide.
 */
export function decodeWord(ratios: readonly number[], bits: SessionBits): Decoded | undefined {
  const weights = ratios.map(Math.abs);
  const basis = reliableBasis(bits, weights);
  if (!basis) return undefined;
  const hard = pack(ratios.map((ratio) => (ratio < 0 ? 1 : 0)));
  const rows = basis.rows.map(pack);
  let start: Packed = [0, 0];
  basis.positions.forEach((position, i) => {
    if (ratios[position]! < 0) start = [start[0] ^ rows[i]![0], start[1] ^ rows[i]![1]];
  });

  const weigh = weigher(weights);
  let best = start;
  let least = Infinity;
  // Σ exp(−weight) over all words that were looked at, relative to the best one.
  let total = 0;
  const turn = (from: number, low: number, high: number, left: number): void => {
    const weight = weigh(low ^ hard[0], high ^ hard[1]);
    if (weight < least) {
      total = total * Math.exp(weight - least) + 1;
      least = weight;
      best = [low, high];
    } else total += Math.exp(least - weight);
    if (left === 0) return;
    for (let i = from; i < rows.length; i++) turn(i + 1, low ^ rows[i]![0], high ^ rows[i]![1], left - 1);
  };
  turn(0, start[0], start[1], CODES[bits].errors);
  return { word: unpack(best), doubt: 1 - 1 / total };
}
