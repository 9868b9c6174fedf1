import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  formatRational,
  frameSeconds,
  parseRational,
  rational,
  sameRational,
  timescaleOf,
  toNumber,
} from '../../src/media/index.js';

const integer = fc.integer({ min: -1_000_000_000, max: 1_000_000_000 });
const positive = fc.integer({ min: 1, max: 1_000_000 });
const rates = fc.tuple(fc.integer({ min: 1, max: 240_000 }), fc.integer({ min: 1, max: 2002 }));

/** Greatest common divisor by trying; slow and plainly right. */
function commonDivisor(a: number, b: number): number {
  for (let d = Math.min(a, b); d > 1; d--) if (a % d === 0 && b % d === 0) return d;
  return 1;
}

describe('rational', () => {
  it('keeps the value and is in lowest terms with a positive denominator', () => {
    fc.assert(
      fc.property(integer, integer, (num, den) => {
        fc.pre(den !== 0);
        const r = rational(num, den);
        expect(BigInt(r.num) * BigInt(den)).toBe(BigInt(num) * BigInt(r.den));
        expect(r.den).toBeGreaterThan(0);
      }),
    );
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 3000 }), fc.integer({ min: 1, max: 3000 }), (num, den) => {
        const r = rational(num, den);
        expect(commonDivisor(r.num, r.den)).toBe(1);
      }),
    );
  });

  it('gives equal ratios equal forms', () => {
    fc.assert(
      fc.property(integer, positive, fc.integer({ min: 1, max: 1000 }), (num, den, factor) => {
        expect(sameRational(rational(num, den), rational(num * factor, den * factor))).toBe(true);
        expect(sameRational(rational(num, den), rational(num + den, den))).toBe(false);
      }),
    );
  });

  it.each([
    [1, 0],
    [1.5, 1],
    [NaN, 1],
    [1, Infinity],
    [2 ** 53, 1],
  ])('refuses %s/%s', (num, den) => {
    expect(() => rational(num, den)).toThrow(RangeError);
  });
});

describe('parseRational', () => {
  it('reads what formatRational writes', () => {
    fc.assert(
      fc.property(positive, positive, (num, den) => {
        const r = rational(num, den);
        expect(parseRational(formatRational(r))).toEqual(r);
        expect(parseRational(`${num}:${den}`)).toEqual(r);
      }),
    );
  });

  it.each([undefined, '', 'N/A', '0/0', '24/0', '1.5', '-1/2', '24/1 ', '1/2/3'])(
    'gives nothing for %j',
    (text) => {
      expect(parseRational(text)).toBeUndefined();
    },
  );

  it('reads whole numbers', () => {
    expect(parseRational('25')).toEqual({ num: 25, den: 1 });
  });
});

describe('timescaleOf', () => {
  it('makes a frame a whole number of ticks, in a timescale that muxers keep', () => {
    fc.assert(
      fc.property(rates, ([num, den]) => {
        const fps = rational(num, den);
        const { timescale, frameTicks } = timescaleOf(fps);
        expect(Number.isInteger(timescale)).toBe(true);
        expect(Number.isInteger(frameTicks)).toBe(true);
        // frameTicks / timescale = 1 / fps, without rounding.
        expect(BigInt(frameTicks) * BigInt(fps.num)).toBe(BigInt(timescale) * BigInt(fps.den));
        expect(timescale).toBeGreaterThanOrEqual(10_000);
        expect(timescale).toBeLessThan(2 ** 32);
      }),
    );
  });

  it.each([
    [24, 1, 24_000, 1000],
    [24_000, 1001, 24_000, 1001],
    [25, 2, 25_000, 2000],
    [5, 1, 50_000, 10_000],
    [60_000, 1001, 60_000, 1001],
  ])('%s/%s', (num, den, timescale, frameTicks) => {
    expect(timescaleOf({ num, den })).toEqual({ timescale, frameTicks });
  });
});

describe('seconds', () => {
  it('of frames', () => {
    expect(frameSeconds(1001, { num: 24_000, den: 1001 })).toBeCloseTo(41.75, 2);
    expect(frameSeconds(0, { num: 24, den: 1 })).toBe(0);
    expect(toNumber({ num: 30_000, den: 1001 })).toBeCloseTo(29.97, 3);
  });
});
