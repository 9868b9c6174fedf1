import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choosePosters, novelty } from '../../src/images/choose.js';
import { type Judged, type Sample, judge } from '../../src/images/judge.js';
import { lookOf } from '../../src/images/likeness.js';
import { measure } from '../../src/images/measure.js';
import { blurred, frameOf, noise, seed } from './pictures.js';

const W = 32;
const H = 18;

function sample(frame: number, rgb: Uint8Array): Sample {
  return { frame, measures: measure(rgb, W, H), look: lookOf(rgb, W, H) };
}

const black = frameOf(W, H, () => [0, 0, 0]);
const SHOTS = [
  { startFrame: 0, endFrame: 50 },
  { startFrame: 50, endFrame: 100 },
];

describe('judging frames in their shots', () => {
  it('finds a fade by the contrast that the shot has elsewhere', () => {
    const picture = blurred(noise(W, H, 3), W, H);
    const faded = (level: number): Uint8Array => picture.map((value) => value * level);
    const samples = [5, 10, 15, 20, 25, 30, 35, 40].map((frame, i) =>
      sample(frame, faded([0.2, 0.4, 0.6, 1, 1, 1, 1, 0.5][i]!)),
    );
    const found = judge(samples, [{ startFrame: 0, endFrame: 50 }], 24);
    expect(found.map(({ faults }) => faults.includes('fade'))).toEqual([
      true,
      true,
      true,
      false,
      false,
      false,
      false,
      true,
    ]);
  });

  it('leaves frames at cuts alone, but not those at the ends of the title', () => {
    const frames = [0, 10, 47, 49, 50, 52, 60, 99];
    const found = judge(
      frames.map((frame) => sample(frame, noise(W, H, frame + 1))),
      SHOTS,
      24,
    );
    expect(found.filter(({ faults }) => faults.includes('cut')).map(({ frame }) => frame)).toEqual([
      47, 49, 50, 52,
    ]);
    expect(found.map(({ shot }) => shot)).toEqual([0, 0, 0, 0, 1, 1, 1, 1]);
  });
});

describe('choosing posters', () => {
  const judged = (pictures: readonly Uint8Array[], shots = SHOTS): Judged[] =>
    judge(
      pictures.map((rgb, i) => sample(5 + i * 10, rgb)),
      shots,
      24,
    );

  it('takes the best frame of every shot before a second of any', () => {
    const samples = judged([1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((n) => noise(W, H, n)));
    const chosen = choosePosters(samples, 4);
    expect(new Set(chosen.slice(0, 2).map(({ shot }) => shot)).size).toBe(2);
    const best = Math.max(...samples.filter(({ faults }) => faults.length === 0).map(({ score }) => score));
    expect(chosen[0]!.score).toBe(best);
  });

  it('takes a still picture once, however long it stands', () => {
    expect(choosePosters(judged(Array.from({ length: 10 }, () => noise(W, H, 7))), 5)).toHaveLength(1);
  });

  it('gives one of a black title, and says what is wrong with it', () => {
    const chosen = choosePosters(judged(Array.from({ length: 10 }, () => black)), 5);
    expect(chosen).toHaveLength(1);
    expect(chosen[0]!.faults).toEqual(['dark', 'plain', 'bars']);
  });

  it('prefers the one frame that is no fade, and that alone', () => {
    const good = blurred(noise(W, H, 9), W, H);
    const samples = judged([black, black, good, black, black, black, black, black, black, black]);
    expect(choosePosters(samples, 5).map(({ frame }) => frame)).toEqual([25]);
  });

  it('never takes a faulty frame beside a good one, the same twice, or more than asked for', () => {
    const picture = fc.oneof(
      seed.map((n) => noise(W, H, n)),
      fc.constant(black),
      seed.map((n) => blurred(noise(W, H, n), W, H)),
    );
    fc.assert(
      fc.property(
        fc.array(picture, { minLength: 1, maxLength: 10 }),
        fc.integer({ min: 1, max: 6 }),
        (pictures, count) => {
          const samples = judged(pictures);
          const chosen = choosePosters(samples, count);
          expect(chosen.length).toBeGreaterThan(0);
          expect(chosen.length).toBeLessThanOrEqual(count);
          const faulty = chosen.filter(({ faults }) => faults.length > 0);
          expect(
            faulty.length === 0 || (chosen.length === 1 && samples.every(({ faults }) => faults.length > 0)),
          ).toBe(true);
          for (const [i, one] of chosen.entries())
            expect(novelty(one, chosen.slice(0, i))).toBeGreaterThan(0);
        },
      ),
      { numRuns: 60 },
    );
  });
});
