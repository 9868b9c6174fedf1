import { type RdPoint, hullSlopes, paretoFront, upperHull } from './hull.js';

/** One way to encode a shot. */
export interface OperatingPoint<T> {
  /** Bits of all packets of the shot. */
  bits: number;
  /** Mean VMAF over the shot's frames, 0..100. */
  quality: number;
  /** What the caller knows it by, e.g. its crf. */
  payload: T;
}

/** What there is to choose from for one shot. */
export interface ShotChoices<T> {
  /** Frames of the shot, > 0: its weight in the title's quality. */
  frames: number;
  /** At least one. Constraints (a peak rate, a floor) are the caller's: leave out what is not allowed. */
  points: readonly OperatingPoint<T>[];
}

/** One point for every shot, and what they add up to. */
export interface Allocation<T> {
  /** Bits of the title: the sum. */
  bits: number;
  /** VMAF of the title: the mean over all its frames. */
  quality: number;
  /** The point of every shot, in the order of the shots; identical to the objects given. */
  choices: OperatingPoint<T>[];
}

/** What an allocation comes to. */
export interface TitleTotal {
  bits: number;
  /** Mean over all frames; as a running sum, so to about 1e-9. */
  quality: number;
}

/** Allocations to choose from, ascending in bits and in quality. */
export interface TitleChoices<T> {
  readonly points: readonly TitleTotal[];
  /** The allocation at points[index]. Throws RangeError where there is no such point. */
  allocation(index: number): Allocation<T>;
}

/** A point of the title's hull. */
export interface TitlePoint extends TitleTotal {
  /**
   * Slope of the edge that leads here, VMAF-frames per bit: the point is optimal for λ from here down to the next
   * point's slope. Infinity for the first.
   */
  slope: number;
}

/** All allocations that are optimal for some λ, the cheapest first. */
export interface JointHull<T> extends TitleChoices<T> {
  readonly points: readonly TitlePoint[];
}

/** Running sums may fall short of an exact target by rounding; far below what a score resolves. */
const QUALITY_TOLERANCE = 1e-9;

interface ShotPoint<T> extends RdPoint {
  point: OperatingPoint<T>;
}

/** Hull of one shot in (bits, VMAF-frames), so that slopes of different shots compare. */
function shotHull<T>(shot: ShotChoices<T>, index: number): ShotPoint<T>[] {
  if (!(shot.frames > 0)) throw new RangeError(`shot ${index} has ${shot.frames} frames`);
  if (shot.points.length === 0) throw new RangeError(`shot ${index} has no operating point to choose from`);
  return upperHull(
    shot.points.map((point) => ({ rate: point.bits, quality: shot.frames * point.quality, point })),
  );
}

function totalFrames(shots: readonly ShotChoices<unknown>[]): number {
  return shots.reduce((sum, shot) => sum + shot.frames, 0);
}

function sumUp<T>(shots: readonly ShotChoices<T>[], choices: OperatingPoint<T>[]): Allocation<T> {
  let bits = 0;
  let weighted = 0;
  choices.forEach((choice, i) => {
    bits += choice.bits;
    weighted += choice.quality * shots[i]!.frames;
  });
  return { bits, quality: weighted / totalFrames(shots), choices };
}

/**
 * The title's hull: all shots at their cheapest, then the edges of all shots' hulls from the steepest on, each moving
 * one shot one point up. For any slope λ (VMAF-frames per bit) every shot takes argmax(frames · VMAF − λ · bits), so all
 * are at one slope of their own hulls, which no other choice of as many bits beats (Shoham & Gersho 1988). Exact and
 * complete: the allocation of any λ is the last point whose slope is above λ; where edges of several shots are equally
 * steep, the points between are as good and are there too (lower shot index first). O(n log n) for n points in all.
 * Throws RangeError for no shots, or a shot without points or frames.
 */
