import type { Codec } from '../types.js';

/**
 * What rate and quality look like before anything is measured. Over all shots, resolutions and codecs, VMAF is logistic
 * in crf and ln(bits) falls along one curve in it, once every codec's crf is put on one scale: that of x264's. Only
 * offsets differ between shots. docs/decisions/0003-search.md has the figures.
 */
interface Prior {
  /** The codec's crf and the x264 crf of equal quality for ordinary content, ascending; straight lines between. */
  scale: readonly (readonly [crf: number, x264: number])[];
  /** d ln(bits) / d x264 crf, by the x264 crf where the stretch ends. */
  rateSlopes: readonly { until: number; slope: number }[];
  /** Shift of ln(bits) at equal crf, per unit of ln(height / reference height). */
  rateShift: number;
}

/** x264: a grid of six resolutions by seven crf. x265 and SVT-AV1: five by 17 and 11. libvpx: two by five. */
const PRIORS: Readonly<Record<Codec, Prior>> = {
  h264: {
    scale: [
      [0, 0],
      [51, 51],
    ],
    rateSlopes: [
      { until: 22, slope: -0.14 },
      { until: 26, slope: -0.146 },
      { until: 30, slope: -0.145 },
      { until: 34, slope: -0.133 },
      { until: 38, slope: -0.121 },
      { until: Infinity, slope: -0.111 },
    ],
    rateShift: 1.83,
  },
  hevc: {
    scale: [
      [5, 0],
      [51, 46],
    ],
    rateSlopes: [{ until: Infinity, slope: -0.147 }],
    rateShift: 1.62,
  },
  // SVT-AV1's quantiser grows faster at both ends of its crf than between.
  av1: {
    scale: [
      [12, 13],
      [17, 16],
      [47, 25.3],
      [57, 28.8],
      [63, 34],
    ],
    rateSlopes: [
      { until: 25, slope: -0.16 },
      { until: Infinity, slope: -0.147 },
    ],
    rateShift: 1.55,
  },
  vp9: {
    scale: [
      [10, 11.5],
      [63, 34],
    ],
    rateSlopes: [{ until: Infinity, slope: -0.146 }],
    rateShift: 1.6,
  },
};

type Line = readonly (readonly [from: number, to: number])[];

/** Piecewise linear through the points, straight on beyond the first and the last. */
function along(line: Line, at: number): number {
  const next = line.findIndex(([from], i) => i > 0 && at <= from);
  const i = next < 0 ? line.length - 1 : next;
  const [x0, y0] = line[i - 1]!;
  const [x1, y1] = line[i]!;
  return y0 + (at - x0) * ((y1 - y0) / (x1 - x0)); // exact where the slope is 1
}

/** The x264 crf that corresponds to a codec's crf. */
export function toX264(codec: Codec, crf: number): number {
  return along(PRIORS[codec].scale, crf);
}

/** The codec's crf that corresponds to an x264 crf. */
export function fromX264(codec: Codec, x264: number): number {
  return along(
    PRIORS[codec].scale.map(([crf, at]) => [at, crf]),
    x264,
  );
}

/** How far two values of a codec's crf lie apart, in crf of x264. */
export function crfDistance(codec: Codec, a: number, b: number): number {
  return Math.abs(toX264(codec, a) - toX264(codec, b));
}

/** ln(bits) before measuring, up to an offset of the shot; `scale` is height / reference height. */
export function priorRate(codec: Codec, scale: number, crf: number): number {
  const { rateSlopes, rateShift } = PRIORS[codec];
  const x264 = toX264(codec, crf);
  let from = 0;
  let sum = rateShift * Math.log(scale);
  for (const { until, slope } of rateSlopes) {
    const to = Math.min(x264, until);
    if (to > from) sum += (to - from) * slope;
    from = until;
    if (x264 <= until) break;
  }
  return sum;
}

/** Steepness of the logistic curve of VMAF over x264 crf, 1/crf. */
const QUALITY_STEEPNESS = 0.162;

/** x264 crf at which a shot's VMAF is half of what can be reached; at the reference's size, before measuring. */
export const HALF_QUALITY = 43;

/** Shift of that crf, per unit of ln(height / reference height). */
const HALF_QUALITY_SHIFT = 7.8;

/** Logit of VMAF over its ceiling, for a shot of this half-quality crf at the reference's size. */
export function priorLogit(codec: Codec, halfQuality: number, scale: number, crf: number): number {
  return -QUALITY_STEEPNESS * (toX264(codec, crf) - halfQuality - HALF_QUALITY_SHIFT * Math.log(scale));
}

/** The codec's crf at which ordinary content has this logit. */
export function crfAt(codec: Codec, scale: number, logit: number): number {
  return fromX264(codec, HALF_QUALITY + HALF_QUALITY_SHIFT * Math.log(scale) - logit / QUALITY_STEEPNESS);
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
