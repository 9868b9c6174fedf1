import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DUE_ORIGIN_MS, DUE_UNIT_MS, type DueFacts, compareJobs, dueOf } from '../../src/pipeline/due.js';

const HOUR = 3600 * 1000;
const DAY = 24 * HOUR;
const [BACKFILL, USUAL, TONIGHT] = [0, 5, 9] as const;
const NOW = Date.UTC(2026, 4, 1);
/** The longest that a job may be put off: nine levels of a week, and twenty doublings of four hours. */
const LONGEST = 63 * DAY + 80 * HOUR;

const due = (priority: number, sinceMs = NOW, jobs = 1): number => dueOf({ priority, sinceMs, jobs });

describe('the due time of a job', () => {
  it('is that of its title, a week later for each level of priority, four hours later for each doubling of its jobs', () => {
    expect(due(TONIGHT, DUE_ORIGIN_MS)).toBe(1);
    expect(due(TONIGHT, DUE_ORIGIN_MS + 3 * DUE_UNIT_MS)).toBe(4);
    expect(due(8, DUE_ORIGIN_MS)).toBe(1 + 7 * 144);
    expect(due(BACKFILL, DUE_ORIGIN_MS)).toBe(1 + 63 * 144);
    expect(due(TONIGHT, DUE_ORIGIN_MS, 2)).toBe(1 + 24);
    expect(due(TONIGHT, DUE_ORIGIN_MS, 1000)).toBe(1 + 239);
    expect(due(TONIGHT, DUE_ORIGIN_MS, 2 ** 20)).toBe(1 + 480);
    expect(due(TONIGHT, DUE_ORIGIN_MS, 1e9)).toBe(1 + 480);
    expect(due(USUAL, Date.UTC(2026, 0), 18_000)).toBe(1 + 365 * 144 + 4 * 7 * 144 + 339);
  });

  it('is a priority of BullMQ whatever the clocks say, and by the title’s priority at all times', () => {
    for (const since of [0, DUE_ORIGIN_MS - 1, Date.UTC(2064, 0), Date.UTC(2500, 0)]) {
      expect(due(TONIGHT, since)).toBeGreaterThanOrEqual(1);
      expect(due(BACKFILL, since, 1e6)).toBeLessThanOrEqual(2 ** 21 - 1);
      expect(due(TONIGHT, since, 1e6)).toBeLessThan(due(8, since));
    }
    expect(due(BACKFILL, Date.UTC(2500, 0), 2 ** 20)).toBe(2 ** 21 - 1);
    expect(due(TONIGHT, Date.UTC(2063, 0))).toBeLessThan(due(TONIGHT, Date.UTC(2063, 1)));
  });

  it.each([
    [-1, NOW, 1],
    [10, NOW, 1],
    [1.5, NOW, 1],
    [Number.NaN, NOW, 1],
    [5, Number.NaN, 1],
    [5, NOW, 0],
    [5, NOW, Number.NaN],
  ])('is not that of a title of priority %s, since %s, with %s jobs', (priority, sinceMs, jobs) => {
    expect(() => dueOf({ priority, sinceMs, jobs })).toThrow(RangeError);
  });
});

const facts = (): fc.Arbitrary<DueFacts> =>
  fc.record({
    priority: fc.integer({ min: 0, max: 9 }),
    sinceMs: fc.integer({ min: DUE_ORIGIN_MS, max: Date.UTC(2060, 0) }),
    jobs: fc.integer({ min: 1, max: 3_000_000 }),
  });

describe('whatever the titles', () => {
  it('a higher priority goes first, unless the other one came days before', () => {
    fc.assert(
      fc.property(facts(), facts(), (a, b) => {
        fc.pre(a.priority > b.priority && a.sinceMs <= b.sinceMs + 88 * HOUR - DUE_UNIT_MS);
        expect(dueOf(a)).toBeLessThan(dueOf(b));
      }),
    );
  });

  it('of one priority that came together, the one with fewer jobs goes first', () => {
    fc.assert(
      fc.property(facts(), fc.integer({ min: 1, max: 3_000_000 }), (a, jobs) => {
        if (jobs >= a.jobs) expect(dueOf({ ...a, jobs })).toBeGreaterThanOrEqual(dueOf(a));
        if (jobs >= 1.1 * a.jobs && jobs < 2 ** 20) expect(dueOf({ ...a, jobs })).toBeGreaterThan(dueOf(a));
      }),
    );
  });

  it('nobody is passed by one that comes later than it may be put off', () => {
    fc.assert(
      fc.property(facts(), facts(), (a, b) => {
        fc.pre(b.sinceMs >= a.sinceMs + LONGEST);
        expect(dueOf(b)).toBeGreaterThanOrEqual(dueOf(a));
      }),
    );
  });

  it('nobody starves: a queue that never runs empty of better ones takes a backfill after its time', () => {
    // One job a day is done, and every day two come that go first as long as anything new does: more than can be done.
    const waiting = [{ name: 'backfill', due: due(BACKFILL, NOW, 20_000) }];
    const taken: string[] = [];
    for (let day = 0; day < 400 && !taken.includes('backfill'); day += 1) {
      for (const n of [1, 2])
        waiting.push({ name: `tonight ${day}.${n}`, due: due(TONIGHT, NOW + day * DAY) });
      waiting.sort((a, b) => a.due - b.due);
      taken.push(waiting.shift()!.name);
    }
    // 66 days pass until what comes is due later; all that came before goes first.
    expect(taken.indexOf('backfill')).toBe(2 * 66);
    expect(taken.slice(0, 2)).toEqual(['tonight 0.1', 'tonight 0.2']);
  });
});

describe('between jobs that wait', () => {
  it('goes what is due earlier, then the later stage', () => {
    const jobs = [
      { name: 'none', due: Infinity, rank: 9 },
      { name: 'late stage', due: 7, rank: 3 },
      { name: 'early stage', due: 7, rank: 1 },
      { name: 'due', due: 6, rank: 0 },
      { name: 'not named', due: 7, rank: Infinity },
      { name: 'of no title', due: 0, rank: 0 },
    ];
    expect(jobs.toSorted(compareJobs).map(({ name }) => name)).toEqual([
      ...['of no title', 'due', 'not named', 'late stage', 'early stage', 'none'],
    ]);
    expect(compareJobs({ due: Infinity, rank: Infinity }, { due: Infinity, rank: Infinity })).toBe(0);
  });
});
