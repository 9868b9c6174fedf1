import { DETAILS, ceilingAt } from './ceiling.js';
import { type Covariances, GaussianProcess, MeasuredPlaces, type Place } from './gaussian.js';
import { Mixture } from './hypotheses.js';
import { QUALITY_FREEDOM, RATE_FREEDOM, ROUGHNESS, kernelOf } from './kernels.js';
import { HALF_QUALITY, priorLogit, priorRate, toX264 } from './prior.js';
import type { Measured, SearchInput } from './types.js';

/** Bits of the smallest chunk that can be: keeps logarithms finite. */
export const LEAST_BITS = 64;
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

/** A value over height and crf, and how sure it is. */
interface Curve {
  mean: (height: number, crf: number) => number;
  variance: (height: number, crf: number) => number;
}

export function curvesOf(input: SearchInput, points: readonly Known[]): { rate: Curve; quality: Curve } {
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
