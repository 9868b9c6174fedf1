import { HALF_QUALITY, halfQualityAt, priorLogit, priorRate, scalingLoss, toX264 } from './prior.js';
import { lendersOf } from './similar.js';
import type { Measured, SearchInput } from './types.js';

/** What a shot costs and gives at one resolution, as far as it is known. */
export interface ShotModel {
  bits: (crf: number) => number;
  /** Mean VMAF, 0..100. */
  vmaf: (crf: number) => number;
  /** Bit rate of the largest group of pictures over the shot's average. */
  peakFactor: number;
}

/** VMAF that an encode at the reference's size approaches: a little above 100, since VMAF is clipped there. */
const FULL_SIZE_CEILING = 100.5;
/** Bits of the smallest chunk that can be: keeps logarithms finite. */
const LEAST_BITS = 64;
const DEFAULT_PEAK_FACTOR = 1.2;

function logit(vmaf: number, ceiling: number): number {
  const q = Math.min(Math.max(vmaf, 0.5), ceiling - 0.25);
  return Math.log(q / (ceiling - q));
}

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

interface Residual {
  at: number;
  value: number;
}

/** Piecewise linear through the residuals (ascending `at`), constant beyond the first and the last. */
function interpolate(residuals: readonly Residual[], at: number): number {
  const first = residuals[0];
  if (!first) return 0;
  if (at <= first.at) return first.value;
  for (let i = 1; i < residuals.length; i++) {
    const a = residuals[i - 1]!;
    const b = residuals[i]!;
    if (at <= b.at) return a.value + ((at - a.at) / (b.at - a.at)) * (b.value - a.value);
  }
  return residuals[residuals.length - 1]!.value;
}

/** One value for each distinct position, the mean of those that share it, in ascending order. */
function residualsOf(points: readonly Residual[]): Residual[] {
  const groups = new Map<number, number[]>();
  for (const { at, value } of points) groups.set(at, [...(groups.get(at) ?? []), value]);
  return [...groups].map(([at, values]) => ({ at, value: mean(values) })).sort((a, b) => a.at - b.at);
}

/**
 * Models of one shot at every candidate resolution, from whatever was measured of it. The prior gives the shapes; the
 * measured points place them (their residuals are interpolated over crf within a resolution, and over ln(scale)
 * between resolutions), so a model passes through every point that was measured.
 */
export function modelShot(input: SearchInput, points: readonly Measured[]): ShotModel[] {
  const scaleOf = (height: number): number => Math.min(1, height / input.referenceHeight);
  const { codec } = input;
  const halfQuality = halfQualityOf(input, points, scaleOf);
  const detail = detailFactor(input, points, scaleOf, halfQuality);

  const ceilings = input.resolutions.map(({ height }) => {
    const scale = scaleOf(height);
    const reached = points.filter((p) => p.resolution.height === height).map((p) => p.vmaf + 0.5);
    return Math.min(
      FULL_SIZE_CEILING,
      Math.max(FULL_SIZE_CEILING - detail * scalingLoss(scale), 5, ...reached),
    );
  });
  const own = input.resolutions.map(({ height }, index) => {
    const scale = scaleOf(height);
    const here = points.filter((p) => p.resolution.height === height);
    const rate = here.map((p) => ({
      at: toX264(codec, p.crf),
      value: Math.log(Math.max(p.bits, LEAST_BITS)) - priorRate(codec, scale, p.crf),
    }));
    const quality = here.map((p) => ({
      at: toX264(codec, p.crf),
      value: logit(p.vmaf, ceilings[index]!) - priorLogit(codec, halfQuality, scale, p.crf),
    }));
    const peaks = here.map((p) => peakFactorOf(p, input));
    return { scale, rate: residualsOf(rate), quality: residualsOf(quality), peaks };
  });
  const measured = own.filter((o) => o.rate.length > 0);
  const between = (of: (o: (typeof own)[number]) => Residual[], scale: number): Residual[] => {
    const at = residualsOf(
      measured.map((o) => ({ at: Math.log(o.scale), value: mean(of(o).map((r) => r.value)) })),
    );
    return [{ at: 0, value: interpolate(at, Math.log(scale)) }];
  };
  const allPeaks = measured.flatMap((o) => o.peaks);

  return own.map((o, index) => {
    const rate = o.rate.length > 0 ? o.rate : between((x) => x.rate, o.scale);
    const quality = o.quality.length > 0 ? o.quality : between((x) => x.quality, o.scale);
    const ceiling = ceilings[index]!;
    const peaks = o.peaks.length > 0 ? o.peaks : allPeaks;
    return {
      bits: (crf) => Math.exp(priorRate(codec, o.scale, crf) + interpolate(rate, toX264(codec, crf))),
      vmaf: (crf) => {
        const z = priorLogit(codec, halfQuality, o.scale, crf) + interpolate(quality, toX264(codec, crf));
        return Math.min(100, ceiling / (1 + Math.exp(-z)));
      },
      peakFactor: peaks.length > 0 ? mean(peaks) : DEFAULT_PEAK_FACTOR,
    };
  });
}

