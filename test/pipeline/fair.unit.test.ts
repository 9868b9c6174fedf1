import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  EPOCH,
  type Waiting,
  inNewEpoch,
  levelOf,
  needsNewEpoch,
  nextTurns,
} from '../../src/pipeline/fair.js';
import { STRAGGLERS } from '../../src/pipeline/queue/turns.js';

const MAX_PRIORITY = 2 ** 21;
const [BACKFILL, USUAL, TONIGHT] = [0, 5, 9] as const;

interface Entry {
  title: string;
  level: number;
  priority: number;
  /** Order of arrival. */
  seq: number;
}

/** A queue that serves like BullMQ: the lowest priority first, of one priority the oldest. */
class Model {
  readonly waiting: Entry[] = [];
  readonly lasts = new Map<string, number | undefined>();
  epochs = 0;
  private seq = 0;

  /** As takeTurns() does it. */
  add(title: string, level: number, count: number): void {
    let waiting = this.read(level);
    if (waiting && needsNewEpoch(level, waiting)) {
      this.beginEpoch(level);
      waiting = this.read(level);
    }
    const waits = this.waiting.some((entry) => entry.title === title);
    const { priorities, last } = nextTurns(level, waiting, waits ? this.lasts.get(title) : undefined, count);
    this.lasts.set(title, last);
    for (const priority of priorities) this.insert({ title, level, priority, seq: (this.seq += 1) });
  }

  take(): Entry | undefined {
    return this.waiting.shift();
  }

  insert(entry: Entry): void {
    let [low, high] = [0, this.waiting.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const other = this.waiting[middle]!;
      if (other.priority < entry.priority || (other.priority === entry.priority && other.seq < entry.seq))
        low = middle + 1;
      else high = middle;
    }
    this.waiting.splice(low, 0, entry);
  }

  read(level: number): Waiting | undefined {
    const own = this.waiting.filter((entry) => entry.level === level).map(({ priority }) => priority);
    if (own.length === 0) return undefined;
    return { first: own[0]!, present: own[Math.min(STRAGGLERS, own.length - 1)]!, last: own.at(-1)! };
  }

  beginEpoch(level: number): void {
    this.epochs += 1;
    for (const entry of this.waiting.splice(0)) {
      const priority = entry.level === level ? inNewEpoch(level, entry.priority) : undefined;
      this.insert({ ...entry, priority: priority ?? entry.priority });
    }
  }
}

const counted = (titles: readonly string[]): Record<string, number> =>
  titles.reduce<Record<string, number>>((sum, title) => ({ ...sum, [title]: (sum[title] ?? 0) + 1 }), {});

