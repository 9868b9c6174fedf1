import fc from 'fast-check';
import { expect, test } from 'vitest';
import { LumaReader } from '../../src/chunker/luma-reader.js';

test('gives the same frames however the stream is cut into pieces', () => {
  const pieces = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 12 });
  fc.assert(
    fc.property(pieces, fc.integer({ min: 1, max: 30 }), (stream, size) => {
      const got: number[][] = [];
      const counts: number[] = [];
      const reader = new LumaReader(size, (frame, done) => {
        got.push([...frame]);
        counts.push(done);
      });
      for (const piece of stream) reader.push(piece);
      const bytes = stream.flatMap((piece) => [...piece]);
      const whole = Math.floor(bytes.length / size);
      expect(got.flat()).toEqual(bytes.slice(0, whole * size));
      expect(counts).toEqual(got.map((_, i) => i + 1));
      expect(got).toHaveLength(whole);
    }),
  );
});

test('a delivered frame is not written to again', () => {
  const frames: Uint8Array[] = [];
  const reader = new LumaReader(2, (frame) => frames.push(frame));
  reader.push(Uint8Array.of(1, 2, 3));
  reader.push(Uint8Array.of(4));
  expect(frames.map((frame) => [...frame])).toEqual([
    [1, 2],
    [3, 4],
  ]);
});
