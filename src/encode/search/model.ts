import { type Known, LEAST_BITS, curvesOf } from './curves.js';
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

/** Models of a title: `[shot][resolution]`, in the order of SearchInput. */
export type Models = readonly (readonly ShotModel[])[];

const DEFAULT_PEAK_FACTOR = 1.2;
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
 * Models of every shot. What was measured of a shot's lender counts for
 * it too, as far as alike shots are alike.
 */
export function modelShots(input: SearchInput, measured: readonly Measured[]): Models {
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
