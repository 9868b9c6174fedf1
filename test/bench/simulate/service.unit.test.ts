import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { workOf } from '../../../bench/simulate/graph.js';
import { CLUSTER_ORDER } from '../../../bench/simulate/order.js';
import { quantile } from '../../../bench/simulate/quantile.js';
import {
  CLASSES,
  KINDS,
  WEEK,
  coarse,
  fewest,
  simulateWeek,
  weekOf,
} from '../../../bench/simulate/service.js';
import { studyNewcomer } from '../../../bench/simulate/week-study.js';
import { RANKS, anyGraph, group } from './graphs.js';

describe('a week', () => {
  const week = weekOf(1000, 1);

  test('has the hours that were asked for, in order, the same for a seed', () => {
    const hours = week.reduce((sum, { seconds }) => sum + seconds, 0) / 3600;
    expect(hours).toBeGreaterThanOrEqual(1000);
    expect(hours).toBeLessThan(1030); // no delivery is longer
    expect(week.map(({ at }) => at)).toEqual(week.map(({ at }) => at).sort((a, b) => a - b));
    expect(week[0]!.at).toBeGreaterThan(0);
    expect(week.at(-1)!.at).toBeLessThan(WEEK);
    expect(weekOf(1000, 1)).toEqual(week);
    expect(weekOf(1000, 2)).not.toEqual(week);
  });

  test('has titles of all lengths and priorities, most of them in working hours', () => {
    for (const { seconds } of KINDS)
      expect(week.filter((a) => a.seconds === seconds).length).toBeGreaterThan(20);
    for (const { priority, share } of CLASSES) {
      const own = week.filter((a) => a.priority === priority).length / week.length;
      expect(Math.abs(own - share)).toBeLessThan(0.1);
    }
    const working = week.filter(({ at }) => at % 86_400 >= 8 * 3600 && at % 86_400 < 20 * 3600);
    expect(working.length / week.length).toBeGreaterThan(0.65);
  });

  test('is made, each title by its own graph', () => {
    const graphs = new Map(KINDS.map(({ seconds }) => [seconds, { groups: [group([seconds])] }]));
    const options = { workers: 1e4, order: CLUSTER_ORDER, ranks: RANKS, seed: 1 };
    const { all, byKind, urgent, load, outcome } = simulateWeek(
      week,
      (seconds) => graphs.get(seconds)!,
      options,
    );
    KINDS.forEach(({ seconds }, i) => expect(byKind[i]!.p50 * 3600).toBeCloseTo(seconds, 6));
    for (const { p95 } of [all, urgent]) expect(p95).toBeCloseTo(110 / 60, 9);
    expect(load).toBeCloseTo(outcome.busy / 1e4 / WEEK, 12);
    expect(outcome.jobs).toBe(week.length);
  });
});

test('a coarse graph is the same work in fewer jobs', () => {
  fc.assert(
    fc.property(anyGraph(), fc.integer({ min: 1, max: 5 }), (graph, size) => {
      const made = coarse(graph, size);
      expect(workOf(made)).toBeCloseTo(workOf(graph), 6);
      made.groups.forEach(({ seconds, after, stage }, i) => {
        expect(seconds.length).toBe(Math.ceil(graph.groups[i]!.seconds.length / size));
        expect([after, stage]).toEqual([graph.groups[i]!.after, graph.groups[i]!.stage]);
      });
    }),
  );
  expect([...coarse({ groups: [group([1, 2, 3, 4, 5])] }, 2).groups[0]!.seconds]).toEqual([3, 7, 5]);
});

test('a quantile is one of the values: the least that the share does not exceed', () => {
  expect([0, 0.5, 0.51, 0.95, 1].map((share) => quantile([4, 1, 3, 2], share))).toEqual([1, 2, 3, 4, 4]);
  expect(quantile([], 0.5)).toBeNaN();
});

test('the fewest that are good enough are found, and no fewer', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 20 }), (needed, step) => {
      const found = fewest({ least: 1, most: 600, step }, (workers) => workers >= needed);
      expect(found % step).toBe(0);
      expect(found).toBeGreaterThanOrEqual(needed);
      expect(found - step).toBeLessThan(needed);
    }),
  );
  expect(() => fewest({ least: 1, most: 10, step: 1 }, () => false)).toThrow(RangeError);
});

test('a newcomer waits behind films, or does not', () => {
  const film = { groups: [group(Array.from({ length: 4000 }, () => 10))] };
  const episode = { groups: [group([60, 60], [], { stage: 'ingest' })] };
  const behind = studyNewcomer(film, episode, 2, ['stage']);
  expect(behind.alone).toBe(60);
  // All encodes of the films come before its first stage: 40,000 jobs of 10 s on two workers, from two hours on.
  expect(behind.behind).toBe((40_000 * 10) / 2 - 7200 + 60);
  expect(studyNewcomer(film, episode, 2, ['left']).behind).toBeLessThan(90);
});
