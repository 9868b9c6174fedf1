import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type DisplayState, NO_STAGES, type StageView, reduce, view } from '../../src/cli/display/state.js';
import type { JobEvent } from '../../src/pipeline/index.js';

type Step = [ms: number, job: string, state: JobEvent['state'], more?: Partial<JobEvent> | undefined];

function play(steps: readonly Step[], stage = 'probe', from: DisplayState = NO_STAGES): DisplayState {
  return steps.reduce(
    (state, [ms, job, event, more]) => reduce(state, { type: 'job', stage, job, state: event, ...more }, ms),
    from,
  );
}

function viewOf(steps: readonly Step[], nowMs: number): StageView {
  return view(play(steps)[0]!, nowMs);
}

const added = (ms: number, ...jobs: string[]): Step[] => jobs.map((job) => [ms, job, 'added']);

describe('a stage', () => {
  it('knows its jobs before any has begun', () => {
    expect(viewOf(added(0, 'a', 'b', 'c'), 2000)).toEqual({
      stage: 'probe',
      state: 'running',
      jobsDone: 0,
      jobsTotal: 3,
      jobsCached: 0,
      jobsFailed: 0,
      frames: 0,
      framesPerSecond: undefined,
      percent: 0,
      etaSeconds: undefined,
      seconds: 2,
      message: undefined,
    });
  });

  it('counts jobs under way in part, and tells speed and remaining time from that', () => {
    const steps: Step[] = [
      ...added(0, 'a', 'b', 'c', 'd'),
      [0, 'a', 'started'],
      [0, 'b', 'started'],
      [4000, 'a', 'progress', { done: 100, total: 100 }],
      [4000, 'a', 'done'],
      [4000, 'b', 'progress', { done: 50, total: 100 }],
    ];
    // 1.5 of 4 jobs and 150 frames in 4 s; so 2.5 jobs are left, which take 4 / 1.5 s each.
    expect(viewOf(steps, 4000)).toMatchObject({
      state: 'running',
      jobsDone: 1,
      jobsTotal: 4,
      frames: 150,
      framesPerSecond: 37.5,
      percent: 37.5,
      etaSeconds: 2.5 / (1.5 / 4),
    });
  });

  it('ends with its last job; then speed is over its whole time', () => {
    const steps: Step[] = [
      ...added(1000, 'a', 'b'),
      [1000, 'a', 'started'],
      [3000, 'a', 'progress', { done: 60, total: 60 }],
      [3000, 'a', 'done'],
      [3000, 'b', 'started'],
      [5000, 'b', 'progress', { done: 20, total: 60 }],
      [6000, 'b', 'done'],
    ];
    expect(viewOf(steps, 60_000)).toMatchObject({
      state: 'finished',
      jobsDone: 2,
      frames: 120,
      framesPerSecond: 120 / 5,
      percent: 100,
      etaSeconds: 0,
      seconds: 5,
    });
  });

  it('goes on when jobs are added after its end', () => {
    const first: Step[] = [...added(0, 'a'), [0, 'a', 'started'], [1000, 'a', 'done']];
    expect(viewOf(first, 1000).state).toBe('finished');
    expect(viewOf([...first, ...added(2000, 'b')], 2000)).toMatchObject({
      state: 'running',
      jobsTotal: 2,
      percent: 50,
    });
  });

  it('is cached when nothing was computed; what was found in the store was never added', () => {
    const steps: Step[] = [
      [0, 'a', 'done', { cached: true }],
      [0, 'b', 'done', { cached: true }],
    ];
    expect(viewOf(steps, 0)).toMatchObject({
      state: 'cached',
      jobsDone: 2,
      jobsTotal: 2,
      jobsCached: 2,
      percent: 100,
    });
  });

  it('does not count what was cached as work: it would promise too much', () => {
    const steps: Step[] = [
      ...Array.from({ length: 98 }, (_, i): Step => [0, `c${i}`, 'done', { cached: true }]),
      ...added(0, 'x', 'y'),
      [0, 'x', 'started'],
      [10_000, 'x', 'progress', { done: 50, total: 100 }],
    ];
    expect(viewOf(steps, 10_000)).toMatchObject({
      jobsTotal: 100,
      jobsCached: 98,
      percent: 98.5,
      framesPerSecond: 5,
      etaSeconds: 30,
    });
  });

  it('a job that another process did meanwhile is cached, and counted once', () => {
    const steps: Step[] = [...added(0, 'a'), [0, 'a', 'started'], [10, 'a', 'done', { cached: true }]];
    expect(viewOf(steps, 10)).toMatchObject({ state: 'cached', jobsDone: 1, jobsTotal: 1 });
  });

  it('fails with a job, and says why', () => {
    const steps: Step[] = [
      ...added(0, 'a'),
      [0, 'a', 'started'],
      [500, 'a', 'failed', { message: 'no space' }],
    ];
    expect(viewOf(steps, 900)).toMatchObject({
      state: 'failed',
      jobsFailed: 1,
      jobsDone: 0,
      message: 'no space',
    });
  });

  it('has not failed when the job is started again', () => {
    const steps: Step[] = [
      ...added(0, 'a'),
      [0, 'a', 'started'],
      [1, 'a', 'progress', { done: 90, total: 100 }],
      [500, 'a', 'failed', { message: 'lost' }],
      [600, 'a', 'started'],
    ];
    expect(viewOf(steps, 600)).toMatchObject({
      state: 'running',
      jobsFailed: 0,
      jobsTotal: 1,
      frames: 0,
      percent: 0,
    });
    expect(viewOf([...steps, [900, 'a', 'done']], 900)).toMatchObject({
      state: 'finished',
      jobsDone: 1,
      jobsTotal: 1,
    });
  });

  it('tells the speed of the last 20 s, not of an hour ago', () => {
    const seconds = Array.from({ length: 120 }, (_, i) => i + 1);
    const done = (second: number): number => (second <= 60 ? second * 10 : 600 + (second - 60) * 40);
    const steps: Step[] = [
      ...added(0, 'a'),
      ...seconds.map((second): Step => [
        second * 1000,
        'a',
        'progress',
        { done: done(second), total: 10_000 },
      ]),
    ];
    expect(viewOf(steps, 120_000).framesPerSecond).toBeCloseTo(40, 0);
    expect(play(steps)[0]!.samples.length).toBeLessThan(60);
  });

  it('has no frames where it counts files', () => {
    const steps: Step[] = [...added(0, 'p'), [1000, 'p', 'progress', { done: 3, total: 12 }]];
    expect(view(play(steps, 'package')[0]!, 1000)).toMatchObject({
      frames: 0,
      framesPerSecond: undefined,
      percent: 25,
    });
    expect(view(play(steps, 'verify')[0]!, 1000)).toMatchObject({
      frames: 3,
      framesPerSecond: 3,
      percent: 25,
    });
  });

  it('slows down when nothing comes any more', () => {
    const steps: Step[] = [...added(0, 'a'), [10_000, 'a', 'progress', { done: 100, total: 200 }]];
    expect(viewOf(steps, 10_000).framesPerSecond).toBe(10);
    expect(viewOf(steps, 20_000).framesPerSecond).toBe(5);
  });
});

