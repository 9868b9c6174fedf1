import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type RdPoint, bdQuality, bdRate, commonQuality } from '../../../src/encode/curve/index.js';

function points(rates: number[], qualities: number[]): RdPoint[] {
  return rates.map((rate, i) => ({ rate, quality: qualities[i]! }));
}

/** A curve that rises from (100, about 20) on: steps multiply the rate and add quality. */
const curve = fc
  .array(
    fc.tuple(fc.double({ min: 1.05, max: 4, noNaN: true }), fc.double({ min: 0.5, max: 9, noNaN: true })),
    {
      minLength: 4,
      maxLength: 8,
    },
  )
  .map((steps) => {
    let [rate, quality] = [100, 20];
    return steps.map(([factor, gain]): RdPoint => ({ rate: (rate *= factor), quality: (quality += gain) }));
  })
  .filter((items) => items[0]!.quality < 26 && items[items.length - 1]!.quality > 30);

describe('bdRate and bdQuality', () => {
  // RD data as published with the `bjontegaard` package (FAU, examples 1 to 3, x265 presets) and with many BD scripts
  // (the last); expected values computed with SciPy 1.17.1's PchipInterpolator and its exact integration.
  it.each([
    {
      anchor: points([9487.76, 4593.6, 2486.44, 1358.24], [40.037, 38.615, 36.845, 34.851]),
      test: points([9787.8, 4469, 2451.52, 1356.24], [40.121, 38.651, 36.97, 34.987]),
      rate: -4.417485350589045,
      quality: 0.11969278542479489,
    },
    {
      anchor: points([82472.76, 26875.24, 9487.76, 4593.6], [43.825, 41.404, 40.037, 38.615]),
      test: points([99896.96, 33952.04, 9787.8, 4469], [44.731, 41.875, 40.121, 38.651]),
      rate: -4.47218200276197,
      quality: 0.08887484704747745,
    },
    {
      anchor: points(
        [82472.76, 26875.24, 9487.76, 4593.6, 3600, 2900],
        [43.825, 41.404, 40.037, 38.615, 36.5, 35.1],
      ),
      test: points(
        [99896.96, 33952.04, 9787.8, 4469, 4040, 3300],
        [44.731, 41.875, 40.121, 38.651, 37, 36.5],
      ),
      rate: -2.9528024116427964,
      quality: 0.08953590194998828,
    },
    {
      anchor: points([686.76, 309.58, 157.11, 85.95], [40.28, 37.18, 34.24, 31.42]),
      test: points([893.34, 407.8, 204.93, 112.75], [40.39, 37.21, 34.17, 31.24]),
      rate: 31.379878202397627,
      quality: -1.1834724046224592,
    },
  ])('equals SciPy on published data ($rate %)', ({ anchor, test, rate, quality }) => {
    expect(bdRate(anchor, test)).toBeCloseTo(rate, 10);
    expect(bdQuality(anchor, test)).toBeCloseTo(quality, 10);
  });

  // Worked examples of the JCT-VC's spreadsheet (JCTVC-L1100, piecewise cubic), as Netflix/vmaf publishes them in
  // python/test/bd_rate_calculator_test.py, BDrateCalculatorJCTVCTest. Two of the curves' ends are 0.03 dB apart.
  it.each([
    {
      anchor: points([108048.8736, 61279.976, 33905.6656, 18883.6928], [43.6471, 40.3953, 37.247, 34.2911]),
      test: points([108061.2784, 61299.9936, 33928.7472, 18910.912], [43.6768, 40.4232, 37.2761, 34.3147]),
      rate: -0.465215420752807,
    },
    {
      anchor: points([40433.8848, 7622.7456, 2394.488, 1017.6184], [37.5761, 35.3756, 33.8977, 32.0603]),
      test: points([40370.12, 7587.0024, 2390.0944, 1017.0984], [37.5982, 35.4025, 33.9194, 32.0822]),
      rate: -1.8779823450567612,
    },
  ])('equals the JCT-VC’s worked examples ($rate %)', ({ anchor, test, rate }) => {
    expect(bdRate(anchor, test)).toBeCloseTo(rate, 2);
  });

  it('is 0 for a curve against itself', () => {
    fc.assert(
      fc.property(curve, (a) => {
        expect(bdRate(a, a)).toBe(0);
        expect(bdQuality(a, a)).toBe(0);
      }),
    );
  });

  it('is the saving where one curve is the other at a fraction of the rate', () => {
    const anchor = points([100, 200, 500, 900], [50, 70, 85, 95]);
    const halved = anchor.map(({ rate, quality }) => ({ rate: rate / 2, quality }));
    expect(bdRate(anchor, halved)).toBeCloseTo(-50, 12);
    fc.assert(
      fc.property(curve, fc.double({ min: 0.2, max: 5, noNaN: true }), (a, factor) => {
        const scaled = a.map(({ rate, quality }) => ({ rate: rate * factor, quality }));
        expect(bdRate(a, scaled)).toBeCloseTo(100 * (factor - 1), 8);
      }),
    );
  });

  it('is the shift where one curve is the other shifted in quality', () => {
    fc.assert(
      fc.property(curve, fc.double({ min: -3, max: 3, noNaN: true }), (a, shift) => {
        const shifted = a.map(({ rate, quality }) => ({ rate, quality: quality + shift }));
        expect(bdQuality(a, shifted)).toBeCloseTo(shift, 8);
      }),
    );
  });

  it('is antisymmetric in the logarithm: there and back is nothing', () => {
    fc.assert(
      fc.property(curve, curve, (a, b) => {
        expect((1 + bdRate(a, b) / 100) * (1 + bdRate(b, a) / 100)).toBeCloseTo(1, 10);
      }),
    );
  });

  it('does not depend on the order of the points, nor on the unit of rate', () => {
    fc.assert(
      fc.property(curve, curve, (a, b) => {
        const inKilobit = (items: RdPoint[]) =>
          items.map(({ rate, quality }) => ({ rate: rate / 1000, quality }));
        expect(bdRate([...a].reverse(), b)).toBe(bdRate(a, b));
        expect(bdRate(inKilobit(a), inKilobit(b))).toBeCloseTo(bdRate(a, b), 8);
      }),
    );
  });

  it('ignores points that a cheaper one matches', () => {
    const anchor = points([100, 200, 500], [60, 80, 95]);
    const test = points([90, 180, 450], [60, 80, 95]);
    const noisy = [
      ...test,
      { rate: 460, quality: 95 },
      { rate: 300, quality: 79 },
      { rate: 180, quality: 75 },
    ];
    expect(bdRate(anchor, noisy)).toBe(bdRate(anchor, test));
    expect(bdRate(anchor, noisy)).toBeCloseTo(-10, 10);
  });

  it('looks only at the quality that both reach', () => {
    const anchor = points([100, 200, 400], [40, 60, 80]);
    const test = points([100, 200, 400], [60, 80, 100]);
    expect(commonQuality(anchor, test)).toEqual({ low: 60, high: 80 });
    expect(bdRate(anchor, test)).toBeCloseTo(-50, 10);
  });

  it.each([
    ['no overlap', points([1, 2], [10, 20]), points([1, 2], [30, 40])],
    ['curves that only touch', points([1, 2], [10, 20]), points([1, 2], [20, 40])],
    ['one point', points([1], [10]), points([1, 2], [5, 40])],
    ['no points', [], points([1, 2], [5, 40])],
    ['points of which one is usable', points([1, 2, 3], [10, 9, 10]), points([1, 2], [5, 40])],
    ['a rate of 0', points([0, 2], [10, 20]), points([1, 2], [5, 40])],
    ['NaN', points([1, 2], [10, NaN]), points([1, 2], [5, 40])],
  ])('refuses %s', (_, anchor, test) => {
    expect(() => bdRate(anchor, test)).toThrow(RangeError);
    expect(() => bdRate(test, anchor)).toThrow(RangeError);
  });

  it('refuses rates without overlap for bdQuality only', () => {
    const [cheap, dear] = [points([1, 2], [10, 20]), points([3, 4], [10, 20])];
    expect(() => bdQuality(cheap, dear)).toThrow(/bit rate in common/);
    expect(bdRate(cheap, dear)).toBeGreaterThan(100);
  });
});
