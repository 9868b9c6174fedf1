import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CALL_PATIENCE,
  WORK_PATIENCE,
  nextPauseMs,
  pauseMs,
  retryAfterMs,
} from '../../../src/services/client/backoff.js';

const PATIENCE = { tries: 4, firstMs: 100, longestMs: 1000 };

describe('pauses', () => {
  it('double up to the longest, and lie between half of that and all of it', () => {
    expect([1, 2, 3, 4, 5, 9].map((failures) => pauseMs(PATIENCE, failures, 1))).toEqual([
      ...[100, 200, 400, 800, 1000, 1000],
    ]);
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, random) => {
          const full = pauseMs(PATIENCE, failures, 1);
          const pause = pauseMs(PATIENCE, failures, random);
          expect(pause).toBeGreaterThanOrEqual(full / 2);
          expect(pause).toBeLessThanOrEqual(full);
        },
      ),
    );
  });

  it('end after the last try', () => {
    expect(nextPauseMs(PATIENCE, 3, undefined)).toBeGreaterThan(0);
    expect(nextPauseMs(PATIENCE, 4, undefined)).toBeUndefined();
    expect(nextPauseMs(PATIENCE, 4, 1)).toBeUndefined();
  });

  it('are what the server asks for, unless that is too long to wait', () => {
    expect(nextPauseMs(PATIENCE, 1, 700)).toBe(700);
    expect(nextPauseMs(PATIENCE, 1, 0)).toBe(100);
    expect(nextPauseMs(PATIENCE, 1, 1001)).toBeUndefined();
  });

  it('tell of a server that is down within seconds, and live through ten minutes of work without one', () => {
    const longest = ({ tries, ...rest }: typeof PATIENCE): number =>
      Array.from({ length: tries - 1 }, (_, i) => pauseMs({ tries, ...rest }, i + 1, 1)).reduce(
        (a, b) => a + b,
        0,
      );
    expect(longest(CALL_PATIENCE)).toBeLessThan(4000);
    expect(longest(WORK_PATIENCE) / 2).toBeGreaterThan(4 * 60_000);
    expect(longest(WORK_PATIENCE)).toBeGreaterThan(9 * 60_000);
  });
});

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 2, 3, 4, 5);

  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 7 ', 7000],
    ['Fri, 02 Jan 2026 03:04:15 GMT', 10_000],
    ['Friday, 02-Jan-26 03:04:15 GMT', 10_000],
    ['Fri Jan  2 03:04:15 2026 GMT', 10_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
  ])('%j', (header, ms) => expect(retryAfterMs(header, now)).toBe(ms));

  it.each([[undefined], [null], [''], ['-5'], ['1.5'], ['soon'], ['Mon, nonsense']])(
    '%j says nothing',
    (header) => expect(retryAfterMs(header, now)).toBeUndefined(),
  );
});
