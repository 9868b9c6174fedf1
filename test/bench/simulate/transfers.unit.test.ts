import { expect, test } from 'vitest';
import { seeded } from '../../../bench/simulate/random.js';
import { NO_DELAY, S3, transferSeconds } from '../../../bench/simulate/transfers.js';

const mean = ({ median, sigma }: typeof S3.get): number => median * Math.exp(sigma ** 2 / 2);

test('a store that answers at once takes no time', () => {
  expect(transferSeconds({ gets: 5, puts: 100, bytes: 1e9 }, NO_DELAY, seeded(1))).toBe(0);
});

test('requests wait one after the other, or some at a time, and bytes go over one line', () => {
  const bytes = 3 * S3.bytesPerSecond;
  const many = { gets: 1000, puts: 500, bytes };
  const waits = 1000 * mean(S3.get) + 500 * mean(S3.put);
  expect(transferSeconds(many, S3, seeded(1))).toBeCloseTo(waits + 3, 9);
  expect(transferSeconds({ ...many, atOnce: 50 }, S3, seeded(1))).toBeCloseTo(waits / 50 + 3, 9);
});

test('few requests are drawn, and come to the same on average', () => {
  const random = seeded(2);
  const all = Array.from({ length: 20_000 }, () =>
    transferSeconds({ gets: 3, puts: 1, bytes: 0 }, S3, random),
  );
  expect(new Set(all).size).toBeGreaterThan(10_000);
  const expected = 3 * mean(S3.get) + mean(S3.put);
  expect(all.reduce((sum, s) => sum + s, 0) / all.length / expected).toBeCloseTo(1, 2);
});
