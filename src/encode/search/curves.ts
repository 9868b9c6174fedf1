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

const scaleOf = ({ referenceHeight }: SearchInput, height: number): number =>
  Math.min(1, height / referenceHeight);

function placeOf(input: SearchInput, height: number, crf: number): Place {
  return { crf: toX264(input.codec, crf) / 10, scale: Math.log(scaleOf(input, height)) };
}

const placesOf = (input: SearchInput, points: readonly Known[]): Place[] =>
  points.map((p) => placeOf(input, p.resolution.height, p.crf));

/** ln(bits) of the shot. */
export function rateCurve(input: SearchInput, points: readonly Known[]): Curve {
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
export function qualityCurve(input: SearchInput, points: readonly Known[]): Curve {
  const usual = (height: number, crf: number): number =>
    priorLogit(input.codec, HALF_QUALITY, scaleOf(input, height), crf);
  const places = ROUGHNESS.map(
    ({ roughness }) => new MeasuredPlaces(kernelOf(QUALITY_FREEDOM, roughness), placesOf(input, points)),
  );
  const heights = [
    ...new Set([...input.resolutions, ...points.map((p) => p.resolution)].map(({ height }) => height)),
  ];
  const sizes = new Map(heights.map((height, size) => [height, size]));
  const bases = points.map((point) => usual(point.resolution.height, point.crf));
  const hypotheses = DETAILS.flatMap((detail) => {
    const ceilings = heights.map((height) => ceilingAt(detail, scaleOf(input, height)));
    const values: number[] = [];
    const noise: number[] = [];
    let evidence = 0;
    points.forEach((point, i) => {
      const seen = logitOf(point, ceilings[sizes.get(point.resolution.height)!]!);
      values.push(seen.logit - bases[i]!);
      noise.push(seen.noise);
      evidence += seen.logEvidence;
    });
    const ofPoints = evidence + Math.log(detail.prior);
    return ROUGHNESS.map(({ prior }, rough): QualityHypothesis => {
      const process = new GaussianProcess(places[rough]!, values, noise);
      return { process, rough, ceilings, log: process.logEvidence + ofPoints + Math.log(prior) };
    });
  });
  const mixture = new Mixture(hypotheses, ({ log }) => log);
  /** Covariances of a place, by roughness. */
  const around = (height: number, crf: number): Covariances[] => {
    const place = placeOf(input, height, crf);
    return places.map((measured) => measured.of(place));
  };
  return {
    mean: (height, crf) => {
      const at = around(height, crf);
      const base = usual(height, crf);
      const size = sizes.get(height)!;
      return mixture.mean(({ process, rough, ceilings }) =>
        Math.min(100, logistic(ceilings[size]!, base + process.mean(at[rough]!))),
      );
    },
    variance: (height, crf) => {
      const at = around(height, crf);
      const base = usual(height, crf);
      const size = sizes.get(height)!;
      return mixture.estimate(({ process, rough, ceilings }) => {
        const ceiling = ceilings[size]!;
        const logit = process.estimate(at[rough]!);
        const vmaf = logistic(ceiling, base + logit.mean);
        const slope = (vmaf * (ceiling - vmaf)) / ceiling; // d VMAF / d logit
        return { mean: Math.min(100, vmaf), variance: slope * slope * logit.variance };
      }).variance;
    },
  };
}

/** One guess at what scaling costs and at how rough the curve is, with what it makes of the points. */
interface QualityHypothesis {
  process: GaussianProcess;
  /** Index in ROUGHNESS. */
  rough: number;
  /** By size. */
  ceilings: readonly number[];
  log: number;
}

const logistic = (ceiling: number, logit: number): number => ceiling / (1 + Math.exp(-logit));

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
