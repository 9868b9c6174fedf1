import { expect, test } from 'vitest';
import { frameBytes, framesMemory } from '../../src/ingest/index.js';

test.each([
  ['yuv420p', 1.5],
  ['nv12', 1.5],
  ['yuv420p10le', 3],
  ['yuv422p', 2],
  ['yuv422p10le', 4],
  ['yuv444p12le', 6],
  ['yuva444p12le', 8],
  ['gbrp', 3],
  ['rgb24', 3],
  ['rgb48le', 6],
  ['gray', 1],
  ['gray10le', 2],
  ['yuv410p', 1.125],
  ['never heard of', 8],
])('a pixel in %s takes %d bytes', (pixelFormat, bytes) => {
  expect(frameBytes({ width: 1920, height: 1080, pixelFormat })).toBe(1920 * 1080 * bytes);
});

test('a process takes its frames and some memory besides', () => {
  const format = { width: 1920, height: 1080, pixelFormat: 'yuv420p' };
  expect(framesMemory(format, 20) - framesMemory(format, 10)).toBe(10 * frameBytes(format));
  expect(framesMemory(format, 0)).toBe(60e6);
});