describe('turns', () => {
  it('of the first title begin at the start of its level and follow each other', () => {
    expect(nextTurns(TONIGHT, undefined, undefined, 3)).toEqual({ priorities: [1, 2, 3], last: 2 });
    expect(nextTurns(USUAL, undefined, undefined, 2)).toEqual({ priorities: [800_001, 800_002], last: 1 });
    const waiting = { first: 2, present: 3, last: 3 };
    expect(nextTurns(TONIGHT, waiting, 2, 2)).toEqual({ priorities: [4, 5], last: 4 });
    expect(nextTurns(TONIGHT, waiting, 7, 0)).toEqual({ priorities: [], last: 7 });
  });

  it('of a title that comes later begin with the present', () => {
    const waiting = { first: 490, present: 501, last: 900 };
    expect(nextTurns(TONIGHT, waiting, undefined, 2)).toEqual({ priorities: [501, 502], last: 501 });
    // Likewise of one whose last turn cannot wait any more: it is past, or later than all that wait.
    for (const last of [17, 488, 99_990, 900, 40_000])
      expect(nextTurns(TONIGHT, waiting, last, 1).priorities).toEqual([501]);
    expect(nextTurns(TONIGHT, waiting, 489, 1).priorities).toEqual([491]);
    expect(nextTurns(TONIGHT, waiting, 899, 1).priorities).toEqual([901]);
    expect(nextTurns(TONIGHT, undefined, 77, 1).priorities).toEqual([1]);
  });

  it('go on over the end of an epoch', () => {
    expect(nextTurns(TONIGHT, { first: 99_999, present: 99_999, last: 100_001 }, 99_999, 3)).toEqual({
      priorities: [100_001, 100_002, 100_003],
      last: 2,
    });
    const waiting = { first: 100_002, present: 100_002, last: 100_003 };
    expect(nextTurns(TONIGHT, waiting, 2, 1)).toEqual({ priorities: [100_004], last: 3 });
  });

  it.each([-1, 10, 1.5, Number.NaN])('are not for a title priority of %s', (priority) => {
    expect(() => nextTurns(priority, undefined, undefined, 1)).toThrow(RangeError);
  });

  it('are priorities that the queue takes, in order and of their level, whatever is asked', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 9 }),
        fc.option(fc.tuple(fc.nat({ max: 2 * EPOCH - 1 }), fc.nat({ max: 2 * EPOCH - 1 })), {
          nil: undefined,
        }),
        fc.option(fc.nat({ max: EPOCH - 1 }), { nil: undefined }),
        fc.oneof(fc.nat({ max: 200 }), fc.constant(70_000)),
        (titlePriority, range, last, count) => {
          const level = levelOf(titlePriority);
          const [low, high] = (range ?? []).toSorted((a, b) => a - b);
          const waiting = range && {
            first: level.first + low!,
            present: level.first + low!,
            last: level.first + high!,
          };
          const turns = nextTurns(titlePriority, waiting, last, count);
          expect(turns.priorities).toHaveLength(count);
          let before = waiting?.first ?? level.first; // nobody passes the present
          for (const priority of turns.priorities) {
            if (priority < before || priority > level.last) expect.fail(`${priority} after ${before}`);
            before = priority;
          }
          expect(level.last).toBeLessThanOrEqual(MAX_PRIORITY);
          if (count > 0) expect(turns.last).toBe((turns.priorities.at(-1)! - level.first) % EPOCH);
        },
      ),
      { numRuns: 300 },
    );
  });
});

/** Titles of one priority may differ by so much while both have jobs that wait. */
const BOUND = STRAGGLERS + 2;

type Action = { add: string; count: number } | { take: number };
const TITLES = ['a', 'b', 'c'];
const action: fc.Arbitrary<Action> = fc.oneof(
  fc.record({ add: fc.constantFrom(...TITLES), count: fc.integer({ min: 1, max: 60 }) }),
  fc.record({ take: fc.integer({ min: 1, max: 40 }) }),
);

/** Runs the actions, and watches every pair of titles for as long as both wait: neither gets far ahead of the other. */
function watchPairs(model: Model, actions: readonly Action[], level: number): void {
  const pairs = TITLES.flatMap((a, i) =>
    TITLES.slice(i + 1).map((b) => ({ a, b, lead: 0, least: 0, most: 0 })),
  );
  const watch = (served?: string): void => {
    const waits = counted(model.waiting.map(({ title }) => title));
    for (const pair of pairs) {
      if (served === pair.a) pair.lead += 1;
      if (served === pair.b) pair.lead -= 1;
      if (!waits[pair.a] || !waits[pair.b]) Object.assign(pair, { lead: 0, least: 0, most: 0 });
      pair.least = Math.min(pair.least, pair.lead);
      pair.most = Math.max(pair.most, pair.lead);
      if (pair.most - pair.least > BOUND)
        expect.fail(`${pair.a} and ${pair.b} are apart by ${pair.most - pair.least}`);
    }
  };
  for (const now of actions) {
    if ('add' in now) {
      model.add(now.add, level, now.count);
      watch();
    } else {
      for (let i = 0; i < now.take; i += 1) watch(model.take()?.title);
    }
  }
}

