import fc from 'fast-check';
import { expect, test } from 'vitest';
import { gopFramesFor, gopStarts, segmentStartsOf } from '../../src/encode/gop.js';

const FILM = { num: 24, den: 1 };

test('a chunk of one segment is one group; a longer one is divided into the fewest equal groups', () => {
  expect(gopFramesFor(93, FILM, 4)).toBe(93);
  expect(gopFramesFor(96, FILM, 4)).toBe(96);
  expect(gopFramesFor(97, FILM, 4)).toBe(49);
  expect(gopFramesFor(285, FILM, 4)).toBe(95);
});

test('Big Buck Bunny’s shots give these segments', () => {
  const shots = [0, 285, 378, 553, 720];
  const chunks = shots.slice(1).map((endFrame, i) => ({ startFrame: shots[i]!, endFrame }));
  expect(segmentStartsOf(chunks, FILM, 4)).toEqual([0, 95, 190, 285, 378, 466, 553, 637]);
});

test('23.976 fps: 4 s are 95 frames, not 96', () => {
  expect(gopFramesFor(96, { num: 24000, den: 1001 }, 4)).toBe(48);
  expect(gopFramesFor(95, { num: 24000, den: 1001 }, 4)).toBe(95);
});

test('no group is longer than a segment, and none but the last shorter than half', () => {
  const rates = [
    FILM,
    { num: 24000, den: 1001 },
    { num: 25, den: 1 },
    { num: 30000, den: 1001 },
    { num: 60, den: 1 },
  ];
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 5000 }),
      fc.constantFrom(...rates),
      fc.integer({ min: 2, max: 6 }),
      (n, fps, s) => {
        const gop = gopFramesFor(n, fps, s);
        const most = Math.floor((s * fps.num) / fps.den);
        const starts = gopStarts(0, n, gop);
        expect(gop).toBeLessThanOrEqual(most);
        expect(starts.length).toBe(Math.ceil(n / most));
        if (n > most) expect(gop).toBeGreaterThanOrEqual(Math.floor(most / 2));
        expect(starts[0]).toBe(0);
        expect(starts[starts.length - 1]!).toBeLessThan(n);
      },
    ),
  );
});
