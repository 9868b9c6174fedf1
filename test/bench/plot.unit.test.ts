import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linearTicks, logTicks, rdPlot } from '../../bench/plot.js';

const options = { title: 'A < B', xLabel: 'bit rate (kbit/s)', yLabel: 'VMAF', rateUnit: 1000 };
const points = [
  { rate: 4e6, quality: 95 },
  { rate: 1e6, quality: 80 },
  { rate: 250_000, quality: 50 },
];

function circles(svg: string): { x: number; y: number }[] {
  return [...svg.matchAll(/<circle cx="([\d.]+)" cy="([\d.]+)"/g)].map((m) => ({
    x: Number(m[1]),
    y: Number(m[2]),
  }));
}

describe('rdPlot', () => {
  it('puts equal ratios of rate at equal distances, in order of rate', () => {
    const at = circles(rdPlot([{ name: 'one', points }], options));
    expect(at).toHaveLength(3);
    expect(at[1]!.x - at[0]!.x).toBeCloseTo(at[2]!.x - at[1]!.x, 0);
    expect((at[0]!.y - at[1]!.y) / (at[1]!.y - at[2]!.y)).toBeCloseTo(30 / 15, 1);
  });

  it('draws every series inside the picture, with its name, escaped', () => {
    const svg = rdPlot(
      [
        { name: 'x264 & fixed', points },
        { name: 'per shot', points: [{ rate: 1e5, quality: 99 }] },
      ],
      options,
    );
    expect(svg.match(/<polyline/g)).toHaveLength(2);
    expect(svg).toContain('x264 &amp; fixed');
    expect(svg).toContain('A &lt; B');
    for (const { x, y } of circles(svg)) {
      expect(x > 64 && x < 700).toBe(true);
      expect(y > 40 && y < 388).toBe(true);
    }
    expect(svg).toContain('>1000</text>'); // 1e6 bit/s on an axis of kbit/s
  });

  it('puts equal ratios at equal distances on both axes where that is asked for', () => {
    const halving = [1, 2, 4].map((rate) => ({ rate, quality: 100 / rate }));
    const at = circles(rdPlot([{ name: 'one', points: halving }], { ...options, bothLogarithmic: true }));
    expect(at[1]!.x - at[0]!.x).toBeCloseTo(at[2]!.x - at[1]!.x, 0);
    expect(at[1]!.y - at[0]!.y).toBeCloseTo(at[2]!.y - at[1]!.y, 0);
    const zero = [{ name: 'a', points: [{ rate: 1, quality: 0 }] }];
    expect(() => rdPlot(zero, { ...options, bothLogarithmic: true })).toThrow(RangeError);
  });

  it('refuses what cannot be drawn', () => {
    expect(() => rdPlot([], options)).toThrow(RangeError);
    expect(() => rdPlot([{ name: 'a', points: [{ rate: 0, quality: 1 }] }], options)).toThrow(RangeError);
  });
});

describe('ticks', () => {
  it('are round and inside', () => {
    expect(logTicks(140, 8000)).toEqual([200, 500, 1000, 2000, 5000]);
    expect(linearTicks(48.2, 97)).toEqual([50, 55, 60, 65, 70, 75, 80, 85, 90, 95]);
    expect(linearTicks(94.31, 94.62)).toEqual([94.35, 94.4, 94.45, 94.5, 94.55, 94.6]);
    fc.assert(
      fc.property(
        fc.double({ min: 0, max: 90, noNaN: true }),
        fc.double({ min: 0.01, max: 100, noNaN: true }),
        (low, span) => {
          const ticks = linearTicks(low, low + span);
          expect(ticks.length).toBeGreaterThanOrEqual(2);
          expect(ticks.length).toBeLessThanOrEqual(11);
        },
      ),
    );
  });
});
