import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type RdPoint,
  paretoFront,
  qualityAt,
  sumOfHulls,
  upperHull,
  winners,
} from '../../src/report/curves.js';

const point = (rate: number, quality: number): RdPoint => ({ rate, quality });
const points = fc.array(
  fc.record({ rate: fc.integer({ min: 1, max: 500 }), quality: fc.integer({ min: 0, max: 100 }) }),
  { minLength: 1, maxLength: 12 },
);
const best = (set: readonly RdPoint[], slope: number): number =>
  Math.max(...set.map(({ rate, quality }) => quality - slope * rate));

describe('upperHull', () => {
  it('drops what is under a line between others', () => {
    const all = [point(1, 10), point(2, 12), point(3, 30), point(5, 35), point(6, 33)];
    expect(upperHull(all)).toEqual([point(1, 10), point(3, 30), point(5, 35)]);
  });

  it('is concave, rising, and no slope finds a better point outside it', () => {
    fc.assert(
      fc.property(points, fc.double({ min: 0, max: 50, noNaN: true }), (set, slope) => {
        const hull = upperHull(set);
        for (let i = 1; i < hull.length; i++) {
          expect(hull[i]!.rate).toBeGreaterThan(hull[i - 1]!.rate);
          expect(hull[i]!.quality).toBeGreaterThan(hull[i - 1]!.quality);
        }
        expect(hull.every((p) => set.includes(p))).toBe(true);
        expect(best(hull, slope)).toBeCloseTo(best(set, slope), 9);
      }),
    );
  });
});

describe('sumOfHulls', () => {
  it('gives for every slope what choosing shot by shot gives', () => {
    const shots = fc.array(fc.record({ frames: fc.integer({ min: 1, max: 100 }), points }), {
      minLength: 1,
      maxLength: 4,
    });
    fc.assert(
      fc.property(shots, fc.double({ min: 0.0001, max: 5, noNaN: true }), (title, slope) => {
        const frames = title.reduce((sum, shot) => sum + shot.frames, 0);
        const apart = title.reduce((sum, shot) => {
          const weight = shot.frames / frames;
          return sum + Math.max(...shot.points.map((p) => weight * p.quality - slope * p.rate));
        }, 0);
        expect(best(sumOfHulls(title), slope)).toBeCloseTo(apart, 6);
      }),
    );
  });

  it('is nothing where a shot was not measured', () => {
    expect(
      sumOfHulls([
        { frames: 5, points: [point(1, 1)] },
        { frames: 5, points: [] },
      ]),
    ).toEqual([]);
    expect(sumOfHulls([])).toEqual([]);
  });
});

describe('qualityAt', () => {
  const front = paretoFront([point(400, 80), point(100, 40), point(200, 30)]);
  it('interpolates over the logarithm of the rate, within what was measured', () => {
    expect(front).toHaveLength(2);
    expect(qualityAt(front, 200)).toBeCloseTo(60, 9);
    expect(qualityAt(front, 100)).toBe(40);
    expect(qualityAt(front, 400)).toBe(80);
    expect(qualityAt(front, 99)).toBeUndefined();
    expect(qualityAt(front, 401)).toBeUndefined();
  });
});

describe('winners', () => {
  it('finds the crossing of two curves, and a gap where nothing was measured', () => {
    const small = [point(10, 40), point(1000, 60)];
    const large = [point(10, 20), point(1000, 80)];
    const wins = winners([small, large, []], [1, 1000], 300);
    expect(wins.map((win) => win.series)).toEqual([0, 1]);
    expect(wins[0]!.from).toBeCloseTo(10, 6);
    // Curves cross at 100; a tie goes to the first up to 0.1 VMAF.
    expect(wins[0]!.to).toBeGreaterThanOrEqual(100);
    expect(wins[0]!.to).toBeLessThan(104);
    expect(wins[1]!.from).toBe(wins[0]!.to);
    expect(wins[1]!.to).toBeCloseTo(1000, 6);
  });

  it('bridges what no series was measured around with the nearest point', () => {
    const wins = winners(
      [
        [point(10, 40), point(20, 50)],
        [point(80, 70), point(160, 80)],
      ],
      [1, 1000],
      300,
    );
    expect(wins.map((win) => win.series)).toEqual([0, 1]);
    expect(wins[0]!.to).toBeCloseTo(40, -0.3);
    expect(wins[1]!.from).toBe(wins[0]!.to);
    expect(wins[1]!.to).toBeLessThan(166);
    expect(winners([[], []], [1, 10])).toEqual([]);
  });

  it('says for any curves at any sampled rate what a direct comparison says', () => {
    fc.assert(
      fc.property(fc.array(points, { minLength: 1, maxLength: 4 }), (series) => {
        for (const win of winners(series, [1, 500], 40)) {
          const rate = Math.sqrt(win.from * win.from * (500 / 1) ** (1 / 40));
          const values = series.map((set) => qualityAt(paretoFront(set), rate) ?? -1);
          if (Math.max(...values) < 0) continue; // bridged
          expect(values[win.series]!).toBeGreaterThan(Math.max(...values) - 0.1 * series.length - 1e-9);
        }
      }),
    );
  });
});
