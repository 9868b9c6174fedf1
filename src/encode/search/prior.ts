/**
 * What rate and quality look like before anything is measured. Measured with x264 (medium and veryfast) on a grid of
 * six resolutions by seven crf: over all shots and resolutions ln(bits) falls along one curve in crf, and VMAF is
 * logistic in crf; only offsets differ between shots. docs/decisions/0003-search.md has the figures.
 */

/** d ln(bits) / d crf, by the crf where the stretch ends. */
const RATE_SLOPES: readonly { until: number; slope: number }[] = [
  { until: 22, slope: -0.14 },
  { until: 26, slope: -0.146 },
  { until: 30, slope: -0.145 },
  { until: 34, slope: -0.133 },
  { until: 38, slope: -0.121 },
  { until: Infinity, slope: -0.111 },
];

/** The common shape of ln(bits) over crf, 0 at crf 0. */
export function rateShape(crf: number): number {
  let from = 0;
  let sum = 0;
  for (const { until, slope } of RATE_SLOPES) {
    const to = Math.min(crf, until);
    if (to > from) sum += (to - from) * slope;
    from = until;
    if (crf <= until) break;
  }
  return sum;
}

/** Steepness of the logistic curve of VMAF over crf, 1/crf. */
export const QUALITY_STEEPNESS = 0.162;

/** crf at which a shot's VMAF is half of what its resolution can reach; at the reference's size, before measuring. */
export const HALF_QUALITY_CRF = 43;

/** Shift of that crf, per unit of ln(height / reference height). */
export const HALF_QUALITY_SHIFT = 7.8;

/** Shift of ln(bits) at equal crf, per unit of ln(height / reference height). */
export const RATE_SHIFT = 1.83;

/** VMAF that scaling down and up again costs, by height / reference height, for content of ordinary detail. */
const SCALING_LOSS: readonly { scale: number; loss: number }[] = [
  { scale: 1, loss: 0 },
  { scale: 0.667, loss: 7 },
  { scale: 0.5, loss: 13 },
  { scale: 0.4, loss: 19 },
  { scale: 0.333, loss: 26 },
  { scale: 0.217, loss: 51 },
  { scale: 0.1, loss: 75 },
];

/** VMAF lost to scaling alone, interpolated over ln(scale). */
export function scalingLoss(scale: number): number {
  if (scale >= 1) return 0;
  for (let i = 1; i < SCALING_LOSS.length; i++) {
    const a = SCALING_LOSS[i - 1]!;
    const b = SCALING_LOSS[i]!;
    if (scale >= b.scale) {
      const t = Math.log(scale / a.scale) / Math.log(b.scale / a.scale);
      return a.loss + t * (b.loss - a.loss);
    }
  }
  return SCALING_LOSS[SCALING_LOSS.length - 1]!.loss;
}
