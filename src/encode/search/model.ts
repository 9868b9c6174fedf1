import { type Known, LEAST_BITS, qualityCurve, rateCurve } from './curves.js';
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

/** Of a shot at one resolution, by crf: mean VMAF, and the variance of that. */
interface Quality {
  vmaf: (crf: number) => number;
  variance: (crf: number) => number;
}

/**
 * Models of one shot at every candidate resolution, from whatever was measured of it. The prior gives the shapes; how the
 * shot differs from them is a Gaussian process over crf and ln(scale), with several guesses at its roughness and at what
 * scaling costs, each weighed by how well it explains what was measured. So a model passes through every measured point
 * (but for its noise), and says how sure it is between and beyond them.
 */
export function modelShot(
  input: SearchInput,
  points: readonly Known[],
  qualities = qualitiesOf(input, points),
): ShotModel[] {
  const ofAll = lazily(() => rateCurve(input, points));
  const frames = points[0] ? framesOf(input, points[0].shot) : 1;
  return input.resolutions.map(({ height }, r) => {
    const { here, own } = pointsAt(points, height);
    const curve = own ? lazily(() => rateCurve(input, own)) : ofAll;
    const rate = memo(input, (crf) => curve().mean(height, crf));
    const bits = memo(input, (crf) => Math.exp(rate(crf)));
    const { vmaf, variance } = qualities[r]!;
    const peaks = (here.length > 0 ? here : points).map((p) => peakFactorOf(p, frames, input));
    return {
      ...{ bits, vmaf },
      spread: (crf) => {
        const [a, b] = [crf - input.crf.step, crf + input.crf.step];
        const [growth, gain] = [rate(a) - rate(b), vmaf(a) - vmaf(b)];
        const cost = gain > 0 ? Math.min(MOST_COST, Math.max(0, growth / gain)) : MOST_COST;
        return Math.sqrt(curve().variance(height, crf) + cost * cost * variance(crf));
      },
      peakFactor: peaks.length > 0 ? mean(peaks) : DEFAULT_PEAK_FACTOR,
    };
  });
}

/** The quality of one shot at every candidate resolution. */
function qualitiesOf(input: SearchInput, points: readonly Known[]): Quality[] {
  const ofAll = lazily(() => qualityCurve(input, points));
  return input.resolutions.map(({ height }) => {
    const { own } = pointsAt(points, height);
    const curve = own ? lazily(() => qualityCurve(input, own)) : ofAll;
    return {
      vmaf: memo(input, (crf) => curve().mean(height, crf)),
      variance: memo(input, (crf) => curve().variance(height, crf)),
    };
  });
}

/** The points at a resolution, and those that are the shot's own where they are enough to know it by. */
function pointsAt(points: readonly Known[], height: number): { here: Known[]; own: Known[] | undefined } {
  const here = points.filter((p) => p.resolution.height === height);
  const own = here.filter(({ lent }) => !lent);
  return { here, own: own.length < ENOUGH_POINTS ? undefined : own };
}

function lazily<T>(of: () => T): () => T {
  let made: { value: T } | undefined;
  return () => (made ??= { value: of() }).value;
}

/** The function with its results on the grid of crf kept: plans ask for the same points over and over. */
function memo({ crf: { min, step } }: SearchInput, of: (crf: number) => number): (crf: number) => number {
  const known: number[] = [];
  const first = min - step; // a step beyond the grid is asked for too
  return (crf) => {
    const place = Math.round((crf - first) / step);
    if (place < 0 || first + place * step !== crf) return of(crf);
    return (known[place] ??= of(crf));
  };
}

/**
 * Models of every shot. What was measured of a shot's lender counts for
 * it too, as far as alike shots are alike.
 */
export function modelShots(input: SearchInput, measured: readonly Measured[]): Models {
  return new GrowingModels(input, measured).models;
}

/** Models of every shot that follow as more is measured: a shot's are made anew only where that says something of it. */
export class GrowingModels {
  private readonly byShot: Map<number, Measured[]>;
  private readonly lenders: readonly number[];
  /** By lender, for shots that know nothing of their own: what is lent to them says the same of the quality of all. */
  private readonly lentQualities = new Map<number, Quality[]>();
  /** As modelShots makes them of all that is measured so far. */
  models: Models;

  /** `models` are those of what is measured, where they are there already. */
  constructor(
    private readonly input: SearchInput,
    measured: readonly Measured[],
    models?: Models,
  ) {
    this.byShot = new Map(input.shots.map(({ index }) => [index, []]));
    for (const point of measured) this.byShot.get(point.shot)!.push(point);
    this.lenders = lendersOf(input);
    this.models = models ?? input.shots.map((_, position) => this.modelAt(position));
  }

  add(more: readonly Measured[]): void {
    const told = new Set(more.map(({ shot }) => shot));
    for (const point of more) this.byShot.get(point.shot)!.push(point);
    for (const shot of told) this.lentQualities.delete(shot);
    const { shots } = this.input;
    this.models = shots.map(({ index }, position) =>
      told.has(index) || told.has(shots[this.lenders[position]!]!.index)
        ? this.modelAt(position)
        : this.models[position]!,
    );
  }

  private modelAt(position: number): ShotModel[] {
    const { input, byShot } = this;
    const { index, frames } = input.shots[position]!;
    const own = byShot.get(index)!;
    const lender = input.shots[this.lenders[position]!]!;
    // A copy: models are lazy, and the list grows.
    if (lender.index === index) return modelShot(input, [...own]);
    const share = frames / lender.frames;
    const lent = byShot
      .get(lender.index)!
      .map((point): Known => ({ ...point, shot: index, bits: point.bits * share, lent: true }));
    if (own.length > 0) return modelShot(input, [...own, ...lent]);
    const qualities = this.lentQualities.get(lender.index) ?? qualitiesOf(input, lent);
    this.lentQualities.set(lender.index, qualities);
    return modelShot(input, lent, qualities);
  }
}

/** Frames of the shot with this index, which is nearly always its position too. */
function framesOf({ shots }: SearchInput, index: number): number {
  const here = shots[index];
  return (here?.index === index ? here : shots.find((shot) => shot.index === index))?.frames ?? 1;
}

function peakFactorOf(point: Measured, frames: number, { fps }: SearchInput): number {
  const average = (Math.max(point.bits, LEAST_BITS) * fps.num) / (frames * fps.den);
  return Math.max(1, point.peakBitrate / average);
}