/**
 * Models of every shot, in the order of SearchInput: `[shot][resolution]`. A shot of which nothing was measured has the
 * model of the one that lends it a first guess.
 */
export function modelShots(input: SearchInput, measured: readonly Measured[]): ShotModel[][] {
  const { shots } = input;
  const pointsOf = (position: number): Measured[] =>
    measured.filter(({ shot }) => shot === shots[position]!.index);
  const lenders = lendersOf(input);
  return shots.map(({ index, frames }, position) => {
    const own = pointsOf(position);
    if (own.length > 0) return modelShot(input, own);
    const lender = lenders[position]!;
    const share = frames / shots[lender]!.frames;
    const lent = pointsOf(lender).map((point) => ({ ...point, shot: index, bits: point.bits * share }));
    return modelShot(input, lent);
  });
}

function peakFactorOf(point: Measured, input: SearchInput): number {
  const frames = input.shots.find((shot) => shot.index === point.shot)?.frames ?? 1;
  const average = (Math.max(point.bits, LEAST_BITS) * input.fps.num) / (frames * input.fps.den);
  return Math.max(1, point.peakBitrate / average);
}

/** How far from ordinary content a shot may be taken to lie, in x264 crf; one colour and pure noise lie beyond. */
const HALF_QUALITY_RANGE = { below: 28, above: 47 };

/** The shot's half-quality crf (x264's) at full size, from its points at the largest scale that was measured. */
function halfQualityOf(
  { codec }: SearchInput,
  points: readonly Measured[],
  scaleOf: (height: number) => number,
): number {
  const largest = Math.max(...points.map((p) => p.resolution.height));
  const at = points.filter((p) => p.resolution.height === largest);
  if (at.length === 0) return HALF_QUALITY;
  const scale = scaleOf(largest);
  const ceiling = FULL_SIZE_CEILING - scalingLoss(scale);
  const lowest = HALF_QUALITY - HALF_QUALITY_RANGE.below;
  const highest = HALF_QUALITY + HALF_QUALITY_RANGE.above;
  return mean(
    at.map(({ crf, vmaf }) => {
      const half = halfQualityAt(codec, scale, crf, logit(vmaf, ceiling));
      return Math.min(Math.max(half, lowest), highest);
    }),
  );
}

/**
 * Range of that factor. Not 0: an enlarged or a soft picture loses nothing down to half its size, but that says little
 * of a quarter; a model that believed it asked for the smallest size alone, and kept rungs at full size for nothing.
 */
const LEAST_DETAIL = 0.25;
const MOST_DETAIL = 1.9;

/** How much more (or less) than ordinary content the shot loses by scaling, from its points below full size. */
function detailFactor(
  { codec }: SearchInput,
  points: readonly Measured[],
  scaleOf: (height: number) => number,
  halfQuality: number,
): number {
  const factors = points.flatMap((p) => {
    const scale = scaleOf(p.resolution.height);
    const loss = scalingLoss(scale);
    if (loss === 0) return [];
    const ceiling = p.vmaf * (1 + Math.exp(-priorLogit(codec, halfQuality, scale, p.crf)));
    return [Math.min(Math.max((FULL_SIZE_CEILING - ceiling) / loss, LEAST_DETAIL), MOST_DETAIL)];
  });
  return factors.length > 0 ? mean(factors) : 1;
}
