import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Sized, averageRate, channelRate, peakRate } from '../../src/conformance/bit-rate.js';

const segments = fc.array(
  fc.record({
    bytes: fc.nat({ max: 1_000_000 }),
    seconds: fc.integer({ min: 1, max: 80 }).map((n) => n / 8),
  }),
  { minLength: 1, maxLength: 30 },
);

/** Every run of segments that follow each other. */
function runs(all: readonly Sized[]): { bits: number; seconds: number }[] {
  return all.flatMap((_, first) =>
    all.slice(first).map((__, length) => {
      const run = all.slice(first, first + length + 1);
      return {
        bits: 8 * run.reduce((sum, { bytes }) => sum + bytes, 0),
        seconds: run.reduce((sum, { seconds }) => sum + seconds, 0),
      };
    }),
  );
}

const most = (values: readonly number[]): number => values.reduce((max, value) => Math.max(max, value), 0);

describe('bit rates', () => {
  it('average: all bits over all seconds', () => {
    expect(
      averageRate([
        { bytes: 100, seconds: 1 },
        { bytes: 500, seconds: 2 },
      ]),
    ).toBe(1600);
    expect(averageRate([])).toBe(0);
  });

  it('peak: of all runs of 0.5 to 1.5 target durations, as RFC 8216 defines it', () => {
    fc.assert(
      fc.property(segments, fc.integer({ min: 1, max: 12 }), (all, target) => {
        const within = runs(all).filter(({ seconds }) => seconds >= target / 2 && seconds <= 1.5 * target);
        const single = all.map(({ bytes, seconds }) => (8 * bytes) / seconds);
        const peak = most(within.map(({ bits, seconds }) => bits / seconds)) || most(single);
        expect(peakRate(all, target)).toBeCloseTo(peak, 6);
      }),
    );
  });

  it('channel: bits of any run have come when it ends, a buffer having been filled before', () => {
    fc.assert(
      fc.property(segments, fc.integer({ min: 1, max: 10 }), (all, buffer) => {
        const wanted = most(runs(all).map(({ bits, seconds }) => bits / (seconds + buffer)));
        const found = channelRate(all, buffer);
        expect(Math.abs(found - wanted)).toBeLessThanOrEqual(1e-6 * wanted + 1e-3);
      }),
    );
  });
});
