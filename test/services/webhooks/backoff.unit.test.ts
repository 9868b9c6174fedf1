import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MAX_ATTEMPTS, retryDelay } from '../../../src/services/webhooks/backoff.js';

const HOUR = 3600;

function total(random: number): number {
  let seconds = 0;
  for (let attempt = 1; ; attempt++) {
    const delay = retryDelay(attempt, random);
    if (delay === undefined) return seconds;
    seconds += delay;
  }
}

describe('backoff', () => {
  it('doubles from 10 seconds to 4 hours', () => {
    const delays = Array.from({ length: MAX_ATTEMPTS - 1 }, (_, i) => retryDelay(i + 1, 0.5)!);
    expect(delays.slice(0, 5)).toEqual([10, 20, 40, 80, 160]);
    expect(delays.at(-1)).toBe(4 * HOUR);
    expect(delays).toEqual([...delays].sort((a, b) => a - b));
  });

  it('gives up after about a day', () => {
    expect(retryDelay(MAX_ATTEMPTS - 1, 0)).toBeDefined();
    expect(retryDelay(MAX_ATTEMPTS, 0)).toBeUndefined();
    expect(retryDelay(MAX_ATTEMPTS + 100, 0)).toBeUndefined();
    expect(total(0.5) / HOUR).toBeGreaterThan(23);
    expect(total(0.5) / HOUR).toBeLessThan(26);
  });

  it('spreads every delay by a quarter to both sides', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: MAX_ATTEMPTS - 1 }),
        fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
        (attempt, random) => {
          const middle = retryDelay(attempt, 0.5)!;
          const delay = retryDelay(attempt, random)!;
          expect(delay).toBeGreaterThanOrEqual(middle * 0.75);
          expect(delay).toBeLessThanOrEqual(middle * 1.25);
        },
      ),
    );
  });
});
