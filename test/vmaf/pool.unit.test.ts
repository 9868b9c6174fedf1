import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { pool } from '../../src/vmaf/index.js';

const scores = fc.array(fc.double({ min: 0, max: 100, noNaN: true }), { minLength: 1, maxLength: 300 });

describe('pool', () => {
  test('known values', () => {
    // 1/(mean of 1/1, 1/4) − 1 = 1/0.625 − 1; p5 lies a twentieth of the way from 0 to 3.
    expect(pool([3, 0])).toEqual({
      mean: 1.5,
      harmonicMean: 0.6000000000000001,
      p5: expect.closeTo(0.15),
      min: 0,
    });
    // Rank 0.05 × 100 = 5 is hit exactly.
    expect(pool(Array.from({ length: 101 }, (_, i) => 100 - i)).p5).toBe(5);
  });

  test('equal scores pool to themselves', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 100, noNaN: true }),
        fc.integer({ min: 1, max: 50 }),
        (x, count) => {
          for (const value of Object.values(pool(Array<number>(count).fill(x))))
            expect(value).toBeCloseTo(x, 8);
        },
      ),
    );
  });

  test('min ≤ p5 ≤ max and min ≤ harmonic mean ≤ mean ≤ max', () => {
    fc.assert(
      fc.property(scores, (values) => {
        const { mean, harmonicMean, p5, min } = pool(values);
        const max = Math.max(...values);
        const slack = 1e-9;
        expect(min).toBe(Math.min(...values));
        expect(p5).toBeGreaterThanOrEqual(min - slack);
        expect(p5).toBeLessThanOrEqual(max + slack);
        expect(harmonicMean).toBeGreaterThanOrEqual(min - slack);
        expect(harmonicMean).toBeLessThanOrEqual(mean + slack);
        expect(mean).toBeLessThanOrEqual(max + slack);
      }),
    );
  });

  test('at least 5% of the scores are at or below p5 and at least 95% at or above it', () => {
    fc.assert(
      fc.property(scores, (values) => {
        const { p5 } = pool(values);
        expect(values.filter((x) => x <= p5 + 1e-9).length).toBeGreaterThanOrEqual(
          0.05 * (values.length - 1),
        );
        expect(values.filter((x) => x >= p5 - 1e-9).length).toBeGreaterThanOrEqual(
          0.95 * (values.length - 1),
        );
      }),
    );
  });

  test('neither order nor the array itself changes', () => {
    fc.assert(
      fc.property(scores, (values) => {
        const before = [...values];
        const forward = pool(values);
        expect(values).toEqual(before);
        const backward = pool([...values].reverse());
        expect(backward.p5).toBe(forward.p5);
        expect(backward.mean).toBeCloseTo(forward.mean, 8);
        expect(backward.harmonicMean).toBeCloseTo(forward.harmonicMean, 8);
      }),
    );
  });

  test('raising one score lowers nothing', () => {
    fc.assert(
      fc.property(scores, fc.nat(), fc.double({ min: 0, max: 100, noNaN: true }), (values, at, up) => {
        const index = at % values.length;
        const raised = values.map((x, i) => (i === index ? Math.max(x, up) : x));
        const [low, high] = [pool(values), pool(raised)];
        for (const key of ['mean', 'harmonicMean', 'p5', 'min'] as const) {
          expect(high[key]).toBeGreaterThanOrEqual(low[key] - 1e-9);
        }
      }),
    );
  });

  test.each([[[]], [[NaN]], [[50, -0.1]], [[100.1]], [[Infinity]]])('%j is refused', (values) => {
    expect(() => pool(values)).toThrow(RangeError);
  });
});
