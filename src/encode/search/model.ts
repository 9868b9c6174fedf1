import { DETAILS, ceilingAt } from './ceiling.js';
import { type Covariances, GaussianProcess, MeasuredPlaces, type Place } from './gaussian.js';
import { Mixture } from './hypotheses.js';
import { QUALITY_FREEDOM, RATE_FREEDOM, ROUGHNESS, kernelOf } from './kernels.js';
import { HALF_QUALITY, priorLogit, priorRate, toX264 } from './prior.js';
import { lendersOf } from './similar.js';
import type { Measured, SearchInput } from './types.js';

/** What a shot costs and gives at one resolution, as far as it is known. */
export interface ShotModel {
  bits: (crf: number) => number;
  /** Mean VMAF, 0..100. */
  vmaf: (crf: number) => number;
  /** How sure that is: standard deviation of ln(bits) that the model's VMAF costs. */
  spread: (crf: number) => number;
  /** Bit rate of the largest group of pictures over the shot's average. */
  peakFactor: number;
}

/** Bits of the smallest chunk that can be: keeps logarithms finite. */
const LEAST_BITS = 64;
const DEFAULT_PEAK_FACTOR = 1.2;
/** ln(bits) of a usual chunk at crf 0 and full size. */
const USUAL_RATE = 20;

/** What is known of a shot: an encode of it, or of one that is like it. */
export type Known = Measured & { lent?: boolean };

/** Standard deviations of what is measured: of ln(bits), and of a mean VMAF from a part of the frames. */
const NOISE = { rate: 0.01, vmaf: 0.2 };
/** The same of what a shot like it measured. */
const LENT_NOISE = { rate: 0.1, vmaf: 2 };
const noiseOf = ({ lent }: Known): typeof NOISE => (lent ? LENT_NOISE : NOISE);
/** The same of the logit of VMAF, at least: the curve is no better than that. */
const LOGIT_NOISE = 0.01;
/** The logistic has no value at 0 and at its ceiling, so VMAF keeps as far from them. */
const MARGIN = { bottom: 0.5, top: 0.25 };
/** The most that a step of VMAF may cost (ln bits) where the model's curve is flat. */
const MOST_COST = 1;

const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;

/** A resolution with as many points of its own needs no others to be known. */
const ENOUGH_POINTS = 8;

/**
 * Models of one shot at every candidate resolution, from whatever was measured of it. The prior gives the shapes; how the
 * shot differs from them is a Gaussian process over crf and ln(scale), with several guesses at its roughness and at what
 * scaling costs, each weighed by how well it explains what was measured. So a model passes through every measured point
 * (but for its noise), and says how sure it is between and beyond them.
 */
export function modelShot(input: SearchInput, points: readonly Known[]): ShotModel[] {
  const ofAll = lazily(() => curvesOf(input, points));
  return input.resolutions.map(({ height }) => {
    const here = points.filter((p) => p.resolution.height === height);
    const own = here.filter(({ lent }) => !lent);
    const curves = own.length < ENOUGH_POINTS ? ofAll : lazily(() => curvesOf(input, own));
    const rate = memo((crf) => curves().rate.mean(height, crf));
    const vmaf = memo((crf) => curves().quality.mean(height, crf));
    const peaks = (here.length > 0 ? here : points).map((p) => peakFactorOf(p, input));
    return {
      bits: (crf) => Math.exp(rate(crf)),
      vmaf,
      spread: (crf) => {
        const [a, b] = [crf - input.crf.step, crf + input.crf.step];
        const [bits, gain] = [rate(a) - rate(b), vmaf(a) - vmaf(b)];
        const cost = gain > 0 ? Math.min(MOST_COST, Math.max(0, bits / gain)) : MOST_COST;
        const { rate: r, quality: q } = curves();
        return Math.sqrt(r.variance(height, crf) + cost * cost * q.variance(height, crf));
      },
      peakFactor: peaks.length > 0 ? mean(peaks) : DEFAULT_PEAK_FACTOR,
    };
  });
}

/** A value over height and crf, and how sure it is. */
interface Curve {
  mean: (height: number, crf: number) => number;
  variance: (height: number, crf: number) => number;
}

function curvesOf(input: SearchInput, points: readonly Known[]): { rate: Curve; quality: Curve } {
  return { rate: rateCurve(input, points), quality: qualityCurve(input, points) };
}

const scaleOf = ({ referenceHeight }: SearchInput, height: number): number =>
  Math.min(1, height / referenceHeight);

function placeOf(input: SearchInput, height: number, crf: number): Place {
  return { crf: toX264(input.codec, crf) / 10, scale: Math.log(scaleOf(input, height)) };
}

const placesOf = (input: SearchInput, points: readonly Known[]): Place[] =>
  points.map((p) => placeOf(input, p.resolution.height, p.crf));

/** ln(bits) of the shot. */
function rateCurve(input: SearchInput, points: readonly Known[]): Curve {
  const usual = (height: number, crf: number): number =>
    USUAL_RATE + priorRate(input.codec, scaleOf(input, height), crf);
  const values = points.map(
    (p) => Math.log(Math.max(p.bits, LEAST_BITS)) - usual(p.resolution.height, p.crf),
  );
  const noise = points.map((point) => noiseOf(point).rate ** 2);
  const hypotheses = ROUGHNESS.map(({ roughness, prior }) => {
    const places = new MeasuredPlaces(kernelOf(RATE_FREEDOM, roughness), placesOf(input, points));
    return { prior, process: new GaussianProcess(places, values, noise) };
  });
  const mixture = new Mixture(hypotheses, ({ process, prior }) => process.logEvidence + Math.log(prior));
  const at = (process: GaussianProcess, height: number, crf: number): Covariances =>
    process.places.of(placeOf(input, height, crf));
  return {
    mean: (height, crf) =>
      usual(height, crf) + mixture.mean(({ process }) => process.mean(at(process, height, crf))),
    variance: (height, crf) =>
      mixture.estimate(({ process }) => process.estimate(at(process, height, crf))).variance,
  };
}

