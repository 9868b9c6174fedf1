import { expect, test } from 'vitest';
import { complexityOf } from '../../src/chunker/complexity.js';

const detection = { cuts: [], deviations: [10, 20, 31, 40], steps: [0, 3, 90, 1] };

test('means over the shot, without the step into it', () => {
  expect(complexityOf({ startFrame: 0, endFrame: 2 }, detection)).toEqual({ spatial: 15, temporal: 3 });
  expect(complexityOf({ startFrame: 2, endFrame: 4 }, detection)).toEqual({ spatial: 35.5, temporal: 1 });
});

test('rounds to three decimals; one frame does not change', () => {
  expect(complexityOf({ startFrame: 0, endFrame: 3 }, detection)).toEqual({
    spatial: 20.333,
    temporal: 46.5,
  });
  expect(complexityOf({ startFrame: 2, endFrame: 3 }, detection)).toEqual({ spatial: 31, temporal: 0 });
});
