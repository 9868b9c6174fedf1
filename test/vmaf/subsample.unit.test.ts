import { expect, test } from 'vitest';
import { factorFor } from '../../src/vmaf/index.js';

test.each([
  [1, 1],
  [72, 1],
  [359, 1],
  [360, 3],
  [599, 3],
  [600, 5],
  [172_800, 5],
])('of %i frames, auto scores every %i.', (frames, factor) => {
  expect(factorFor('auto', frames)).toBe(factor);
});

test('what was asked for is kept', () => {
  expect(factorFor(7, 10)).toBe(7);
  expect(factorFor(1, 10_000)).toBe(1);
});
