import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pchip } from '../../../src/encode/curve/index.js';

/** 2 to 10 points, x at least 0.1 apart. */
const data = (y: fc.Arbitrary<number>) =>
  fc
    .array(fc.record({ gap: fc.double({ min: 0.1, max: 20, noNaN: true }), y }), {
      minLength: 2,
      maxLength: 10,
    })
    .map((items) => {
      let x = -7;
      return { x: items.map(({ gap }) => (x += gap)), y: items.map((item) => item.y) };
    });
const anyY = fc.double({ min: -100, max: 100, noNaN: true }).map((y) => y + 0); // no −0
const share = fc.double({ min: 0, max: 1, noNaN: true });

/** Points that never fall. */
const rising = data(fc.double({ min: 0, max: 10, noNaN: true })).map(({ x, y }) => {
  let sum = -20;
  return { x, y: y.map((step) => (sum += step)) };
});

describe('pchip', () => {
  it('equals SciPy 1.17.1 PchipInterpolator on data with a plateau, a peak and uneven gaps', () => {
    const f = pchip([0, 1, 2.5, 4, 4.5, 7, 9], [1, 3, 3.2, 3.2, 8, 2, 2.5]);
    const at = [0, 0.3, 1, 1.7, 2.5, 3, 4.2, 4.5, 5.5, 6.9, 8, 9];
    const values = [
      1, 1.8190343362831858, 3, 3.142876171746968, 3.2, 3.2, 4.8896, 8, 5.888, 2.028032, 2.0625, 2.5,
    ];
    const derivatives = [
      ...[2.7466666666666666, 2.6246560471976403, 0.265486725663717, 0.14247394296951832, 0, 0],
      ...[13.824, 0, -3.456, -0.552959999999997, 0.1875, 0.75],
    ];
    at.forEach((x, i) => {
      expect(f.at(x)).toBeCloseTo(values[i]!, 12);
      expect(f.derivativeAt(x)).toBeCloseTo(derivatives[i]!, 12);
    });
    expect(f.integral(0, 9)).toBeCloseTo(31.256543756145525, 12);
    expect(f.integral(0.3, 8)).toBeCloseTo(28.598398526057032, 12);
    expect(f.integral(1.2, 2.1)).toBeCloseTo(2.81661179941003, 12);
  });

  it('passes through its points, and stays between neighbours', () => {
    fc.assert(
      fc.property(data(anyY), share, ({ x, y }, t) => {
        const f = pchip(x, y);
        x.forEach((value, i) => expect(f.at(value)).toBe(y[i]));
        for (let i = 1; i < x.length; i++) {
          const value = f.at(Math.min(x[i]!, x[i - 1]! + t * (x[i]! - x[i - 1]!)));
          expect(value).toBeGreaterThanOrEqual(Math.min(y[i - 1]!, y[i]!));
          expect(value).toBeLessThanOrEqual(Math.max(y[i - 1]!, y[i]!));
        }
      }),
    );
  });

  it('never falls where the data never fall', () => {
    fc.assert(
      fc.property(rising, share, share, ({ x, y }, s, t) => {
        const f = pchip(x, y);
        const place = (u: number): number => Math.min(f.max, f.min + u * (f.max - f.min));
        const [a, b] = [place(Math.min(s, t)), place(Math.max(s, t))];
        expect(f.at(b)).toBeGreaterThanOrEqual(f.at(a) - 1e-9);
        expect(f.derivativeAt(a)).toBeGreaterThanOrEqual(-1e-9);
      }),
    );
  });

  it('has a continuous first derivative, which is that of its values', () => {
    fc.assert(
      fc.property(data(anyY), ({ x, y }) => {
        const f = pchip(x, y);
        for (const knot of x.slice(1, -1)) {
          const e = 1e-7;
          const [left, right] = [f.derivativeAt(knot - e), f.derivativeAt(knot + e)];
          expect(Math.abs(right - left)).toBeLessThan(0.1); // a kink of these data would be far larger, or 0
          const secant = (f.at(knot + e) - f.at(knot - e)) / (2 * e);
          expect(Math.abs(secant - f.derivativeAt(knot))).toBeLessThan(0.1);
        }
      }),
    );
  });

  it('integrates additively, and as a dense sum does', () => {
    fc.assert(
      fc.property(data(anyY), share, share, share, ({ x, y }, r, s, t) => {
        const f = pchip(x, y);
        const place = (u: number): number => Math.min(f.max, f.min + u * (f.max - f.min));
        const [a, b, c] = [place(r), place(s), place(t)];
        expect(f.integral(a, b) + f.integral(b, c)).toBeCloseTo(f.integral(a, c), 7);
        const n = 2000;
        let sum = 0;
        for (let i = 0; i < n; i++) sum += f.at(a + ((i + 0.5) / n) * (b - a));
        expect(Math.abs((sum * (b - a)) / n - f.integral(a, b))).toBeLessThan(0.5);
      }),
      { numRuns: 50 },
    );
  });

  it('is the straight line for points on one', () => {
    fc.assert(
      fc.property(data(anyY), anyY, anyY, share, ({ x }, slope, offset, t) => {
        const line = (value: number): number => slope * value + offset;
        const f = pchip(x, x.map(line));
        const value = Math.min(f.max, f.min + t * (f.max - f.min));
        expect(f.at(value)).toBeCloseTo(line(value), 8);
        expect(f.derivativeAt(value)).toBeCloseTo(slope, 6);
        const area = (slope / 2) * (value ** 2 - f.min ** 2) + offset * (value - f.min);
        expect(Math.abs(f.integral(f.min, value) - area)).toBeLessThan(1e-6);
      }),
    );
  });

  it('inverts rising and falling data', () => {
    fc.assert(
      fc.property(rising, share, fc.boolean(), ({ x, y }, t, falling) => {
        const values = falling ? y.map((v) => -v) : y;
        const f = pchip(x, values);
        const wanted = f.at(Math.min(f.max, f.min + t * (f.max - f.min)));
        expect(f.at(f.inverse(wanted))).toBeCloseTo(wanted, 10);
      }),
    );
  });

  it('inverts to the smallest x of a plateau and to the points themselves', () => {
    const f = pchip([1, 2, 3, 4], [0, 5, 5, 9]);
    expect([0, 5, 9].map((y) => f.inverse(y))).toEqual([1, 2, 4]);
    expect(pchip([1, 2], [3, 3]).inverse(3)).toBe(1);
  });

  it.each([
    ['one point', [1], [1]],
    ['no points', [], []],
    ['a repeated x', [1, 1, 2], [1, 2, 3]],
    ['x that falls', [1, 3, 2], [1, 2, 3]],
    ['unequal lengths', [1, 2], [1]],
    ['NaN', [1, 2], [1, NaN]],
    ['infinity', [1, Infinity], [1, 2]],
  ])('refuses %s', (_, x, y) => {
    expect(() => pchip(x, y)).toThrow(RangeError);
  });

  it('refuses to extrapolate, and to invert what has no inverse', () => {
    const f = pchip([0, 1, 2], [0, 2, 1]);
    for (const x of [-0.001, 2.001, NaN]) expect(() => f.at(x)).toThrow(RangeError);
    expect(() => f.integral(0, 3)).toThrow(RangeError);
    expect(() => f.inverse(1)).toThrow(/monotone/);
    expect(() => pchip([0, 1], [0, 2]).inverse(2.1)).toThrow(RangeError);
  });
});
