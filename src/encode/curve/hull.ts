/** A point of a rate-distortion plot. */
export interface RdPoint {
  /** Cost, > 0: bit/s for curves, bits for shots; any unit that is the same for all points. */
  rate: number;
  /** Quality, higher is better; VMAF 0..100. */
  quality: number;
}

/** Cheapest first; at equal rate the best first; at equality the order given. */
function byRate(a: RdPoint, b: RdPoint): number {
  return a.rate - b.rate || b.quality - a.quality;
}

/**
 * The points that are worth their bits: ascending in rate and strictly ascending in quality. A point goes when another
 * one that costs no more is at least as good; of equal points the first one given stays.
 */
export function paretoFront<T extends RdPoint>(points: readonly T[]): T[] {
  const front: T[] = [];
  for (const point of [...points].sort(byRate)) {
    const best = front[front.length - 1];
    if (best === undefined || point.quality > best.quality) front.push(point);
  }
  return front;
}

function slopeBetween(a: RdPoint, b: RdPoint): number {
  return (b.quality - a.quality) / (b.rate - a.rate);
}

/**
 * Upper convex hull of the points and of all that is worse than they are: from the cheapest point to the best one,
 * ascending in rate and quality, slopes positive and strictly decreasing (monotone chain, Andrew 1979; O(n log n)).
 * Points carry whatever else the caller gives them. Points on a straight edge between two others are left out.
 * Throws RangeError for a number that is not finite. No points give no hull.
 */
export function upperHull<T extends RdPoint>(points: readonly T[]): T[] {
  for (const { rate, quality } of points) {
    if (!Number.isFinite(rate) || !Number.isFinite(quality)) {
      throw new RangeError(`not a point of a rate-distortion plot: rate ${rate}, quality ${quality}`);
    }
  }
  const hull: T[] = [];
  for (const point of paretoFront(points)) {
    // Compared as slopes, not as a cross product, so that the slopes of the result decrease as they are computed.
    while (
      hull.length >= 2 &&
      slopeBetween(hull[hull.length - 2]!, hull[hull.length - 1]!) <=
        slopeBetween(hull[hull.length - 1]!, point)
    ) {
      hull.pop();
    }
    hull.push(point);
  }
  return hull;
}

/** Slopes of a hull's edges, quality per unit of rate: the i-th from point i to point i + 1. */
export function hullSlopes(hull: readonly RdPoint[]): number[] {
  return hull.slice(1).map((point, i) => slopeBetween(hull[i]!, point));
}

/** Index of the last hull point with a rate of at most `rate`; −1 left of the hull. */
function lastUpTo(hull: readonly RdPoint[], rate: number): number {
  return hull.findLastIndex((point) => point.rate <= rate);
}

/**
 * What one more unit of rate buys at `rate`, quality per unit: the slope of the edge there, at a corner that of the
 * edge to its right. Infinity left of the hull, 0 from its last point on.
 */
export function slopeAt(hull: readonly RdPoint[], rate: number): number {
  const index = lastUpTo(hull, rate);
  if (index < 0) return Infinity;
  const next = hull[index + 1];
  return next === undefined ? 0 : slopeBetween(hull[index]!, next);
}

/** Quality of the hull at `rate`, linear along its edges: −Infinity left of it, constant from its last point on. */
export function qualityAt(hull: readonly RdPoint[], rate: number): number {
  const index = lastUpTo(hull, rate);
  if (index < 0) return -Infinity;
  const point = hull[index]!;
  return point.quality + (rate === point.rate ? 0 : slopeAt(hull, rate) * (rate - point.rate));
}
