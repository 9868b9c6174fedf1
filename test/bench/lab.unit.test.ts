import { expect, test } from 'vitest';
import { peakTogether } from '../../bench/memory/lab.js';

const process = (began: number, ended: number, peakBytes: number) => ({ args: [], began, ended, peakBytes });

test('processes take together what those take that run at a time', () => {
  expect(peakTogether([])).toBe(0);
  expect(peakTogether([process(0, 1, 5), process(1, 2, 7), process(2, 3, 6)])).toBe(7);
  expect(peakTogether([process(0, 9, 5), process(1, 2, 7), process(3, 4, 6)])).toBe(12);
  expect(peakTogether([process(0, 3, 5), process(1, 5, 7), process(2, 4, 6), process(4, 6, 2)])).toBe(18);
});
