import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CLUSTER_ORDER, type Order, type Waiting, orderOf, turnsOf } from '../../../bench/simulate/order.js';
import { compareJobs } from '../../../src/pipeline/index.js';

const jobs: (Waiting & { name: string })[] = [
  { name: 'probe, tonight', due: 7, rank: 1, priority: 9, tag: 5, left: 100, arrival: 0 },
  { name: 'encode, long backfill', due: 900, rank: 2, priority: 0, tag: 1, left: 900, arrival: 1 },
  { name: 'encode, short backfill', due: 905, rank: 2, priority: 0, tag: 3, left: 10, arrival: 2 },
  { name: 'probe, backfill', due: 902, rank: 1, priority: 0, tag: 0, left: 50, arrival: 3 },
  { name: 'encode, ordinary', due: 500, rank: 2, priority: 5, tag: 9, left: 100, arrival: 4 },
];
const STAGE_FIRST: Order = ['stage', 'priority', 'turn'];
const sorted = (order: Order): string[] => {
  const before = orderOf(order);
  return jobs.toSorted((a, b) => (before(a, b) ? -1 : before(b, a) ? 1 : 0)).map(({ name }) => name);
};

describe('jobs are taken', () => {
  test('as the cluster does: what is due earlier, then the later stage', () => {
    expect(sorted(CLUSTER_ORDER)).toEqual([
      'probe, tonight',
      'encode, ordinary',
      'encode, long backfill',
      'probe, backfill',
      'encode, short backfill',
    ]);
    const place = fc.record({
      due: fc.constantFrom(0, 1, 2, Infinity),
      rank: fc.integer({ min: 0, max: 3 }),
    });
    fc.assert(
      fc.property(place, place, (a, b) => {
        const waiting = [a, b].map((one, i) => ({ ...jobs[0]!, ...one, arrival: i }));
        expect(orderOf(CLUSTER_ORDER)(waiting[0]!, waiting[1]!)).toBe(compareJobs(a, b) <= 0);
      }),
    );
  });

  test('by the stage, then priority, then turns', () => {
    expect(sorted(STAGE_FIRST)).toEqual([
      'encode, ordinary',
      'encode, long backfill',
      'encode, short backfill',
      'probe, tonight',
      'probe, backfill',
    ]);
  });

  test('by priority, then what is nearly done', () => {
    expect(sorted(['priority', 'left'])).toEqual([
      'probe, tonight',
      'encode, ordinary',
      'encode, short backfill',
      'probe, backfill',
      'encode, long backfill',
    ]);
  });

  test('by turns alone, and as they came', () => {
    expect(sorted(['turn'])[0]).toBe('probe, backfill');
    expect(sorted([])).toEqual(jobs.map(({ name }) => name));
  });
});

test('turns are compared where no weightier key decides', () => {
  const of = (order: Order, rank: number, priority: number): number => turnsOf(order)({ rank, priority });
  const sets = (order: Order): number =>
    new Set([1, 2].flatMap((rank) => [0, 9].map((priority) => of(order, rank, priority)))).size;
  expect(sets(STAGE_FIRST)).toBe(4);
  expect(sets(['priority', 'turn', 'stage'])).toBe(2);
  expect(sets(['stage', 'turn'])).toBe(2);
  expect(sets(['turn', 'priority'])).toBe(1);
});
