import type { Pooled } from './types.js';

/**
 * Value below which `share` (0..1) of the values lie, interpolated linearly between the two nearest ranks: numpy's
 * default, which libvmaf's own tools use.
 */
function quantile(ascending: readonly number[], share: number): number {
  const rank = share * (ascending.length - 1);
  const below = ascending[Math.floor(rank)] as number;
  const above = ascending[Math.ceil(rank)] as number;
  return below + (above - below) * (rank - Math.floor(rank));
}

/**
 * Pools the VMAF of frames. Mean and minimum are plain; the harmonic mean is libvmaf's, 1 / mean(1 / (x + 1)) − 1; the
 * 5th percentile is interpolated linearly. Throws RangeError where there are no scores or one is not in 0..100.
 */
export function pool(frameScores: readonly number[]): Pooled {
  const count = frameScores.length;
  if (count === 0) throw new RangeError('no frame scores to pool');
  const bad = frameScores.find((score) => !(score >= 0 && score <= 100));
  if (bad !== undefined) throw new RangeError(`not a VMAF score: ${bad}`);
  const ascending = [...frameScores].sort((a, b) => a - b);
  const sum = frameScores.reduce((total, score) => total + score, 0);
  const inverses = frameScores.reduce((total, score) => total + 1 / (score + 1), 0);
  return {
    mean: sum / count,
    harmonicMean: count / inverses - 1,
    p5: quantile(ascending, 0.05),
    min: ascending[0] as number,
  };
}