describe('titles that take turns', () => {
  it('are served alike while they have jobs, whenever they came and however many they have', () => {
    fc.assert(
      fc.property(fc.array(action, { maxLength: 60 }), (actions) => watchPairs(new Model(), actions, USUAL)),
      { numRuns: 200 },
    );
  });

  it('are so too around the end of an epoch, and where the second one is moved down', () => {
    fc.assert(
      fc.property(
        fc.array(action, { maxLength: 60 }),
        fc.constantFrom(EPOCH, EPOCH + EPOCH / 4),
        fc.integer({ min: -100, max: 20 }),
        (actions, border, offset) => {
          const model = new Model();
          // A queue that has not been empty for long: a and b wait at the border.
          const first = levelOf(USUAL).first + border + offset;
          for (let i = 0; i < 30; i += 1)
            for (const title of ['a', 'b'])
              model.insert({ title, level: USUAL, priority: first + i, seq: -60 + 2 * i });
          for (const title of ['a', 'b']) model.lasts.set(title, (border + offset + 29) % EPOCH);
          watchPairs(model, actions, USUAL);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('go on for ever: no job waits longer than its title’s share, epoch after epoch', () => {
    const model = new Model();
    const added = new Map<number, number>();
    let served = 0;
    let longest = 0;
    let seq = 0;
    const add = (title: string, count: number): void => {
      const behind = model.waiting.length;
      model.add(title, USUAL, count);
      for (let i = 0; i < count; i += 1) added.set((seq += 1), served + behind + count);
    };
    add('a', 200);
    for (let round = 0; model.epochs < 3; round += 1) {
      // Two of three rounds a alone, for turns then pass fast; the queue is never empty.
      add('a', 50);
      if (round % 3 === 0) add('b', 20);
      for (let i = 0; i < (round % 3 === 0 ? 70 : 50); i += 1) {
        const entry = model.take()!;
        served += 1;
        longest = Math.max(longest, served - added.get(entry.seq)!);
        added.delete(entry.seq);
      }
    }
    expect(model.waiting.length).toBe(200);
    expect(longest).toBeLessThanOrEqual(2 * 70); // behind those that waited, and at most as many of the other title
  });

  it('serve a film and a clip that comes late: the clip does not wait for the film, nor the film for clips', () => {
    const model = new Model();
    model.add('film', USUAL, 40_000);
    for (let i = 0; i < 10_000; i += 1) model.take();
    model.add('clip', USUAL, 20);
    const next = Array.from({ length: 2 * 20 + BOUND }, () => model.take()!.title);
    expect(counted(next)).toEqual({ clip: 20, film: 20 + BOUND });
    // Clip after clip, each of a title of its own: the film goes on all the same.
    const served: string[] = [];
    for (let i = 0; i < 100; i += 1) {
      model.add(`clip ${i}`, USUAL, 10);
      for (let n = 0; n < 20; n += 1) served.push(model.take()!.title);
    }
    expect(served.filter((title) => title === 'film').length).toBeGreaterThanOrEqual(900);
  });

  it('are passed by every job of a higher priority, and pass every one of a lower', () => {
    const model = new Model();
    model.add('backfill', BACKFILL, 50);
    model.add('usual', USUAL, 50);
    for (let i = 0; i < 10; i += 1) expect(model.take()!.title).toBe('usual');
    model.add('tonight', TONIGHT, 50);
    const rest = Array.from({ length: 140 }, () => model.take()!.title);
    expect(rest).toEqual([
      ...Array<string>(50).fill('tonight'),
      ...Array<string>(40).fill('usual'),
      ...Array<string>(50).fill('backfill'),
    ]);
  });

  it('are not held back by jobs that are tried again with turns of the past', () => {
    const model = new Model();
    model.add('old', USUAL, 5000);
    const failed = Array.from({ length: STRAGGLERS }, () => model.take()!);
    for (let i = 0; i < 4000; i += 1) model.take();
    failed.forEach((entry) => model.insert(entry));
    model.add('new', USUAL, 500);
    const next = Array.from({ length: 200 }, () => model.take()!.title);
    expect(next.slice(0, STRAGGLERS)).toEqual(Array<string>(STRAGGLERS).fill('old'));
    expect(counted(next)['new']).toBeGreaterThanOrEqual(90);
    expect(counted(next)['old']).toBeGreaterThanOrEqual(90);
  });

  it('finish what a move to a new epoch left undone', () => {
    const model = new Model();
    const { first } = levelOf(USUAL);
    const present = EPOCH + EPOCH / 4;
    // Of 100 turns half were moved.
    for (let i = 0; i < 100; i += 1) {
      const turn = present + i - (i < 50 ? EPOCH : 0);
      model.insert({ title: 'a', level: USUAL, priority: first + turn, seq: i - 100 });
    }
    model.lasts.set('a', (present + 99) % EPOCH);
    model.add('b', USUAL, 100);
    const served = Array.from({ length: 200 }, () => model.take()!);
    expect(served.filter(({ title }) => title === 'a').map(({ seq }) => seq + 100)).toEqual([
      ...Array(100).keys(),
    ]);
    expect(counted(served.slice(0, 100).map(({ title }) => title))['b']).toBeGreaterThanOrEqual(45);
  });
});