export function jointHull<T>(shots: readonly ShotChoices<T>[]): JointHull<T> {
  if (shots.length === 0) throw new RangeError('a title has at least one shot');
  const hulls = shots.map(shotHull);
  const frames = totalFrames(shots);
  const steps = hulls.flatMap((hull, shot) =>
    hullSlopes(hull).map((slope, i) => ({
      shot,
      slope,
      bits: hull[i + 1]!.rate - hull[i]!.rate,
      weighted: hull[i + 1]!.quality - hull[i]!.quality,
    })),
  );
  // Within a shot slopes decrease strictly, so this keeps each shot's own order, and a stable sort that of the shots.
  steps.sort((a, b) => b.slope - a.slope);

  let bits = hulls.reduce((sum, hull) => sum + hull[0]!.rate, 0);
  let weighted = hulls.reduce((sum, hull) => sum + hull[0]!.quality, 0);
  const points: TitlePoint[] = [{ bits, quality: weighted / frames, slope: Infinity }];
  for (const step of steps) {
    bits += step.bits;
    weighted += step.weighted;
    points.push({ bits, quality: weighted / frames, slope: step.slope });
  }

  /** By shot, the indexes of its steps, ascending: in an allocation it has taken those before the allocation's own. */
  const taken: number[][] = shots.map(() => []);
  steps.forEach(({ shot }, index) => taken[shot]!.push(index));

  const allocation = (index: number): Allocation<T> => {
    if (points[index] === undefined)
      throw new RangeError(`the hull has ${points.length} points, none is ${index}`);
    return sumUp(
      shots,
      hulls.map((hull, i) => {
        const beyond = firstIndex(taken[i]!, (step) => step >= index);
        return hull[beyond < 0 ? taken[i]!.length : beyond]!.point;
      }),
    );
  };
  return { points, allocation };
}

/**
 * What a title can have when all its shots take the same choice, as one crf for the whole file is: of the payloads that
 * every shot has (compared as keys of a Map), those that no cheaper one matches. Not only the convex ones: between two
 * of them lies nothing that could be had. Throws RangeError for no shots, or no payload in common.
 */
export function uniformFront<T>(shots: readonly ShotChoices<T>[]): TitleChoices<T> {
  const [first, ...others] = shots;
  if (!first) throw new RangeError('a title has at least one shot');
  const byPayload = others.map(({ points }) => new Map(points.map((point) => [point.payload, point])));
  const common = first.points.flatMap((point) => {
    const choices = [point, ...byPayload.flatMap((points) => points.get(point.payload) ?? [])];
    return choices.length === shots.length ? [sumUp(shots, choices)] : [];
  });
  if (common.length === 0) throw new RangeError('no choice is common to all shots');
  const front = paretoFront(common.map((total) => ({ ...total, rate: total.bits })));
  const points = front.map(({ bits, quality }) => ({ bits, quality }));
  const allocation = (index: number): Allocation<T> => {
    const point = front[index];
    if (!point) throw new RangeError(`the front has ${front.length} points, none is ${index}`);
    const { bits, quality, choices } = point;
    return { bits, quality, choices };
  };
  return { points, allocation };
}

/** Index of the first element for which `reached` holds, given that it holds for all after it; −1 for none. */
function firstIndex<T>(items: readonly T[], reached: (item: T) => boolean): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (reached(items[middle]!)) high = middle;
    else low = middle + 1;
  }
  return low === items.length ? -1 : low;
}

/**
 * Index of the cheapest of these points whose quality is at least `target` (to 1e-9); −1 where even the best does not
 * reach it.
 */
export function indexForQuality({ points }: Pick<TitleChoices<unknown>, 'points'>, target: number): number {
  return firstIndex(points, (point) => point.quality >= target - QUALITY_TOLERANCE);
}

/** Index of the best of these points of at most `budget` bits; −1 where the cheapest already costs more. */
export function indexForBits({ points }: Pick<TitleChoices<unknown>, 'points'>, budget: number): number {
  const beyond = firstIndex(points, (point) => point.bits > budget);
  return (beyond < 0 ? points.length : beyond) - 1;
}
