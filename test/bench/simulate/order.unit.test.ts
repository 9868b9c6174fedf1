import { describe, expect, test } from 'vitest';
import { CLUSTER_ORDER, type Order, type Waiting, orderOf, turnsOf } from '../../../bench/simulate/order.js';

const jobs: (Waiting & { name: string })[] = [
  { name: 'probe, tonight', rank: 1, priority: 9, tag: 5, left: 100, arrival: 0 },
  { name: 'encode, long backfill', rank: 2, priority: 0, tag: 1, left: 900, arrival: 1 },
  { name: 'encode, short backfill', rank: 2, priority: 0, tag: 3, left: 10, arrival: 2 },
  { name: 'probe, backfill', rank: 1, priority: 0, tag: 0, left: 50, arrival: 3 },
  { name: 'encode, ordinary', rank: 2, priority: 5, tag: 9, left: 100, arrival: 4 },
];
const sorted = (order: Order): string[] => {
  const before = orderOf(order);
  return jobs.toSorted((a, b) => (before(a, b) ? -1 : before(b, a) ? 1 : 0)).map(({ name }) => name);
};

describe('jobs are taken', () => {
  test('as the cluster does: the stage, then priority, then turns', () => {
    expect(sorted(CLUSTER_ORDER)).toEqual([
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
  expect(sets(CLUSTER_ORDER)).toBe(4);
  expect(sets(['priority', 'turn', 'stage'])).toBe(2);
  expect(sets(['stage', 'turn'])).toBe(2);
  expect(sets(['turn', 'priority'])).toBe(1);
});
