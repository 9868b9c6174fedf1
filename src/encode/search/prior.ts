import type { Codec } from '../types.js';

/**
 * What rate and quality look like before anything is measured. Over all shots and resolutions ln(bits) falls along one
 * curve in crf, and VMAF is logistic in crf; only offsets differ between shots. Each codec has its own scale of crf.
 * docs/decisions/0003-search.md has the figures.
 */
export interface Prior {
  /** d ln(bits) / d crf, by the crf where the stretch ends. */
  rateSlopes: readonly { until: number; slope: number }[];
  /** Steepness of the logistic curve of VMAF over crf, 1/crf. */
  steepness: number;
  /** crf at which a shot's VMAF is half of what its resolution can reach; at the reference's size. */
  halfQuality: number;
  /** Shift of that crf, per unit of ln(height / reference height). */
  halfQualityShift: number;
  /** Shift of ln(bits) at equal crf, per unit of ln(height / reference height). */
  rateShift: number;
}

/** x264 on a grid of six resolutions by seven crf; the others at two resolutions by four or five crf. */
const PRIORS: Readonly<Record<Codec, Prior>> = {
  h264: {
    rateSlopes: [
      { until: 22, slope: -0.14 },
      { until: 26, slope: -0.146 },
      { until: 30, slope: -0.145 },
      { until: 34, slope: -0.133 },
      { until: 38, slope: -0.121 },
      { until: Infinity, slope: -0.111 },
    ],
    ...{ steepness: 0.162, halfQuality: 43, halfQualityShift: 7.8, rateShift: 1.83 },
  },
  hevc: {
    rateSlopes: [{ until: Infinity, slope: -0.145 }],
    ...{ steepness: 0.157, halfQuality: 44, halfQualityShift: 7.8, rateShift: 1.6 },
  },
  av1: {
    rateSlopes: [
      { until: 40, slope: -0.06 },
      { until: 50, slope: -0.047 },
      { until: Infinity, slope: -0.07 },
    ],
    ...{ steepness: 0.066, halfQuality: 79, halfQualityShift: 13, rateShift: 1.6 },
  },
  vp9: {
    rateSlopes: [
      { until: 30, slope: -0.05 },
      { until: 40, slope: -0.058 },
      { until: 50, slope: -0.063 },
      { until: Infinity, slope: -0.068 },
    ],
    ...{ steepness: 0.067, halfQuality: 78, halfQualityShift: 13, rateShift: 1.6 },
  },
};

export function priorOf(codec: Codec): Prior {
  return PRIORS[codec];
}

/** How much of a codec's crf makes the difference in quality that one crf makes in x264. */
export function crfUnit(codec: Codec): number {
  return PRIORS.h264.steepness / PRIORS[codec].steepness;
}

/** The common shape of ln(bits) over crf, 0 at crf 0. */
export function rateShape({ rateSlopes }: Prior, crf: number): number {
  let from = 0;
  let sum = 0;
  for (const { until, slope } of rateSlopes) {
    const to = Math.min(crf, until);
    if (to > from) sum += (to - from) * slope;
    from = until;
    if (crf <= until) break;
  }
  return sum;
}

/** Logit of VMAF over its ceiling, before measuring, for a shot of this half-quality crf at the reference's size. */
export function qualityLogit(prior: Prior, halfQuality: number, scale: number, crf: number): number {
  return -prior.steepness * (crf - halfQuality - prior.halfQualityShift * Math.log(scale));
}

/** The crf at which ordinary content has that logit. */
export function crfAt(prior: Prior, scale: number, logit: number): number {
  return prior.halfQuality + prior.halfQualityShift * Math.log(scale) - logit / prior.steepness;
}

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
