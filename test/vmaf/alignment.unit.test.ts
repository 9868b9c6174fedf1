import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  FINGERPRINT,
  FINGERPRINT_BYTES,
  MIN_FRAMES,
  alignment,
  isOutOfStep,
} from '../../src/vmaf/alignment.js';
import { windows } from '../../src/vmaf/fingerprint.js';

/** Luma of one pixel of one frame, 0..255. */
type Picture = (x: number, y: number, frame: number) => number;

/** Fingerprints of frames `first` … of a picture; deterministic noise of ±`noise` levels on each. */
function prints(picture: Picture, frames: number, first = 0, noise = 0, seed = 1): Uint8Array {
  let state = seed;
  const random = (): number => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return (state / 2 ** 32) * 2 - 1;
  };
  const out = new Uint8Array(frames * FINGERPRINT_BYTES);
  for (let i = 0; i < out.length; i++) {
    const pixel = i % FINGERPRINT_BYTES;
    const frame = first + Math.floor(i / FINGERPRINT_BYTES);
    const luma = picture(pixel % FINGERPRINT.width, Math.floor(pixel / FINGERPRINT.width), frame);
    out[i] = Math.max(0, Math.min(255, Math.round(luma + noise * random())));
  }
  return out;
}

const blobs: Picture = (x, y, t) =>
  128 + 50 * Math.sin((x + 2.1 * t) / 5) + 40 * Math.cos((y - 0.4 * t) / 4 + Math.sin(t / 9));
const still: Picture = (x, y) => blobs(x, y, 0);
const flat: Picture = () => 90;
const fade: Picture = (x, y, t) => 16 + (still(x, y, 0) - 16) * Math.min(1, t / 40);

const outOfStep = (reference: Uint8Array, encode: Uint8Array, frames: number): boolean =>
  isOutOfStep(alignment(reference, encode, frames), frames);

describe('a moving picture', () => {
  test('in step is in step, whatever its noise', () => {
    for (const noise of [0, 2, 10, 60]) {
      const found = alignment(prints(blobs, 30), prints(blobs, 30, 0, noise, 7), 30);
      expect(found).toEqual({ shift: 0, ratio: 1 });
    }
  });

  test.each([-2, -1, 1, 2])('out of step by %i is refused, with that shift', (shift) => {
    fc.assert(
      fc.property(
        fc.integer({ min: MIN_FRAMES, max: 60 }),
        fc.integer({ min: 0, max: 500 }),
        (frames, first) => {
          const found = alignment(
            prints(blobs, frames, first),
            prints(blobs, frames, first + shift, 2, first + 3),
            frames,
          );
          expect(found.shift).toBe(shift);
          expect(isOutOfStep(found, frames)).toBe(true);
        },
      ),
      { numRuns: 8 },
    );
  });

  test('reference and encode exchanged, the shift changes its sign', () => {
    const [a, b] = [prints(blobs, 24), prints(blobs, 24, 1, 3)];
    expect(alignment(a, b, 24).shift).toBe(1);
    expect(alignment(b, a, 24).shift).toBe(-1);
  });

  test('an error that lasts, such as a wrong level, hides no shift that is otherwise clear', () => {
    const darker: Picture = (x, y, t) => blobs(x, y, t) - 3;
    expect(outOfStep(prints(blobs, 24), prints(darker, 24, 1), 24)).toBe(true);
    expect(outOfStep(prints(blobs, 24), prints(darker, 24, 0), 24)).toBe(false);
  });
});

describe('what moves too little to tell', () => {
  const pictures: [string, Picture][] = [
    ['a still', still],
    ['a flat colour', flat],
  ];
  test.each(pictures)('%s is in step at any shift, clean or noisy', (_, picture) => {
    for (const shift of [-2, -1, 0, 1, 2]) {
      for (const [left, right] of [
        [0, 0],
        [0, 20],
        [20, 0],
        [20, 20],
      ] as const) {
        expect(outOfStep(prints(picture, 30, 0, left, 5), prints(picture, 30, shift, right, 11), 30)).toBe(
          false,
        );
      }
    }
  });

  test('an encode of noise that has lost all of it is in step', () => {
    expect(outOfStep(prints(flat, 30, 0, 40), prints(flat, 30), 30)).toBe(false);
  });

  test('an encode that stays ever further behind a slow fade is in step', () => {
    const late: Picture = (x, y, t) => fade(x, y, 8 * Math.floor(t / 12));
    expect(outOfStep(prints(fade, 40), prints(late, 40), 40)).toBe(false);
  });

  test('an encode that repeats every other frame is poor, and in step', () => {
    const held: Picture = (x, y, t) => blobs(x, y, 2 * Math.floor(t / 2));
    expect(outOfStep(prints(blobs, 40), prints(held, 40), 40)).toBe(false);
  });
});

test('arrays that do not fit the number of frames are refused', () => {
  expect(() => alignment(new Uint8Array(1), prints(flat, 30), 30)).toThrow(RangeError);
  expect(() => alignment(prints(flat, 5), prints(flat, 5), 5)).toThrow(RangeError);
});

test('windows cover every frame once and are long enough to compare', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 5000 }), (frames) => {
      const all = windows(frames);
      if (frames < MIN_FRAMES) {
        expect(all).toEqual([]);
        return;
      }
      expect(all[0]!.start).toBe(0);
      expect(all.at(-1)!.end).toBe(frames);
      all.forEach(({ start, end }, index) => {
        expect(end - start).toBeGreaterThanOrEqual(Math.min(frames, 48));
        expect(end - start).toBeLessThan(96);
        if (index > 0) expect(start).toBe(all[index - 1]!.end);
      });
    }),
  );
});
