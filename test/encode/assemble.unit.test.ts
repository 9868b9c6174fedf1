import fc from 'fast-check';
import { expect, test } from 'vitest';
import { concatScript } from '../../src/encode/assemble-stage.js';
import { groupsOf } from '../../src/encode/packets.js';

test('the script names files by URL, quotes them and gives their lengths', () => {
  const chunks = [
    { file: "/a/it's", frames: 285 },
    { file: '/b', frames: 93 },
  ];
  expect(concatScript(chunks, { num: 24, den: 1 })).toBe(
    "ffconcat version 1.0\nfile 'file:/a/it'\\''s'\nduration 11875000us\nfile 'file:/b'\nduration 3875000us\n",
  );
});

test('rounding to microseconds does not add up over a long title', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 400 }), (lengths) => {
      const fps = { num: 24000, den: 1001 };
      const script = concatScript(
        lengths.map((frames) => ({ file: '/x', frames })),
        fps,
      );
      const sum = [...script.matchAll(/duration (\d+)us/g)].reduce((total, m) => total + Number(m[1]), 0);
      const frames = lengths.reduce((total, n) => total + n, 0);
      expect(Math.abs(sum - (frames * 1001e6) / 24000)).toBeLessThanOrEqual(0.5);
    }),
  );
});

test('groups begin at key frames and hold the bits up to the next', () => {
  const packet = (bytes: number, key = false): { pts: number; bytes: number; key: boolean } => ({
    pts: 0,
    bytes,
    key,
  });
  const packets = [packet(100, true), packet(10), packet(5), packet(80, true), packet(1)];
  expect(groupsOf({ packets })).toEqual({ starts: [0, 3], bits: [920, 648] });
});
