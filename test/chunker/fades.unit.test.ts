import { expect, test } from 'vitest';
import { fadeCuts } from '../../src/chunker/fades.js';

// 20 frames of picture, each step 1; then down to black over 5 frames of 10 each, black, and up again.
const down = [40, 30, 20, 10, 5];
const picture = Array.from({ length: 20 }, () => 50);
const quiet = picture.map(() => 1);

function fade(black: number): { deviations: number[]; steps: number[] } {
  const dark = Array.from({ length: black }, () => 0);
  return {
    deviations: [...picture, ...down, ...dark, ...[...down].reverse(), ...picture],
    steps: [
      ...quiet,
      ...down.map(() => 10),
      5,
      ...dark.slice(1),
      5,
      ...down.slice(1).map(() => 10),
      10,
      ...quiet.slice(1),
    ],
  };
}

test('one cut, at the first frame after black', () => {
  for (const black of [1, 2, 30]) {
    const { deviations, steps } = fade(black);
    expect(steps).toHaveLength(deviations.length);
    expect(fadeCuts(deviations, steps, [])).toEqual([{ frame: 25 + black, strength: 10 }]);
  }
});

test('none where there is a hard cut already', () => {
  const { deviations, steps } = fade(3);
  for (const frame of [25, 28]) expect(fadeCuts(deviations, steps, [{ frame, strength: 50 }])).toEqual([]);
});

test('none where an edge is hard, as a flash has', () => {
  const deviations = [...picture, 0, 0, ...picture];
  const steps = [...quiet, 120, 0, 120, ...quiet.slice(1)];
  expect(fadeCuts(deviations, steps, [])).toEqual([]);
});

test('none in a title that is one colour throughout or begins or ends so', () => {
  const dark = picture.map(() => 0);
  expect(fadeCuts(dark, dark, [])).toEqual([]);
  expect(fadeCuts([...dark, ...picture], [...dark, ...quiet], [])).toEqual([]);
  expect(fadeCuts([...picture, ...dark], [...quiet, ...dark], [])).toEqual([]);
});
