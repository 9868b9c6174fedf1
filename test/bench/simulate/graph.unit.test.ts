import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { boundOf, jobCount, longestWay, workOf } from '../../../bench/simulate/graph.js';
import { anyGraph, group } from './graphs.js';

/** 3 s, then beside each other 2 × 4 s and 1 × 5 s, then 1 s of the control plane and a job of 2 s. */
const DIAMOND = {
  groups: [group([3]), group([4, 4], [0]), group([5], [0]), group([2], [1, 2], { control: 1 })],
};

describe('a graph', () => {
  test('has a critical path, work, and bounds', () => {
    expect(jobCount(DIAMOND)).toBe(5);
    expect(workOf(DIAMOND)).toBe(18);
    expect(longestWay(DIAMOND).map(({ seconds }) => seconds)).toEqual([3, 5, 3]);
    expect(boundOf(DIAMOND, 1)).toEqual({ criticalPath: 11, work: 18, lower: 18, waits: 18, upper: 19 });
    // With two workers two jobs of 4 s wait for nobody: 3 + 5 + 3. Graham: 1 + half of (3 + 5 + 2) + half of all.
    expect(boundOf(DIAMOND, 2)).toEqual({ criticalPath: 11, work: 18, lower: 11, waits: 11, upper: 15 });
    expect(boundOf(DIAMOND, 1000).lower).toBe(11);
  });

  test('knows that a group is waited for as a whole', () => {
    const two = { groups: [group([1, 1, 1, 1]), group([4], [0])] };
    expect(boundOf(two, 2)).toMatchObject({ criticalPath: 5, work: 8, lower: 5, waits: 6 });
  });

  test('counts groups without jobs, which only take the control plane', () => {
    const pause = { groups: [group([], [], { control: 7 }), group([1], [0])] };
    expect(boundOf(pause, 3)).toMatchObject({ criticalPath: 8, work: 1 });
    expect(longestWay({ groups: [] })).toEqual([]);
  });

  test('refuses an order in which it cannot be done', () => {
    expect(() => longestWay({ groups: [group([1], [0])] })).toThrow(RangeError);
    expect(() => longestWay({ groups: [group([1], [1]), group([1])] })).toThrow(RangeError);
  });

  test('has bounds in order, and with many workers they meet', () => {
    fc.assert(
      fc.property(anyGraph(), fc.integer({ min: 1, max: 20 }), (graph, workers) => {
        const { criticalPath, work, lower, waits, upper } = boundOf(graph, workers);
        expect(lower).toBe(Math.max(criticalPath, work / workers));
        expect(waits).toBeGreaterThanOrEqual(lower - 1e-9);
        expect(upper).toBeGreaterThanOrEqual(waits - 1e-9);
        expect(boundOf(graph, 1e9).waits).toBeCloseTo(criticalPath, 6);
      }),
    );
  });
});