describe('reduce', () => {
  it('keeps stages in the order in which they were heard of, and leaves the state it was given', () => {
    const one = play(added(0, 'a'), 'ingest');
    const copy = structuredClone(one);
    const two = play(added(1, 'a'), 'chunk', one);
    const three = play([[2, 'a', 'started']], 'ingest', two);
    expect(three.map(({ stage }) => stage)).toEqual(['ingest', 'chunk']);
    expect(one).toEqual(copy);
    expect(three[1]).toBe(two[1]);
  });

  it('adds up, in whatever order jobs run and whatever they report', () => {
    const jobs = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 4 }), { minLength: 1, maxLength: 12 });
    const choices = fc.infiniteStream(fc.nat());
    fc.assert(
      fc.property(jobs, choices, (names, stream) => {
        const pick = (n: number): number => stream.next().value % n;
        let state = play(added(0, ...names));
        const waiting = new Map(names.map((name) => [name, { started: false, done: 0 }]));
        let now = 0;
        let finished = 0;
        while (waiting.size > 0) {
          now += pick(2000);
          const [name, job] = [...waiting][pick(waiting.size)]!;
          const step = (event: JobEvent['state'], more?: Partial<JobEvent>): void => {
            state = play([[now, name, event, more]], 'probe', state);
          };
          if (!job.started) {
            job.started = true;
            step('started');
          } else if (job.done < 10) step('progress', { done: (job.done += 1 + pick(9)), total: 20 });
          else {
            waiting.delete(name);
            finished += 1;
            step('done');
          }
          const seen = view(state[0]!, now);
          expect(seen.jobsTotal).toBe(names.length);
          expect(seen.jobsDone).toBe(finished);
          expect(seen.percent).toBeGreaterThanOrEqual((100 * finished) / names.length - 1e-9);
          expect(seen.percent).toBeLessThanOrEqual(100);
          expect(seen.etaSeconds ?? 0).toBeGreaterThanOrEqual(0);
          expect(seen.state).toBe(waiting.size === 0 ? 'finished' : 'running');
        }
        expect(view(state[0]!, now).frames).toBe(20 * names.length);
      }),
    );
  });
});
