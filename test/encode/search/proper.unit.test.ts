import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { properLadder } from '../../../src/encode/search/index.js';

interface Rung {
  bits: number;
  vmaf: number;
}

/** Any rungs whatever: of few values, so that equal ones and near ones are common. */
const rungs = fc.array(
  fc.record({
    bits: fc.oneof(fc.integer({ min: 0, max: 12 }), fc.integer({ min: 900, max: 1100 }), fc.nat(1e9)),
    vmaf: fc.oneof(
      fc.constantFrom(0, 97.428, 97.43, 100),
      fc.double({ min: 94, max: 95, noNaN: true }),
      fc.double({ min: 0, max: 100, noNaN: true }),
    ),
  }),
  { minLength: 1, maxLength: 14 },
);

describe('a proper ladder', () => {
  test('has rungs, of those given, strictly falling in bits and quality by more than nothing', () => {
    fc.assert(
      fc.property(rungs, (given) => {
        const ladder = properLadder(given);
        expect(ladder.length).toBeGreaterThan(0);
        expect(new Set(ladder).size).toBe(ladder.length);
        ladder.forEach((rung, i) => {
          expect(given).toContain(rung);
          const above = ladder[i - 1];
          if (!above) return;
          expect(rung.bits).toBeLessThan(above.bits);
          expect(rung.bits * 1.01).toBeLessThanOrEqual(above.bits);
          expect(above.vmaf - rung.vmaf).toBeGreaterThan(0.0999);
        });
      }),
      { numRuns: 1000 },
    );
  });

  test('loses no more than it must: whatever is left out has a rung that costs at most 1% more and is at most 0.1 worse', () => {
    fc.assert(
      fc.property(rungs, (given) => {
        const ladder = properLadder(given);
        const standsFor = (kept: Rung, left: Rung): boolean =>
          kept.bits <= left.bits * 1.01 && kept.vmaf >= left.vmaf - 0.1 - 1e-9;
        for (const left of given) {
          expect(ladder.some((kept) => standsFor(kept, left))).toBe(true);
        }
      }),
      { numRuns: 1000 },
    );
  });

  test('does not depend on the order, and is proper already when done again', () => {
    fc.assert(
      fc.property(rungs, (given) => {
        const figures = (ladder: readonly Rung[]): string[] => ladder.map((r) => `${r.bits} ${r.vmaf}`);
        const ladder = properLadder(given);
        expect(figures(properLadder([...given].reverse()))).toEqual(figures(ladder));
        expect(properLadder(ladder)).toEqual(ladder);
      }),
      { numRuns: 300 },
    );
  });

  test.each<[string, Rung[], Rung[]]>([
    ['none', [], []],
    [
      'a ladder in order',
      [
        { bits: 3000, vmaf: 95 },
        { bits: 1000, vmaf: 85 },
      ],
      [
        { bits: 3000, vmaf: 95 },
        { bits: 1000, vmaf: 85 },
      ],
    ],
    [
      'a repair that made a rung dearer than the one above, and no better',
      [
        { bits: 3000, vmaf: 95 },
        { bits: 3200, vmaf: 94 },
        { bits: 1000, vmaf: 85 },
      ],
      [
        { bits: 3000, vmaf: 95 },
        { bits: 1000, vmaf: 85 },
      ],
    ],
    [
      'noise in a full buffer: more bits, a worse picture',
      [
        { bits: 17_494, vmaf: 49.2 },
        { bits: 17_468, vmaf: 54 },
      ],
      [{ bits: 17_468, vmaf: 54 }],
    ],
    [
      'one colour: the cheapest of what looks the same',
      [
        { bits: 5000, vmaf: 97.43 },
        { bits: 2700, vmaf: 97.43 },
        { bits: 3000, vmaf: 97.42 },
      ],
      [{ bits: 2700, vmaf: 97.43 }],
    ],
  ])('%s', (_, given, expected) => {
    expect(properLadder(given)).toEqual(expected);
  });
});
