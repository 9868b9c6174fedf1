import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cut } from '../../src/chunker/cut-rules.js';
import { planShots } from '../../src/chunker/plan-shots.js';

const cut = (frame: number, strength = 10): Cut => ({ frame, strength });
const edges = (cuts: readonly Cut[], frames: number, minFrames: number, maxFrames: number): number[] =>
  planShots(cuts, frames, { minFrames, maxFrames }).map((span) => span.startFrame);

const titles = fc
  .record({
    frames: fc.integer({ min: 1, max: 2000 }),
    minFrames: fc.integer({ min: 1, max: 60 }),
    more: fc.integer({ min: 0, max: 300 }),
    places: fc.uniqueArray(fc.integer({ min: 1, max: 1999 }), { maxLength: 60 }),
    strengths: fc.array(fc.integer({ min: 1, max: 255 }), { minLength: 60, maxLength: 60 }),
  })
  .map(({ frames, minFrames, more, places, strengths }) => ({
    frames,
    limits: { minFrames, maxFrames: 2 * minFrames - 1 + more },
    cuts: places
      .filter((frame) => frame < frames)
      .sort((a, b) => a - b)
      .map((frame, i) => cut(frame, strengths[i])),
  }));

describe('for any title', () => {
  test('shots partition the frames and keep their limits', () => {
    fc.assert(
      fc.property(titles, ({ frames, limits, cuts }) => {
        const shots = planShots(cuts, frames, limits);
        expect(shots[0]?.startFrame).toBe(0);
        expect(shots.at(-1)?.endFrame).toBe(frames);
        for (const [i, shot] of shots.entries()) {
          if (i > 0) expect(shot.startFrame).toBe(shots[i - 1]!.endFrame);
          const length = shot.endFrame - shot.startFrame;
          expect(length).toBeLessThanOrEqual(limits.maxFrames);
          expect(length).toBeGreaterThanOrEqual(Math.min(limits.minFrames, frames));
        }
        expect(planShots(cuts, frames, limits)).toEqual(shots);
      }),
      { numRuns: 500 },
    );
  });

  test('every cut far enough from the others is kept', () => {
    fc.assert(
      fc.property(titles, ({ frames, limits, cuts }) => {
        const starts = new Set(planShots(cuts, frames, limits).map((shot) => shot.startFrame));
        const all = [0, ...cuts.map((one) => one.frame), frames];
        const free = cuts.filter((_, i) => {
          const [before, here, after] = [all[i]!, all[i + 1]!, all[i + 2]!];
          return here - before >= limits.minFrames && after - here >= limits.minFrames;
        });
        for (const one of free) expect(starts).toContain(one.frame);
      }),
    );
  });

  test('no other choice of few cuts keeps more strength', () => {
    const few = fc.array(
      fc.record({ frame: fc.integer({ min: 1, max: 99 }), strength: fc.integer({ min: 1, max: 9 }) }),
      {
        maxLength: 8,
      },
    );
    fc.assert(
      fc.property(few, fc.integer({ min: 1, max: 30 }), (some, minFrames) => {
        const cuts = [...new Map(some.map((one) => [one.frame, one])).values()].sort(
          (a, b) => a.frame - b.frame,
        );
        const sum = (kept: readonly Cut[]): number => kept.reduce((total, one) => total + one.strength, 0);
        let best = 0;
        for (let mask = 0; mask < 1 << cuts.length; mask++) {
          const chosen = cuts.filter((_, i) => mask & (1 << i));
          const all = [0, ...chosen.map((one) => one.frame), 100];
          if (all.slice(1).every((frame, i) => frame - all[i]! >= minFrames))
            best = Math.max(best, sum(chosen));
        }
        const starts = planShots(cuts, 100, { minFrames, maxFrames: 100 }).map((shot) => shot.startFrame);
        expect(sum(cuts.filter((one) => starts.includes(one.frame)))).toBe(best);
      }),
    );
  });
});

test('a short shot joins the neighbour that it resembles more', () => {
  expect(edges([cut(50, 40), cut(55, 10)], 100, 10, 100)).toEqual([0, 50]);
  expect(edges([cut(50, 10), cut(55, 40)], 100, 10, 100)).toEqual([0, 55]);
  expect(edges([cut(50), cut(55)], 100, 10, 100)).toEqual([0, 50]);
});

test('cuts too near to the ends are dropped', () => {
  expect(edges([cut(9), cut(50), cut(91)], 100, 10, 100)).toEqual([0, 50]);
  expect(edges([cut(10), cut(50), cut(90)], 100, 10, 100)).toEqual([0, 10, 50, 90]);
});

test('a long shot is split into the fewest equal parts', () => {
  expect(planShots([cut(100)], 350, { minFrames: 10, maxFrames: 100 })).toEqual([
    { startFrame: 0, endFrame: 100 },
    { startFrame: 100, endFrame: 183 },
    { startFrame: 183, endFrame: 266 },
    { startFrame: 266, endFrame: 350 },
  ]);
});

test('a title shorter than the shortest shot is one shot', () => {
  expect(planShots([cut(3)], 7, { minFrames: 24, maxFrames: 240 })).toEqual([{ startFrame: 0, endFrame: 7 }]);
});

test.each([
  [24, 46],
  [0, 10],
  [10.5, 40],
])('limits %d … %d are refused', (minFrames, maxFrames) => {
  expect(() => planShots([], 100, { minFrames, maxFrames })).toThrow(
    expect.objectContaining({ code: 'SHOT_LIMITS', exitCode: 2 }),
  );
});
