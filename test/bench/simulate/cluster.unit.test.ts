import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ClusterOptions,
  type Outcome,
  type Submission,
  simulate,
} from '../../../bench/simulate/cluster.js';
import { type TitleGraph, boundOf, jobCount, workOf } from '../../../bench/simulate/graph.js';
import { CLUSTER_ORDER, type Key, type Order } from '../../../bench/simulate/order.js';
import { seeded } from '../../../bench/simulate/random.js';
import { RANKS, anyGraph, group } from './graphs.js';

const run = (titles: readonly Submission[], options: Partial<ClusterOptions> = {}): Outcome =>
  simulate(titles, { workers: 1, order: CLUSTER_ORDER, ranks: RANKS, seed: 1, ...options });
const alone = (graph: TitleGraph, options: Partial<ClusterOptions> = {}): Outcome =>
  run([{ graph, at: 0, priority: 5 }], options);

describe('a title on a cluster takes exactly', () => {
  const graph = { groups: [group([3, 2, 2]), group([4], [0], { control: 1 }), group([2], [0])] };

  test.each([
    [1, 13],
    [2, 4 + 1 + 4],
    [3, 3 + 1 + 4],
    [1000, 8],
  ])('with %i workers %d s', (workers, seconds) => {
    expect(alone(graph, { workers })).toMatchObject({
      makespan: seconds,
      jobs: 5,
      runs: 5,
      busy: 13,
      lost: 0,
    });
  });

  test('more where the longest job comes last', () => {
    const [last, first] = [
      [1, 1, 1, 1, 4],
      [4, 1, 1, 1, 1],
    ].map((seconds) => ({ groups: [group(seconds)] }));
    expect(alone(last!, { workers: 2 }).makespan).toBe(6);
    expect(alone(first!, { workers: 2 }).makespan).toBe(4);
  });

  test('the control plane’s time where it has no jobs', () => {
    expect(alone({ groups: [group([], [], { control: 2 }), group([1], [0])] }).makespan).toBe(3);
  });

  test('as long as stragglers make it', () => {
    const slow = { share: 1, factor: 3 };
    expect(alone({ groups: [group([2, 1])] }, { stragglers: slow })).toMatchObject({ makespan: 9, busy: 9 });
  });
});

describe('several titles', () => {
  const title = (seconds: number[], at: number, priority = 5): Submission => ({
    ...{ graph: { groups: [group(seconds)] }, at, priority },
  });
  const turnarounds = (titles: Submission[], order: Order): number[] => [
    ...run(titles, { order }).turnarounds,
  ];

  test('are done in the order of coming, or by turns', () => {
    const titles = [title([1, 1, 1, 1], 0), title([1, 1], 0.5)];
    expect(turnarounds(titles, [])).toEqual([4, 5.5]);
    // The second begins at the present: it has its turns as if it had been there from the beginning, not all at once.
    expect(turnarounds(titles, ['turn'])).toEqual([6, 3.5]);
    expect(turnarounds(titles, ['left'])).toEqual([6, 2.5]);
  });

  test('go by priority', () => {
    const titles = [title([2, 2], 0, 0), title([1], 1, 9), title([1], 1, 5)];
    expect(turnarounds(titles, ['priority'])).toEqual([6, 2, 3]);
    expect(turnarounds(titles, [])).toEqual([4, 4, 5]);
  });

  test('where the stage comes before priority, the urgent one waits for the last stages of all others', () => {
    const backfill = { graph: { groups: [group([1, 1, 1], [], { stage: 'verify' })] }, at: 0, priority: 0 };
    const tonight = { graph: { groups: [group([1], [], { stage: 'ingest' })] }, at: 0.5, priority: 9 };
    expect(turnarounds([backfill, tonight], ['stage', 'priority', 'turn'])).toEqual([3, 3.5]);
    expect(turnarounds([backfill, tonight], ['priority', 'stage', 'turn'])).toEqual([4, 1.5]);
  });
});

describe('in the order of the cluster', () => {
  const DAY = 24 * 3600;
  const title = (groups: TitleGraph['groups'], at: number, priority: number): Submission => ({
    ...{ graph: { groups }, at, priority },
  });

  test('the urgent one goes first though its stage is earlier, then the one that waits for fewer jobs', () => {
    const verify = (seconds: number[], more = {}) => [group(seconds, [], { stage: 'verify', ...more })];
    const long = title(verify([1, 1, 1, 1, 1, 1]), 0, 0);
    const short = title(verify([1, 1, 1]), 0.5, 0);
    const tonight = title([group([1], [], { stage: 'ingest' })], 1.5, 9);
    expect([...run([long, short, tonight]).turnarounds]).toEqual([10, 4.5, 1.5]);
    // What waits beside a group in the same step counts as well, and what an item stands for.
    const beside = title([...verify([1, 1]), ...verify([1, 1, 1, 1, 1])], 0.5, 0);
    expect([...run([long, beside]).turnarounds]).toEqual([6, 12.5]);
    const coarse = title(verify([1, 1, 1], { each: 8 }), 0.5, 0);
    expect([...run([long, coarse]).turnarounds]).toEqual([6, 8.5]);
  });

  test('no title starves, however much more urgent work comes than can be done', () => {
    const backfill = title([group(Array.from({ length: 50 }, () => 3600))], 0, 0);
    const urgent = Array.from({ length: 200 }, (_, day) => title([group([2 * DAY])], day * DAY, 9));
    const turnaround = (order: Order): number => run([backfill, ...urgent], { order }).turnarounds[0]! / DAY;
    expect(turnaround(['priority'])).toBeGreaterThan(400);
    // What comes in the first 64 days goes before it: nine weeks, and 23 hours for its doublings. Then it is its turn.
    expect(turnaround(CLUSTER_ORDER)).toBeCloseTo(2 * 64 + 50 / 24, 6);
  });
});

