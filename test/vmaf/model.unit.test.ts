import { expect, test } from 'vitest';
import { modelFor } from '../../src/vmaf/index.js';

test.each([
  [1920, 1080, 'vmaf_v0.6.1'],
  [1080, 1920, 'vmaf_v0.6.1'],
  [3840, 2159, 'vmaf_v0.6.1'],
  [3840, 2160, 'vmaf_4k_v0.6.1'],
  [2160, 3840, 'vmaf_4k_v0.6.1'],
  [4096, 1716, 'vmaf_v0.6.1'],
  [2160, 2160, 'vmaf_4k_v0.6.1'],
])('%ix%i is judged by %s, and by its twin without enhancement gain', (width, height, model) => {
  expect(modelFor({ width, height })).toBe(model);
  expect(modelFor({ width, height }, { neg: false })).toBe(model);
  expect(modelFor({ width, height }, { neg: true })).toBe(`${model}neg`);
});
