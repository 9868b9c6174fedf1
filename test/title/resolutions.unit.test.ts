import fc from 'fast-check';
import { expect, test } from 'vitest';
import { candidateResolutions } from '../../src/title/resolutions.js';

const sizes = (width: number, height: number, max?: number): string[] =>
  candidateResolutions({ width, height }, max).map((r) => `${r.width}x${r.height}`);

test('1080p has every class below it', () => {
  expect(sizes(1920, 1080)).toEqual(['1920x1080', '1280x720', '960x540', '768x432', '640x360', '416x234']);
});

test('a wide picture keeps its shape, a portrait one turns the classes', () => {
  expect(sizes(4096, 1716).slice(0, 3)).toEqual(['4096x1716', '3840x1608', '2560x1072']);
  expect(sizes(1080, 1920).slice(0, 2)).toEqual(['1080x1920', '720x1280']);
});

test('odd sizes: the picture itself first, nothing larger', () => {
  expect(sizes(1366, 768)).toEqual(['1366x768', '1280x720', '960x540', '768x432', '640x360', '416x234']);
  expect(sizes(854, 480)[0]).toBe('854x480');
});

test('a small master has only itself', () => {
  expect(sizes(160, 90)).toEqual(['160x90']);
});

test('a cap on the height takes the classes within it', () => {
  expect(sizes(1920, 1080, 720)[0]).toBe('1280x720');
  expect(sizes(1920, 1080, 600)[0]).toBe('960x540');
  expect(sizes(320, 180, 100)).toHaveLength(1);
});

test('always even, strictly smaller downwards, never larger than the picture, never empty', () => {
  const side = fc.integer({ min: 8, max: 4096 }).map((n) => n * 2);
  fc.assert(
    fc.property(side, side, (width, height) => {
      const list = candidateResolutions({ width, height });
      expect(list[0]).toEqual({ width, height });
      list.forEach((r, i) => {
        expect((r.width % 2) + (r.height % 2)).toBe(0);
        if (i > 0) expect(r.width * r.height).toBeLessThan(list[i - 1]!.width * list[i - 1]!.height);
      });
    }),
  );
});
