import { expect, test } from 'vitest';
import { complexityOf } from '../../src/chunker/complexity.js';

const detection = {
  deviations: [10, 20, 31, 40],
  steps: [0, 3, 90, 1],
  palettes: [0.5, 0.6, 0.9, 1],
  unchanged: [0, 0.25, 0.1, 0.8],
};

test('means over the shot, without the step into it', () => {
  expect(complexityOf({ startFrame: 0, endFrame: 2 }, detection)).toEqual({
    ...{ spatial: 15, temporal: 3 },
    ...{ palette: 0.55, unchanged: 0.25 },
  });
  expect(complexityOf({ startFrame: 2, endFrame: 4 }, detection)).toEqual({
    ...{ spatial: 35.5, temporal: 1 },
    ...{ palette: 0.95, unchanged: 0.8 },
  });
});

test('rounds to three decimals; one frame does not change', () => {
  expect(complexityOf({ startFrame: 0, endFrame: 3 }, detection)).toEqual({
    spatial: 20.333,
    temporal: 46.5,
    palette: 0.667,
    unchanged: 0.175,
  });
  expect(complexityOf({ startFrame: 2, endFrame: 3 }, detection)).toEqual({
    ...{ spatial: 31, temporal: 0 },
    ...{ palette: 0.9, unchanged: 0 },
  });
});
