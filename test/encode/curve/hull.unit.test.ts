import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hullSlopes, paretoFront, qualityAt, slopeAt, upperHull } from '../../../src/encode/curve/index.js';

const point = fc.oneof(
  // A coarse grid makes ties, duplicates and straight edges frequent.
  fc.record({ rate: fc.integer({ min: 1, max: 12 }), quality: fc.integer({ min: 0, max: 12 }) }),
  fc.record({
    rate: fc.double({ min: 1, max: 1e6, noNaN: true }),
    quality: fc.integer({ min: 0, max: 100_000 }).map((thousandths) => thousandths / 1000),
  }),
);
const cloud = fc.array(point, { minLength: 1, maxLength: 30 });

describe('upperHull', () => {
  it('has no point above it', () => {
    fc.assert(
      fc.property(cloud, (points) => {
        const hull = upperHull(points);
        for (const { rate, quality } of points)
          expect(quality).toBeLessThanOrEqual(qualityAt(hull, rate) + 1e-9);
      }),
    );
  });

  it('is made of the points given, by identity', () => {
    fc.assert(fc.property(cloud, (points) => upperHull(points).every((corner) => points.includes(corner))));
  });

  it('runs from the cheapest to the best, with positive and strictly decreasing slopes', () => {
    fc.assert(
      fc.property(cloud, (points) => {
        const hull = upperHull(points);
        const slopes = hullSlopes(hull);
        expect(slopes).toHaveLength(hull.length - 1);
        slopes.forEach((slope, i) => {
          expect(slope).toBeGreaterThan(0);
          if (i > 0) expect(slope).toBeLessThan(slopes[i - 1]!);
        });
        expect(hull[0]!.rate).toBe(Math.min(...points.map((p) => p.rate)));
        expect(hull[hull.length - 1]!.quality).toBe(Math.max(...points.map((p) => p.quality)));
      }),
    );
  });

  it('is its own hull, whatever the order of the points', () => {
    fc.assert(
      fc.property(cloud, (points) => {
        const hull = upperHull(points);
        expect(upperHull(hull)).toEqual(hull);
        const bare = (items: typeof points) => items.map(({ rate, quality }) => [rate, quality]);
        expect(bare(upperHull([...points].reverse()))).toEqual(bare(hull));
      }),
    );
  });

  it('keeps payloads, leaves out straight edges, and of equal points keeps the first', () => {
    const points = [
      { rate: 3, quality: 30, id: 'corner' },
      { rate: 3, quality: 30, id: 'twin' },
      { rate: 2, quality: 20, id: 'on the edge' },
      { rate: 1, quality: 10, id: 'start' },
      { rate: 1, quality: 5, id: 'worse at the same rate' },
      { rate: 9, quality: 31, id: 'end' },
      { rate: 10, quality: 31, id: 'dearer, no better' },
    ];
    expect(upperHull(points).map(({ id }) => id)).toEqual(['start', 'corner', 'end']);
    expect(paretoFront(points).map(({ id }) => id)).toEqual(['start', 'on the edge', 'corner', 'end']);
  });

  it('gives nothing for nothing, one for one, and refuses what is no number', () => {
    expect(upperHull([])).toEqual([]);
    expect(upperHull([{ rate: 1, quality: 2 }])).toEqual([{ rate: 1, quality: 2 }]);
    expect(() => upperHull([{ rate: NaN, quality: 1 }])).toThrow(RangeError);
    expect(() => upperHull([{ rate: 1, quality: Infinity }])).toThrow(RangeError);
  });

  it('does not change its input', () => {
    const points = [
      { rate: 2, quality: 2 },
      { rate: 1, quality: 1 },
    ];
    upperHull(points);
    expect(points.map((p) => p.rate)).toEqual([2, 1]);
  });
});

describe('slopeAt and qualityAt', () => {
  const hull = [
    { rate: 10, quality: 0 },
    { rate: 20, quality: 40 },
    { rate: 60, quality: 80 },
  ];
  it.each([
    [9, Infinity, -Infinity],
    [10, 4, 0],
    [15, 4, 20],
    [20, 1, 40],
    [30, 1, 50],
    [60, 0, 80],
    [99, 0, 80],
  ])('at rate %d: slope %d, quality %d', (rate, slope, quality) => {
    expect(slopeAt(hull, rate)).toBe(slope);
    expect(qualityAt(hull, rate)).toBe(quality);
  });
});
