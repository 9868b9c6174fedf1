import { CELLS, type Cells } from '../mark/index.js';

/** What a copy says about one segment. */
export interface Evidence {
  /** Number of the segment, from 0. */
  segment: number;
  /** About 1 where the copy has variant a, −1 where it has b, nearer to 0 the more of the mark is lost, 0 without. */
  value: number;
  /** Standard deviation of `value` by chance. */
  deviation: number;
}

/** The same frames of the copy and of both variants, each cell a mean over them. */
export interface SegmentCells {
  segment: number;
  copy: Cells;
  a: Cells;
  b: Cells;
}

/** A deviation is not taken for smaller: a copy of the very bits has none. */
const LEAST_DEVIATION = 0.02;
/**
 * Correlation of what variants differ by and the key's pattern below which that is not the pattern: that of another key
 * is about normal with a deviation of 1/√144 = 0.08.
 */
const LEAST_OWN = 0.5;

function dot(x: Cells, y: Cells): number {
  let sum = 0;
  for (let i = 0; i < CELLS; i++) sum += x[i]! * y[i]!;
  return sum;
}

function centred(x: Cells): Cells {
  const mean = x.reduce((sum, value) => sum + value, 0) / CELLS;
  return x.map((value) => value - mean);
}

/**
 * Compares a copy with both variants of a segment. What they have in common, brighter or darker and with more or less
 * contrast, is taken off the copy; what is left is projected on the key's pattern, in units of what a whole mark gives. How
 * much of that is chance is what is left on patterns that no segment has. Undefined where the key's pattern is not what the
 * variants differ by, or the picture cannot show it (black).
 */
export function evidenceOf(
  { segment, copy, a, b }: SegmentCells,
  pattern: Cells,
  decoys: readonly Cells[],
): Evidence | undefined {
  const mark = centred(a.map((value, i) => (value - b[i]!) / 2));
  const own = dot(mark, pattern);
  if (!(own > LEAST_OWN * Math.sqrt(dot(mark, mark) * dot(pattern, pattern)))) return undefined;
  const host = centred(a.map((value, i) => (value + b[i]!) / 2));
  const seen = centred(copy);
  const contrast = dot(seen, host) / dot(host, host);
  if (!(contrast > 0)) return undefined;
  const residual = seen.map((value, i) => value - contrast * host[i]!);
  const value = dot(residual, pattern) / (contrast * own);
  const rest = residual.map((left, i) => left - value * contrast * mark[i]!);
  const squares = decoys.reduce((sum, decoy) => sum + (dot(rest, decoy) / (contrast * own)) ** 2, 0);
  const deviation = Math.max(LEAST_DEVIATION, Math.sqrt(squares / decoys.length));
  return { segment, value, deviation };
}