/** Mean VMAF of the shot. */
function qualityCurve(input: SearchInput, points: readonly Known[]): Curve {
  const usual = (height: number, crf: number): number =>
    priorLogit(input.codec, HALF_QUALITY, scaleOf(input, height), crf);
  const kernels = ROUGHNESS.map(({ roughness, prior }) => ({
    prior,
    places: new MeasuredPlaces(kernelOf(QUALITY_FREEDOM, roughness), placesOf(input, points)),
  }));
  const heights = new Set(
    [...input.resolutions, ...points.map((p) => p.resolution)].map(({ height }) => height),
  );
  const hypotheses = DETAILS.flatMap((detail) => {
    const ceilings = new Map(
      [...heights].map((height) => [height, ceilingAt(detail, scaleOf(input, height))]),
    );
    const seen = points.map((point) => {
      const { height } = point.resolution;
      const { logit, noise, logEvidence } = logitOf(point, ceilings.get(height)!);
      return { value: logit - usual(height, point.crf), noise, logEvidence };
    });
    const ofPoints = seen.reduce((sum, { logEvidence }) => sum + logEvidence, 0) + Math.log(detail.prior);
    const values = seen.map(({ value }) => value);
    const noise = seen.map((one) => one.noise);
    return kernels.map(({ places, prior }) => {
      const process = new GaussianProcess(places, values, noise);
      return { process, ceilings, log: process.logEvidence + ofPoints + Math.log(prior) };
    });
  });
  const mixture = new Mixture(hypotheses, ({ log }) => log);
  /** Covariances of a place, by the places of its kernel. */
  const around = (height: number, crf: number): Map<MeasuredPlaces, Covariances> =>
    new Map(kernels.map(({ places }) => [places, places.of(placeOf(input, height, crf))]));
  const logistic = (ceiling: number, logit: number): number => ceiling / (1 + Math.exp(-logit));
  return {
    mean: (height, crf) => {
      const at = around(height, crf);
      const base = usual(height, crf);
      return mixture.mean(({ process, ceilings }) =>
        Math.min(100, logistic(ceilings.get(height)!, base + process.mean(at.get(process.places)!))),
      );
    },
    variance: (height, crf) => {
      const at = around(height, crf);
      const base = usual(height, crf);
      return mixture.estimate(({ process, ceilings }) => {
        const ceiling = ceilings.get(height)!;
        const logit = process.estimate(at.get(process.places)!);
        const vmaf = logistic(ceiling, base + logit.mean);
        const slope = (vmaf * (ceiling - vmaf)) / ceiling; // d VMAF / d logit
        return { mean: Math.min(100, vmaf), variance: slope * slope * logit.variance };
      }).variance;
    },
  };
}

/** A VMAF as logit of its share of the ceiling, the variance of that, and what the VMAF says of the ceiling. */
function logitOf(point: Known, ceiling: number): { logit: number; noise: number; logEvidence: number } {
  const { vmaf } = point;
  const deviation = noiseOf(point).vmaf;
  const q = Math.min(Math.max(vmaf, MARGIN.bottom), ceiling - MARGIN.top);
  const slope = ceiling / (q * (ceiling - q)); // d logit / d VMAF
  const above = Math.max(0, vmaf - q) / deviation;
  return {
    logit: Math.log(q / (ceiling - q)),
    noise: (deviation * slope) ** 2 + LOGIT_NOISE ** 2,
    // Evidence is that of VMAF, not of its logit; what lies above the ceiling speaks against it.
    logEvidence: Math.log(slope) - (above * above) / 2,
  };
}

function lazily<T>(of: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: of() }).value;
}

/** The function with its results kept: plans ask for the same points over and over. */
function memo<T>(of: (crf: number) => T): (crf: number) => T {
  const known = new Map<number, T>();
  return (crf) => {
    let value = known.get(crf);
    if (value === undefined) known.set(crf, (value = of(crf)));
    return value;
  };
}

/**
 * Models of every shot, in the order of SearchInput: `[shot][resolution]`. What was measured of a shot's lender counts for
 * it too, as far as alike shots are alike.
 */
export function modelShots(input: SearchInput, measured: readonly Measured[]): ShotModel[][] {
  const { shots } = input;
  const byShot = new Map<number, Measured[]>(shots.map(({ index }) => [index, []]));
  for (const point of measured) byShot.get(point.shot)!.push(point);
  const lenders = lendersOf(input);
  return shots.map(({ index, frames }, position) => {
    const own = byShot.get(index)!;
    const lender = shots[lenders[position]!]!;
    if (lender.index === index) return modelShot(input, own);
    const share = frames / lender.frames;
    const lent = byShot
      .get(lender.index)!
      .map((point): Known => ({ ...point, shot: index, bits: point.bits * share, lent: true }));
    return modelShot(input, [...own, ...lent]);
  });
}

function peakFactorOf(point: Measured, input: SearchInput): number {
  const frames = input.shots.find((shot) => shot.index === point.shot)?.frames ?? 1;
  const average = (Math.max(point.bits, LEAST_BITS) * input.fps.num) / (frames * input.fps.den);
  return Math.max(1, point.peakBitrate / average);
}
