import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { frameSeconds } from '../../../src/media/index.js';
import {
  MOST_PERIODS,
  checkKeyPeriods,
  keyPeriodStarts,
  keyPeriods,
} from '../../../src/package/rotation/plan.js';

const FPS = { num: 24, den: 1 };
const title = (seconds: number, starts: readonly number[]) => ({
  frames: seconds * 24,
  fps: FPS,
  segmentStarts: starts.map((start) => start * 24),
});
const startsAt = (seconds: number, starts: readonly number[], period: number): number[] =>
  keyPeriodStarts(title(seconds, starts), period).map((frame) => frame / 24);

describe('key periods', () => {
  it('begin with the first segment at or after each multiple', () => {
    expect(startsAt(50, [0, 8, 12, 20, 28, 33, 40, 47], 10)).toEqual([0, 12, 20, 33, 40]);
  });

  it.each([
    ['a last period shorter than half of one belongs to the one before', 44.5, [0, 20], 20, [0, 20]],
    ['one of half stays', 30, [0, 20], 20, [0, 20]],
    ['one a frame shorter does not', 30 - 1 / 24, [0, 20], 20, [0]],
    ['a title of less than one and a half has one', 29, [0, 10, 20], 20, [0]],
    ['a title of one segment has one', 300, [0], 20, [0]],
    ['a segment over several multiples begins one period', 100, [0, 35, 45, 90], 10, [0, 35, 45, 90]],
  ])('%s', (_, seconds, starts, period, expected) => {
    expect(startsAt(seconds, starts, period)).toEqual(expected);
  });

  it('are cut at rates that are no whole number, at the segment on the multiple', () => {
    // Frame 240 of 24000/1001 is at 10.01 s exactly.
    const ntsc = { frames: 720, fps: { num: 24_000, den: 1001 }, segmentStarts: [0, 120, 240, 480] };
    expect(keyPeriodStarts(ntsc, 10.01)).toEqual([0, 240, 480]);
    expect(keyPeriodStarts(ntsc, 10.02)).toEqual([0, 480]);
  });

  it('divide every title: each begins with a segment, none but the last is much shorter than asked for', () => {
    const shapes = fc.record({
      gaps: fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 120 }),
      fps: fc.constantFrom({ num: 24, den: 1 }, { num: 30_000, den: 1001 }, { num: 25, den: 2 }),
      seconds: fc.integer({ min: 10, max: 400 }),
    });
    fc.assert(
      fc.property(shapes, ({ gaps, fps, seconds }) => {
        const segmentStarts = gaps.map((_, index) => gaps.slice(0, index).reduce((sum, gap) => sum + gap, 0));
        const frames = gaps.reduce((sum, gap) => sum + gap, 0);
        fc.pre(frameSeconds(frames, fps) / seconds <= MOST_PERIODS);
        const periods = keyPeriods(keyPeriodStarts({ segmentStarts, frames, fps }, seconds), frames);
        // They partition the title's frames.
        expect(periods[0]!.startFrame).toBe(0);
        expect(periods.at(-1)!.endFrame).toBe(frames);
        for (const [index, { startFrame, endFrame }] of periods.entries()) {
          expect(segmentStarts).toContain(startFrame);
          expect(periods[index + 1]?.startFrame ?? frames).toBe(endFrame);
          expect(endFrame).toBeGreaterThan(startFrame);
          // No other segment between the multiple and the start.
          if (index === 0) continue;
          const multiple = Math.floor(frameSeconds(startFrame, fps) / seconds + 1e-9) * seconds;
          const between = segmentStarts.filter(
            (start) => start < startFrame && frameSeconds(start, fps) >= multiple - 1e-9,
          );
          expect(between).toEqual([]);
        }
        const last = periods.at(-1)!;
        if (periods.length > 1)
          expect(frameSeconds(last.endFrame - last.startFrame, fps)).toBeGreaterThanOrEqual(
            seconds / 2 - 1e-6,
          );
      }),
    );
  });

  it('are refused where there would be more than 64', () => {
    expect(() => checkKeyPeriods({ frames: 640 * 24, fps: FPS }, 10)).not.toThrow();
    expect(() => checkKeyPeriods({ frames: 640 * 24 + 1, fps: FPS }, 10)).toThrow(
      expect.objectContaining({
        code: 'DRM_KEY_PERIODS',
        message: 'with key periods of 10 s the title would have 65 of them, and 64 are the most',
      }),
    );
  });
});
