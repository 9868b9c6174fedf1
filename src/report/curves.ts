import { type RdPoint, jointHull, paretoFront, upperHull } from '../encode/index.js';

export { type RdPoint, paretoFront, upperHull };

/** A shot's points at one resolution. Rates are bits. */
export interface ShotPoints {
  frames: number;
  points: readonly RdPoint[];
}

/**
 * The best title at every size: the sum of the shots' hulls, steepest steps first (for concave curves that is what a
 * common slope λ over all shots gives: argmax D − λR). Rates are bits of the title, quality its mean VMAF over frames.
 * Empty where some shot has no point.
 */
export function sumOfHulls(shots: readonly ShotPoints[]): RdPoint[] {
  if (shots.length === 0 || shots.some(({ points }) => points.length === 0)) return [];
  const choices = shots.map(({ frames, points }) => ({
    frames,
    points: points.map(({ rate, quality }) => ({ bits: rate, quality, payload: undefined })),
  }));
  return jointHull(choices).points.map(({ bits, quality }) => ({ rate: bits, quality }));
}

/**
 * Quality at a rate: linear over the logarithm of the rate between the points of a Pareto front. Undefined outside
 * the measured range.
 */
export function qualityAt(front: readonly RdPoint[], rate: number): number | undefined {
  const next = front.findIndex((point) => point.rate >= rate);
  const after = front[next];
  if (after === undefined) return undefined;
  if (after.rate === rate) return after.quality;
  const before = front[next - 1];
  if (before === undefined) return undefined;
  const share = Math.log(rate / before.rate) / Math.log(after.rate / before.rate);
  return before.quality + share * (after.quality - before.quality);
}

/** A stretch of rates in which one series is best. */
export interface Win {
  series: number;
  from: number;
  to: number;
}

/** Scores this close look the same: the series that comes first (the smaller resolution) is taken. */
const TIE = 0.1;

type Series = readonly (readonly RdPoint[])[];

/** Series with the best interpolated quality at a rate; undefined where none was measured around it. */
function bestAt(fronts: Series, rate: number): number | undefined {
  let best: { series: number; quality: number } | undefined;
  fronts.forEach((front, series) => {
    const quality = qualityAt(front, rate);
    if (quality === undefined || (best && quality <= best.quality + TIE)) return;
    best = { series, quality };
  });
  return best?.series;
}

/** Series that the nearest point (in the logarithm of the rate) of the overall Pareto front is of. */
function nearestOn(overall: readonly { rate: number; series: number }[], rate: number): number | undefined {
  const distance = (point: { rate: number }): number => Math.abs(Math.log(point.rate / rate));
  let nearest: { rate: number; series: number } | undefined;
  for (const point of overall) if (!nearest || distance(point) < distance(nearest)) nearest = point;
  return nearest?.series;
}

/**
 * Which of several series is best at each rate, looked at in `samples` equal steps of the logarithm over [low, high];
 * neighbouring steps with the same winner are one stretch. Between the measured ranges of the series the nearest point
 * of the front over all decides; below the cheapest and above the dearest point there is no winner.
 */
export function winners(series: Series, [low, high]: readonly [number, number], samples = 160): Win[] {
  const edge = (i: number): number => low * (high / low) ** (i / samples);
  const fronts = series.map(paretoFront);
  const overall = paretoFront(
    fronts.flatMap((front, index) => front.map((point) => ({ ...point, series: index }))),
  );
  const [from, to] = [overall[0]?.rate ?? Infinity, overall.at(-1)?.rate ?? -Infinity];
  const wins: Win[] = [];
  for (let i = 0; i < samples; i++) {
    const middle = edge(i + 0.5);
    const between = middle >= from && middle <= to;
    const best = bestAt(fronts, middle) ?? (between ? nearestOn(overall, middle) : undefined);
    const last = wins.at(-1);
    if (best === undefined) continue;
    if (last?.series === best && last.to === edge(i)) last.to = edge(i + 1);
    else wins.push({ series: best, from: edge(i), to: edge(i + 1) });
  }
  return wins;
}
