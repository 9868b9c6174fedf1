import { describe, expect, it } from 'vitest';
import { runningParts, endText } from '../../src/cli/display/format.js';
import { jsonLine } from '../../src/cli/display/lines.js';
import { snapshot } from '../../src/cli/display/snapshot.js';
import { NO_STAGES, reduce, view } from '../../src/cli/display/state.js';
import type { Progress } from '../../src/services/api/index.js';

type StageProgress = Progress['stages'][number];

const stage = (more: Partial<StageProgress>): StageProgress => ({
  ...{ stage: 'probe', jobs: 10, done: 0, active: 0, failed: 0 },
  ...more,
});
/** The state after reports, each at its second. */
const after = (...reports: [second: number, ...stages: StageProgress[]][]) =>
  reports.reduce(
    (state, [second, ...stages]) => snapshot(state, { titleId: 't', stages }, second * 1000),
    NO_STAGES,
  );

describe('a title on a server', () => {
  it('is shown by jobs, those under way in part', () => {
    const state = after([0, stage({ active: 4, work: { done: 100, total: 400 } })]);
    expect(view(state[0]!, 0)).toMatchObject({
      ...{ stage: 'probe', state: 'running', jobsDone: 0, jobsTotal: 10, frames: 0, percent: 10 },
      ...{ framesPerSecond: undefined, etaSeconds: undefined },
    });
  });

  it('has a speed of what was done since it is watched', () => {
    const state = after([0, stage({ done: 6, active: 1 })], [10, stage({ done: 8, active: 1 })]);
    expect(view(state[0]!, 10_000)).toMatchObject({ percent: 80, etaSeconds: 10, seconds: 10 });
  });

  it('ends its stages, and begins them again', () => {
    const ended = after(
      [0, stage({ active: 1 })],
      [5, stage({ done: 9, failed: 1 })],
      [9, stage({ done: 9, failed: 1 })],
    );
    expect(view(ended[0]!, 20_000)).toMatchObject({
      state: 'failed',
      jobsFailed: 1,
      seconds: 5,
      etaSeconds: 0,
    });
    const again = snapshot(
      ended,
      { titleId: 't', stages: [stage({ jobs: 12, done: 10, failed: 0 })] },
      10_000,
    );
    expect(view(again[0]!, 20_000)).toMatchObject({ state: 'running', jobsDone: 10, jobsTotal: 12 });
  });

  it('keeps the order of its stages, and those that a report leaves out', () => {
    const state = after(
      [0, stage({ stage: 'ingest', jobs: 1, done: 1 }), stage({ stage: 'chunk' })],
      [1, stage({ stage: 'probe' }), stage({ stage: 'chunk', done: 2 })],
    );
    expect(state.map(({ stage: name, jobs }) => [name, jobs.done])).toEqual([
      ['ingest', 1],
      ['chunk', 2],
      ['probe', 0],
    ]);
  });

  it('with work of nothing counts as not begun', () => {
    const state = after([0, stage({ active: 2, work: { done: 0, total: 0 } })], [1, stage({ active: 2 })]);
    expect(view(state[0]!, 1000)).toMatchObject({ percent: 0, etaSeconds: undefined });
  });
});

describe('an upload', () => {
  const job = { type: 'job', stage: 'upload', job: 'a.mov' } as const;
  const start = (done: number) => reduce(NO_STAGES, { ...job, state: 'started', done, total: 5e9 }, 0);
  const at = (state: typeof NO_STAGES, second: number, done: number) =>
    reduce(state, { ...job, state: 'progress', done, total: 5e9 }, second * 1000);

  it('is shown in bytes', () => {
    const shown = view(at(start(0), 10, 1e9)[0]!, 10_000);
    expect(runningParts(shown)).toEqual([' 20%', '1.00 GB of 5.00 GB', '100 MB/s', '40 s left']);
    expect(jsonLine({ kind: 'progress', view: shown })).toEqual({
      ...{ type: 'progress', stage: 'upload', jobsDone: 0, jobsTotal: 1, jobsCached: 0, frames: 0 },
      ...{ framesPerSecond: null, percent: 20, etaSeconds: 40 },
      ...{ bytes: 1e9, bytesTotal: 5e9, bytesPerSecond: 1e8 },
    });
  });

  it('that goes on does not count what was there as its speed', () => {
    const shown = view(at(start(4e9), 10, 4.5e9)[0]!, 10_000);
    expect(runningParts(shown)).toEqual([' 90%', '4.50 GB of 5.00 GB', '50.0 MB/s', '10 s left']);
    const ended = reduce(at(start(4e9), 10, 4.5e9), { ...job, state: 'done', total: 5e9 }, 20_000);
    expect(endText(view(ended[0]!, 99_000))).toBe('done, 5.00 GB in 20 s, 50.0 MB/s');
    expect(jsonLine({ kind: 'ended', view: view(ended[0]!, 99_000) })).toMatchObject({
      ...{ state: 'finished', bytes: 5e9, bytesTotal: 5e9, bytesPerSecond: 5e7 },
    });
  });

  it('falls back where a connection was cut, without a negative speed', () => {
    const shown = view(at(at(start(0), 10, 1e9), 12, 0)[0]!, 12_000);
    expect(shown).toMatchObject({
      percent: 0,
      etaSeconds: undefined,
      bytes: { done: 0, perSecond: undefined },
    });
  });
});
