import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { GaussianProcess, type Kernel, MeasuredPlaces } from '../../../src/encode/search/gaussian.js';
import { Mixture } from '../../../src/encode/search/hypotheses.js';
import { ROUGHNESS, RATE_FREEDOM, kernelOf } from '../../../src/encode/search/kernels.js';
import { expectedImprovement } from '../../../src/encode/search/rivals.js';

const smooth: Kernel = (a, b) => Math.exp(-((a.crf - b.crf) ** 2) / 2);
const at = (crf: number): { crf: number; scale: number } => ({ crf, scale: 0 });

describe('a Gaussian process', () => {
  test('of one value is that of the textbook: weight k/(1 + noise), evidence of a normal', () => {
    const places = new MeasuredPlaces(smooth, [at(0)]);
    const process = new GaussianProcess(places, [2], [0.25]);
    const k = Math.exp(-0.5);
    const { mean, variance } = process.estimate(places.of(at(1)));
    expect(mean).toBeCloseTo((k * 2) / 1.25, 12);
    expect(variance).toBeCloseTo(1 - (k * k) / 1.25, 12);
    expect(process.logEvidence).toBeCloseTo(-(4 / 1.25 + Math.log(1.25) + Math.log(2 * Math.PI)) / 2, 12);
  });

  test('of two values solves the two equations', () => {
    const places = new MeasuredPlaces(smooth, [at(0), at(1)]);
    const process = new GaussianProcess(places, [1, -1], [0.1, 0.1]);
    const k = Math.exp(-0.5);
    // (1.1, k; k, 1.1)⁻¹ · (1, −1) = (1, −1) / (1.1 − k)
    const expected = (smooth(at(0.3), at(0)) - smooth(at(0.3), at(1))) / (1.1 - k);
    expect(process.mean(places.of(at(0.3)))).toBeCloseTo(expected, 12);
  });

  const values = fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 1, maxLength: 12 });

  test('passes near its values, is surest there, and knows less than nothing nowhere', () => {
    fc.assert(
      fc.property(values, fc.constantFrom(...ROUGHNESS), (all, { roughness }) => {
        const kernel = kernelOf(RATE_FREEDOM, roughness);
        const where = all.map((_, i) => ({ crf: 1.5 + 0.3 * i, scale: -0.2 * (i % 4) }));
        const places = new MeasuredPlaces(kernel, where);
        const process = new GaussianProcess(
          places,
          all,
          all.map(() => 1e-4),
        );
        const far = process.estimate(places.of({ crf: 9, scale: -3 })).variance;
        where.forEach((place) => {
          const { variance } = process.estimate(places.of(place));
          expect(variance).toBeLessThanOrEqual(1e-4 + 1e-9);
          expect(variance).toBeLessThan(far);
        });
        expect(far).toBeLessThanOrEqual(kernel({ crf: 9, scale: -3 }, { crf: 9, scale: -3 }));
      }),
    );
  });
});

describe('a mixture', () => {
  test('weighs by likelihood, and adds what hypotheses disagree about', () => {
    const mixture = new Mixture([1, 3], (h) => Math.log(h)); // 1 : 3
    expect(mixture.mean((h) => h)).toBeCloseTo(2.5, 12);
    const { mean, variance } = mixture.estimate((h) => ({ mean: h, variance: 0.5 }));
    expect(mean).toBeCloseTo(2.5, 12);
    expect(variance).toBeCloseTo(0.5 + 0.75, 12); // E[h²] − 2.5² = 7 − 6.25
  });

  test('leaves out what is hopeless', () => {
    expect(new Mixture([0, 1], (h) => -20 * h).mean((h) => h)).toBe(0);
  });
});

test('expected improvement is that of a normal variable, counted by quadrature', () => {
  for (const [mean, deviation] of [
    [0, 1],
    [0.3, 0.2],
    [-0.5, 0.1],
    [1, 0.4],
  ] as const) {
    let sum = 0;
    for (let z = -8; z < 8; z += 1e-3) {
      const density = Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
      sum += Math.max(0, -(mean + deviation * z)) * density * 1e-3;
    }
    expect(expectedImprovement(mean, deviation)).toBeCloseTo(sum, 4);
  }
  expect(expectedImprovement(-0.2, 0)).toBe(0.2);
  expect(expectedImprovement(0.2, 0)).toBe(0);
});
