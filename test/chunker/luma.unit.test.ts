import { describe, expect, test } from 'vitest';
import {
  LUMA_BYTES,
  LUMA_WIDTH,
  contentChange,
  correlation,
  meanDifference,
  paletteShare,
  standardDeviation,
  unchangedShare,
} from '../../src/chunker/luma.js';
import { landscape, plain, view } from './frames.js';

const checks = new Uint8Array(LUMA_BYTES).map((_, i) => ((i + Math.floor(i / LUMA_WIDTH)) % 2) * 255);

test('deviation is 0 for a plain colour and 127.5 for black and white in equal parts', () => {
  expect(standardDeviation(plain(77))).toBe(0);
  expect(standardDeviation(checks)).toBe(127.5);
});

test('mean difference', () => {
  expect(meanDifference(plain(10), plain(13))).toBe(3);
  expect(meanDifference(plain(13), plain(10))).toBe(3);
  expect(meanDifference(plain(0), checks)).toBe(127.5);
});

test('the palette is what the four commonest levels take', () => {
  expect(paletteShare(plain(77))).toBe(1);
  expect(paletteShare(checks)).toBe(1);
  const eight = checks.map((_, i) => 30 * (i % 8));
  expect(paletteShare(eight)).toBe(0.5);
  expect(paletteShare(eight.map((level) => (level === 30 ? 60 : level)))).toBe(0.625);
});

test('unchanged is what is exactly as it was', () => {
  expect(unchangedShare(checks, checks)).toBe(1);
  expect(unchangedShare(checks, plain(255))).toBe(0.5);
  expect(unchangedShare(plain(254), plain(255))).toBe(0);
});

test('correlation is of the picture, not of its brightness', () => {
  const frame = view(landscape(1));
  const darker = frame.map((value) => Math.round(value / 3));
  expect(correlation(frame, frame)).toBeCloseTo(1, 10);
  expect(correlation(frame, darker)).toBeGreaterThan(0.99);
  expect(
    correlation(
      frame,
      frame.map((value) => 255 - value),
    ),
  ).toBeCloseTo(-1, 10);
  expect(correlation(frame, plain(3))).toBe(0);
});

describe('content change', () => {
  const scene = landscape(2);

  test('is nothing for the same frame and everything for another plain colour', () => {
    expect(contentChange(view(scene), view(scene))).toEqual({ distance: 0, changed: 0 });
    expect(contentChange(plain(0), plain(9))).toEqual({ distance: 9, changed: 1 });
  });

  test('does not see movement within its range', () => {
    const [a, b] = [view(scene), view(scene, 3, -2)];
    // What is left is in the blocks at the edges, whose content has just come into view.
    expect(contentChange(a, b).distance).toBeLessThan(meanDifference(a, b) / 4);
    expect(contentChange(a, b).changed).toBeLessThan(20 / 48);
  });

  test('sees another scene', () => {
    const other = contentChange(view(scene), view(landscape(3)));
    expect(other.distance).toBeGreaterThan(15);
    expect(other.changed).toBeGreaterThan(0.9);
  });

  test('counts changed blocks', () => {
    const frame = plain(100);
    const marked = frame.slice();
    for (let y = 6; y < 12; y++) marked.fill(200, y * LUMA_WIDTH + 8, y * LUMA_WIDTH + 24);
    expect(contentChange(frame, marked)).toEqual({
      distance: (100 * 96) / LUMA_BYTES,
      changed: 96 / LUMA_BYTES,
    });
  });
});
