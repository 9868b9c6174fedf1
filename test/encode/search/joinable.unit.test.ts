import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { joinableRange } from '../../../src/encode/search/limits.js';
import { type SearchInput, chooseLadder, plan } from '../../../src/encode/search/index.js';
import { RESOLUTIONS, type SyntheticShot, inputOf, ladderOf, search } from './synthetic.js';

/** Shots so unlike each other that a rung's values of crf lie far apart. */
const shot = fc.record({
  frames: fc.integer({ min: 20, max: 400 }),
  rate: fc.double({ min: 11, max: 15, noNaN: true }),
  half: fc.double({ min: 34, max: 52, noNaN: true }),
  detail: fc.double({ min: 0.3, max: 1, noNaN: true }),
});
const title = fc.array(shot, { minLength: 2, maxLength: 5 });
const breaks = fc.array(
  fc.record({
    height: fc.constantFrom(...RESOLUTIONS.map(({ height }) => height)),
    from: fc.integer({ min: 20, max: 44 }),
  }),
  { minLength: 1, maxLength: 6 },
);
const speeds = fc.constantFrom('draft' as const, 'default' as const, 'thorough' as const);

/** The ranges that the chunks of a rung come from. */
const rangesOf = (input: SearchInput, height: number, crfs: readonly number[]): Set<number> =>
  new Set(crfs.map((crf) => joinableRange(input, height, crf)));

describe('where an encoder has several headers', { timeout: 120_000 }, () => {
  test('planned, found and repaired rungs each have one', () => {
    fc.assert(
      fc.property(title, breaks, speeds, (shots, crfBreaks, speed) => {
        const input = inputOf(shots, { speed, crfBreaks });
        const { measured } = search(shots, input);
        for (const { resolution, crf } of plan(input, measured))
          expect(rangesOf(input, resolution.height, crf).size).toBe(1);
        for (const ladder of [chooseLadder(input, measured), ladderOf(shots, input).ladder]) {
          expect(ladder.length).toBeGreaterThan(0);
          for (const { resolution, chosen } of ladder)
            expect(
              rangesOf(
                input,
                resolution.height,
                chosen.map(({ crf }) => crf),
              ).size,
            ).toBe(1);
        }
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  test('rungs that were asked for do, too', () => {
    const targets = fc.array(
      fc.oneof(
        fc.record({ vmaf: fc.integer({ min: 50, max: 95 }) }),
        fc.record({ bitrate: fc.integer({ min: 100_000, max: 4_000_000 }) }),
        fc.record({
          vmaf: fc.integer({ min: 50, max: 90 }),
          resolution: fc.constantFrom(...RESOLUTIONS.slice(0, 3)),
        }),
      ),
      { minLength: 1, maxLength: 3 },
    );
    fc.assert(
      fc.property(title, breaks, targets, (shots, crfBreaks, rungs) => {
        const input = inputOf(shots, { crfBreaks, rungs });
        for (const { resolution, chosen } of ladderOf(shots, input).ladder)
          expect(
            rangesOf(
              input,
              resolution.height,
              chosen.map(({ crf }) => crf),
            ).size,
          ).toBe(1);
      }),
      { numRuns: 40, endOnFailure: true },
    );
  });

  test('one crf a title keeps to it by itself, and to its encodes', () => {
    const shots: SyntheticShot[] = [
      { frames: 100, rate: 13.6, half: 43, detail: 0.6 },
      { frames: 200, rate: 12.5, half: 48, detail: 0.4 },
    ];
    const input = inputOf(shots, { allocate: 'title', crfBreaks: [{ height: 1080, from: 33 }] });
    for (const { chosen } of ladderOf(shots, input).ladder)
      expect(new Set(chosen.map(({ crf }) => crf)).size).toBe(1);
  });

  test('a ladder that meets a break costs hardly more for it', () => {
    const shots: SyntheticShot[] = [
      { frames: 285, rate: 13.6, half: 43, detail: 0.6 },
      { frames: 93, rate: 13.0, half: 47, detail: 0.7 },
      { frames: 175, rate: 14.3, half: 41, detail: 0.5 },
    ];
    const free = ladderOf(shots, inputOf(shots)).ladder;
    const held = ladderOf(shots, inputOf(shots, { crfBreaks: [{ height: 1080, from: 33 }] })).ladder;
    expect(Math.abs(held.length - free.length)).toBeLessThanOrEqual(1);
    expect(held[0]!.vmaf).toBeGreaterThan(free[0]!.vmaf - 0.5);
    expect(held[0]!.bits).toBeLessThan(free[0]!.bits * 1.03);
  });
});
