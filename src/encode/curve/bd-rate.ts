import { type RdPoint, paretoFront } from './hull.js';
import { pchip } from './interpolate.js';

export interface Interval {
  low: number;
  high: number;
}

/**
 * A curve one can integrate: sorted by rate, without the points that are not better than a cheaper one (a curve that
 * falls or stands still has no rate for a given quality; keeping the cheaper point is what a sensible user of that
 * encoder would do). Throws RangeError where less than 2 points are left, or for a rate that is not positive.
 */
function asCurve(name: string, points: readonly RdPoint[]): RdPoint[] {
  for (const { rate, quality } of points) {
    if (!(rate > 0 && Number.isFinite(rate) && Number.isFinite(quality))) {
      throw new RangeError(
        `${name}: rate ${rate} and quality ${quality} are no point of a rate-distortion curve`,
      );
    }
  }
  const curve = paretoFront(points);
  if (curve.length < 2) {
    throw new RangeError(
      `${name}: a curve needs 2 points that differ in rate and quality, got ${curve.length}`,
    );
  }
  return curve;
}

function common(what: string, anchor: readonly number[], test: readonly number[]): Interval {
  const low = Math.max(anchor[0]!, test[0]!);
  const high = Math.min(anchor[anchor.length - 1]!, test[test.length - 1]!);
  if (!(low < high)) throw new RangeError(`the curves have no ${what} in common (${low} to ${high})`);
  return { low, high };
}

/** Mean of test minus anchor over what their x have in common, both interpolated with PCHIP. */
function meanDifference(what: string, anchor: Curve, test: Curve): number {
  const { low, high } = common(what, anchor.x, test.x);
  const area = (curve: Curve): number => pchip(curve.x, curve.y).integral(low, high);
  return (area(test) - area(anchor)) / (high - low);
}

interface Curve {
  x: number[];
  y: number[];
}

const qualityOf = (point: RdPoint): number => point.quality;
const logRate = (point: RdPoint): number => Math.log(point.rate);

/** The quality interval that bdRate looks at. A narrow one says little: print it beside the figure. Throws as bdRate. */
export function commonQuality(anchor: readonly RdPoint[], test: readonly RdPoint[]): Interval {
  return common('quality', asCurve('anchor', anchor).map(qualityOf), asCurve('test', test).map(qualityOf));
}

/**
 * Bjøntegaard delta rate, percent: how much more (positive) or less (negative) bit rate `test` needs for the quality
 * of `anchor`, as a mean of the logarithm of the rate over the quality both reach (G. Bjøntegaard, VCEG-M33, 2001;
 * with PCHIP instead of the one cubic, as in JCTVC-L1100). Any number of points from 2 on, any order; each curve is
 * first made monotone (see asCurve). Rates in bit/s, or any unit that both share. Throws RangeError where a curve has
 * less than 2 usable points, or where the curves have no quality in common.
 */
export function bdRate(anchor: readonly RdPoint[], test: readonly RdPoint[]): number {
  const curve = (name: string, points: readonly RdPoint[]): Curve => {
    const usable = asCurve(name, points);
    return { x: usable.map(qualityOf), y: usable.map(logRate) };
  };
  return 100 * Math.expm1(meanDifference('quality', curve('anchor', anchor), curve('test', test)));
}

/**
 * Bjøntegaard delta quality: by how much `test` is better (positive) or worse at the same bit rate, in the unit of
 * quality, as a mean over the logarithm of the rates both have. Otherwise as bdRate.
 */
export function bdQuality(anchor: readonly RdPoint[], test: readonly RdPoint[]): number {
  const curve = (name: string, points: readonly RdPoint[]): Curve => {
    const usable = asCurve(name, points);
    return { x: usable.map(logRate), y: usable.map(qualityOf) };
  };
  return meanDifference('bit rate', curve('anchor', anchor), curve('test', test));
}
