import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { bdRate, chooseLadder, wantedIn } from '../../../src/encode/index.js';
import { lendersOf } from '../../../src/encode/search/similar.js';
import { type SyntheticShot, inputOf, search } from './synthetic.js';

const shot = (spatial: number, temporal: number) => ({
  ...{ index: 0, frames: 48 },
  complexity: { spatial, temporal },
});
const lenders = (...shots: [spatial: number, temporal: number][]): number[] =>
  lendersOf({ shots: shots.map(([spatial, temporal]) => shot(spatial, temporal)) });

describe('a first guess', () => {
  test('comes from the nearest shot before that is like it', () => {
    expect(lenders([40, 3], [40, 3], [20, 3], [41, 3.2], [20, 9], [21, 2.8])).toEqual([0, 0, 2, 0, 4, 2]);
  });

  test('comes from no shot that differs in one of the two', () => {
    expect(lenders([40, 3], [45, 3], [40, 4.2])).toEqual([0, 1, 2]);
  });

  test('still pictures are alike, whatever noise moves in them', () => {
    expect(lenders([40, 0], [40, 0.02])).toEqual([0, 0]);
  });

  test('comes from nobody where nothing is known', () => {
    expect(lendersOf({ shots: [{ index: 0, frames: 9 }, shot(40, 3), { index: 2, frames: 9 }] })).toEqual([
      0, 1, 2,
    ]);
  });

  test('comes from a shot that has none itself, before the one that gets it', () => {
    const feature = fc.double({ min: 0, max: 100, noNaN: true });
    fc.assert(
      fc.property(fc.array(fc.tuple(feature, feature), { maxLength: 30 }), (shots) => {
        lenders(...shots).forEach((lender, position, all) => {
          expect(lender).toBeLessThanOrEqual(position);
          expect(all[lender]).toBe(lender);
        });
      }),
    );
  });
});

describe('a long shot in twelve parts', () => {
  /** Parts of one shot are alike, not equal. */
  const parts = Array.from({ length: 12 }, (_, i): SyntheticShot => ({
    frames: 200 + 8 * i,
    rate: 14 + 0.02 * i,
    half: 41 + 0.1 * i,
    detail: 1,
  }));
  const strangers = inputOf(parts);
  const alike = {
    ...strangers,
    shots: strangers.shots.map((one, i) => ({ ...one, complexity: { spatial: 40 + 0.1 * i, temporal: 3 } })),
  };

  test('is probed in one of them', () => {
    expect(wantedIn(0, strangers, [])).toHaveLength(24);
    expect(wantedIn(0, alike, [])).toHaveLength(2);
  });

  test('gets as good a ladder for fewer encodes', () => {
    const found = [strangers, alike].map((input) => {
      const { measured } = search(parts, input);
      const points = chooseLadder(input, measured).map(({ bits, vmaf }) => ({ rate: bits, quality: vmaf }));
      return { encodes: measured.length, points };
    });
    expect(found[1]!.encodes).toBeLessThan(found[0]!.encodes);
    expect(Math.abs(bdRate(found[0]!.points, found[1]!.points))).toBeLessThan(0.5);
  });
});
