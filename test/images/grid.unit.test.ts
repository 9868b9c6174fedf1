import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Grid, frameAt, gridExpression, gridOf, timesIn } from '../../src/images/grid.js';
import type { Rational } from '../../src/media/index.js';

const FILM: Rational = { num: 24, den: 1 };
const NTSC: Rational = { num: 30_000, den: 1001 };

/** What ffmpeg's select keeps of `frames` frames: its expression, in doubles as there. */
function selected(expression: string, frames: number): number[] {
  const match = /^lt\(ceil\(n\*(\d+)\/(\d+)\),ceil\(\(n\+1\)\*\1\/\2\)\)$/.exec(expression);
  if (!match) throw new Error(expression);
  const [num, den] = [Number(match[1]), Number(match[2])];
  return Array.from({ length: frames }, (_, n) => n).filter(
    (n) => Math.ceil((n * num) / den) < Math.ceil(((n + 1) * num) / den),
  );
}

describe('the grid of a title', () => {
  it('has the usual half second, and a thumbnail every tenth time', () => {
    expect(gridOf(60 * 60 * 24, FILM, 5000)).toEqual({ stepMs: 5000, divisions: 10 });
  });

  it('is finer for a short title, down to every frame, and coarser for a very long one', () => {
    expect(gridOf(720, FILM, 5000)).toEqual({ stepMs: 5000, divisions: 20 });
    expect(gridOf(48, FILM, 5000)).toEqual({ stepMs: 5000, divisions: 120 });
    expect(gridOf(1, FILM, 5000).divisions).toBe(120);
    expect(gridOf(4 * 3600 * 24, FILM, 5000)).toEqual({ stepMs: 5000, divisions: 2 });
  });

  it('never steps by less than a frame', () => {
    expect(gridOf(10, { num: 1, den: 3 }, 1000)).toEqual({ stepMs: 3000, divisions: 1 });
  });

  it('finds the frame on screen at each time', () => {
    const grid: Grid = { stepMs: 5000, divisions: 1 };
    expect([0, 1, 2, 3].map((j) => frameAt(j, grid, NTSC))).toEqual([0, 149, 299, 449]);
    expect([149, 150, 151].map((frames) => timesIn(frames, grid, NTSC))).toEqual([1, 2, 2]);
    expect(timesIn(120, grid, FILM)).toBe(1);
    expect(timesIn(121, grid, FILM)).toBe(2);
    expect(gridExpression(grid, FILM)).toBe('lt(ceil(n*1/120),ceil((n+1)*1/120))');
  });

  it('is the same for ffmpeg as here, whatever the rate and the length', () => {
    const rate = fc.constantFrom(
      FILM,
      NTSC,
      { num: 25, den: 1 },
      { num: 24_000, den: 1001 },
      { num: 60_000, den: 1001 },
      { num: 7, den: 3 },
    );
    fc.assert(
      fc.property(
        rate,
        fc.integer({ min: 1, max: 3000 }),
        fc.integer({ min: 1000, max: 12_000 }),
        (fps, frames, ms) => {
          const grid = gridOf(frames, fps, ms);
          const count = timesIn(frames, grid, fps);
          const frameTimes = Array.from({ length: count }, (_, j) => frameAt(j, grid, fps));
          expect(selected(gridExpression(grid, fps), frames)).toEqual(frameTimes);
          // Each is on screen at its time: it has begun, and the next has not. Exact in integers.
          for (const [j, frame] of frameTimes.entries()) {
            const time = BigInt(j) * BigInt(grid.stepMs) * BigInt(fps.num);
            const unit = BigInt(grid.divisions) * 1000n * BigInt(fps.den);
            expect(BigInt(frame) * unit <= time && time < BigInt(frame + 1) * unit).toBe(true);
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('is exact at the end of a day', () => {
    const frames = 24 * 3600 * 30;
    const grid = gridOf(frames, NTSC, 5000);
    const count = timesIn(frames, grid, NTSC);
    const last = frameAt(count - 1, grid, NTSC);
    expect(last).toBeLessThan(frames);
    expect(frameAt(count, grid, NTSC)).toBeGreaterThanOrEqual(frames);
    const [, num, den] = /n\*(\d+)\/(\d+)\)/.exec(gridExpression(grid, NTSC)) ?? [];
    const at = (n: number): number => Math.ceil((n * Number(num)) / Number(den));
    expect([at(last), at(last + 1)]).toEqual([count - 1, count]);
  });
});