describe('machines that vanish', () => {
  test('take their job with them, which begins anew when that is noticed', () => {
    const [meanLife, noticed, job] = [8, 3, 10];
    const random = seeded(5);
    let expected = 0;
    let losses = 0;
    for (let life = random.exponential(meanLife); life < job; life = random.exponential(meanLife)) {
      expected += life + noticed;
      losses += 1;
    }
    expect(losses).toBeGreaterThan(0);
    const outcome = alone({ groups: [group([job])] }, { seed: 5, failures: { meanLife, noticed } });
    expect(outcome.makespan).toBeCloseTo(expected + job, 9);
    expect(outcome).toMatchObject({ jobs: 1, runs: 1 + losses, lostRuns: losses, busy: job });
    expect(outcome.lost).toBeCloseTo(expected - losses * noticed, 9);
  });

  test('come back after some time, and are not there at once in the beginning', () => {
    const { makespan } = alone({ groups: [group([10])] }, { startUp: 20 });
    expect(makespan).toBeGreaterThanOrEqual(20);
    expect(makespan).toBeLessThanOrEqual(40);
  });

  test('lose the share of time that is expected of them', () => {
    const seconds = Array.from({ length: 4000 }, () => 100);
    const { busy, lost } = alone(
      { groups: [group(seconds)] },
      {
        ...{ workers: 50, failures: { meanLife: 1000, noticed: 30 } },
      },
    );
    // A run of d seconds at a mean life of m takes m (exp(d/m) − 1) on average, d of it in the end.
    expect(lost / busy).toBeCloseTo(10 * (Math.exp(0.1) - 1) - 1, 2);
  });
});

describe('whatever the graph, the order and the number of workers', () => {
  const orders = fc.shuffledSubarray<Key>(['due', 'stage', 'priority', 'turn', 'left']);
  const workers = fc.integer({ min: 1, max: 12 });
  const close = 1e-6;

  test('the makespan lies between the bounds, and every job is done once', () => {
    fc.assert(
      fc.property(anyGraph(), workers, orders, (graph, count, order) => {
        const bound = boundOf(graph, count);
        const { makespan, busy, jobs, runs, turnarounds } = alone(graph, { workers: count, order });
        expect(makespan).toBeGreaterThanOrEqual(bound.waits - close);
        expect(makespan).toBeLessThanOrEqual(bound.upper + close);
        expect([jobs, runs]).toEqual([jobCount(graph), jobCount(graph)]);
        expect(busy).toBeCloseTo(workOf(graph), 6);
        expect(turnarounds[0]).toBe(makespan);
      }),
    );
  });

  test('it is at most 2 − 1/workers times the best (Graham 1969), and one worker takes just all the work', () => {
    fc.assert(
      fc.property(anyGraph({ control: false }), workers, orders, (graph, count, order) => {
        const { makespan } = alone(graph, { workers: count, order });
        expect(makespan).toBeLessThanOrEqual((2 - 1 / count) * boundOf(graph, count).lower + close);
        expect(alone(graph, { order }).makespan).toBeCloseTo(workOf(graph), 6);
      }),
    );
  });

  test('failures, stragglers and slow starts lose no job and invent none', () => {
    const bad = fc.record({
      seed: fc.integer(),
      failures: fc.record({
        meanLife: fc.double({ min: 50, max: 1000, noNaN: true }),
        noticed: fc.double({ min: 0, max: 60, noNaN: true }),
      }),
      startUp: fc.constantFrom(0, 30),
      stragglers: fc.constant({ share: 0.1, factor: 2 }),
    });
    fc.assert(
      fc.property(
        fc.array(anyGraph(), { minLength: 1, maxLength: 4 }),
        workers,
        bad,
        (graphs, count, options) => {
          const titles = graphs.map((graph, i) => ({ graph, at: 10 * i, priority: i % 3 }));
          const outcome = run(titles, { workers: count, ...options });
          const jobs = graphs.reduce((sum, graph) => sum + jobCount(graph), 0);
          const work = graphs.reduce((sum, graph) => sum + workOf(graph), 0);
          expect(outcome.jobs).toBe(jobs);
          expect(outcome.runs).toBe(jobs + outcome.lostRuns);
          expect(outcome.busy).toBeGreaterThanOrEqual(work - close);
          expect(outcome.busy).toBeLessThanOrEqual(2 * work + close);
          expect(outcome.makespan).toBeGreaterThanOrEqual((outcome.busy + outcome.lost) / count - close);
          graphs.forEach((graph, i) => {
            expect(outcome.turnarounds[i]).toBeGreaterThanOrEqual(boundOf(graph, count).criticalPath - close);
          });
          expect(Math.max(...outcome.turnarounds.map((t, i) => t + 10 * i))).toBeCloseTo(outcome.makespan, 6);
          expect(run(titles, { workers: count, ...options })).toEqual(outcome);
        },
      ),
    );
  });
});

test('a stage that has no place in the flow is refused', () => {
  expect(() => alone({ groups: [group([1], [], { stage: 'other' })] })).toThrow(RangeError);
});
