import { describe, expect, test } from 'vitest';
import { seeded } from '../../../bench/simulate/random.js';

const COUNT = 200_000;
const draw = (of: (random: ReturnType<typeof seeded>) => number, seed = 7): number[] => {
  const random = seeded(seed);
  return Array.from({ length: COUNT }, () => of(random));
};
const mean = (values: readonly number[]): number => values.reduce((sum, v) => sum + v, 0) / values.length;
const deviation = (values: readonly number[]): number => {
  const middle = mean(values);
  return Math.sqrt(mean(values.map((v) => (v - middle) ** 2)));
};

describe('random numbers', () => {
  test('are the same for a seed, on every machine, and others for another', () => {
    const first = (seed: number): number[] => {
      const random = seeded(seed);
      return Array.from({ length: 3 }, () => random.uniform() * 2 ** 32);
    };
    expect(first(1)).toEqual([2693262067, 11749833, 2265367787]);
    expect(first(2)).not.toEqual(first(1));
  });

  test('have the moments that they should have', () => {
    const uniform = draw((r) => r.uniform());
    expect(mean(uniform)).toBeCloseTo(0.5, 2);
    expect(deviation(uniform)).toBeCloseTo(Math.sqrt(1 / 12), 2);
    expect(Math.min(...uniform.slice(0, 1000))).toBeGreaterThanOrEqual(0);
    const normal = draw((r) => r.normal());
    expect(mean(normal)).toBeCloseTo(0, 2);
    expect(deviation(normal)).toBeCloseTo(1, 2);
    const exponential = draw((r) => r.exponential(3));
    expect(mean(exponential) / 3).toBeCloseTo(1, 1);
    expect(deviation(exponential) / 3).toBeCloseTo(1, 1);
    const logs = draw((r) => Math.log(r.logNormal(5, 0.4)));
    expect(mean(logs)).toBeCloseTo(Math.log(5), 2);
    expect(deviation(logs)).toBeCloseTo(0.4, 2);
  });

  test('are whole and below where they should be, each as often', () => {
    const counts = [0, 0, 0];
    for (const value of draw((r) => r.integer(3))) counts[value]! += 1;
    for (const count of counts) expect(count / COUNT).toBeCloseTo(1 / 3, 2);
  });
});
