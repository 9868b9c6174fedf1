import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ApiEvent, ApiTitle, Progress } from '../../../src/services/api/index.js';
import {
  type StageProgress,
  percent,
  stageCondition,
  stageShare,
  stageText,
  summary,
} from '../../../src/web/dashboard/state/progress.js';
import { NO_TITLE, foldTitle } from '../../../src/web/dashboard/state/title.js';
import { NO_TITLES, type TitlesState, foldTitles } from '../../../src/web/dashboard/state/titles.js';

const at = (second: number): string => new Date(Date.UTC(2025, 0, 1, 0, 0, second)).toISOString();

function title(
  id: string,
  state: ApiTitle['state'] = 'running',
  second = 0,
  more: Partial<ApiTitle> = {},
): ApiTitle {
  return {
    ...{ id, name: `${id}.mov`, state, profile: 'default', priority: 5, attempt: 1 },
    ...{ createdAt: at(0), updatedAt: at(second), ...more },
  };
}

const TYPES: Record<ApiTitle['state'], ApiEvent['type']> = {
  queued: 'title.submitted',
  running: 'title.started',
  cancelling: 'title.started',
  done: 'title.published',
  failed: 'title.failed',
  cancelled: 'title.cancelled',
};

function event(data: ApiTitle, type = TYPES[data.state]): ApiEvent {
  return { id: 1, type, titleId: data.id, at: data.updatedAt, data };
}

function progress(titleId: string, done = 1): Progress {
  return { titleId, stages: [{ stage: 'encode', jobs: 4, done, active: 1, failed: 0 }] };
}

const page = (...titles: ApiTitle[]): TitlesState => ({ page: { titles }, progress: {} });
const ids = (state: TitlesState): string[] | undefined => state.page?.titles.map(({ id }) => id);

describe('foldTitles', () => {
  it('replaces a title by what an event says of it, in its place', () => {
    const before = page(title('c'), title('b'), title('a'));
    const after = foldTitles(before, { kind: 'event', event: event(title('b', 'done', 9)) }, {}, 50);
    expect(ids(after)).toEqual(['c', 'b', 'a']);
    expect(after.page?.titles[1]?.state).toBe('done');
    expect(after.page?.titles[0]).toBe(before.page?.titles[0]);
  });

  it('does not go back in time: an event that comes again changes nothing', () => {
    const before = page(title('a', 'done', 9));
    const after = foldTitles(before, { kind: 'event', event: event(title('a', 'running', 5)) }, {}, 50);
    expect(after.page).toBe(before.page);
  });

  it('puts a new title on top of the first page, and only there', () => {
    const fresh = title('new', 'queued', 60, { createdAt: at(60) });
    const before = page(title('b'), title('a'));
    const arrive = { kind: 'event', event: event(fresh) } as const;
    expect(ids(foldTitles(before, arrive, {}, 50))).toEqual(['new', 'b', 'a']);
    expect(ids(foldTitles(before, arrive, {}, 2))).toEqual(['new', 'b']);
    expect(ids(foldTitles(before, arrive, { cursor: 'x' }, 50))).toEqual(['b', 'a']);
    expect(ids(foldTitles(before, arrive, { state: 'running' }, 50))).toEqual(['b', 'a']);
    expect(ids(foldTitles(before, arrive, { externalId: 'e' }, 50))).toEqual(['b', 'a']);
    // An old title of a later page that has changed is not new.
    const old = title('old', 'failed', 60, { createdAt: at(-60) });
    expect(ids(foldTitles(before, { kind: 'event', event: event(old) }, {}, 50))).toEqual(['b', 'a']);
  });

  it('drops what is deleted, and what no longer belongs to the filter', () => {
    const before = page(title('b'), title('a'));
    const gone = event(title('b', 'done', 1), 'title.deleted');
    expect(ids(foldTitles(before, { kind: 'event', event: gone }, {}, 50))).toEqual(['a']);
    const done = event(title('a', 'done', 9));
    expect(ids(foldTitles(before, { kind: 'event', event: done }, { state: 'running' }, 50))).toEqual(['b']);
  });

  it('keeps progress of what runs, and forgets it at the end', () => {
    let state = foldTitles(NO_TITLES, { kind: 'progress', progress: progress('a') }, {}, 50);
    state = foldTitles(state, { kind: 'page', page: { titles: [title('a'), title('b', 'done')] } }, {}, 50);
    expect(state.progress).toEqual({ a: progress('a') });
    expect(foldTitles(state, { kind: 'progress', progress: progress('b') }, {}, 50)).toBe(state);
    state = foldTitles(state, { kind: 'progress', progress: progress('a', 3) }, {}, 50);
    expect(state.progress['a']).toEqual(progress('a', 3));
    state = foldTitles(state, { kind: 'event', event: event(title('a', 'failed', 9)) }, {}, 50);
    expect(state.progress).toEqual({});
    state = foldTitles(state, { kind: 'progress', progress: progress('b') }, {}, 50);
    expect(state.progress).toEqual({});
  });

  it('comes to the same list whatever is heard twice', () => {
    const anEvent = fc
      .record({
        id: fc.constantFrom('a', 'b', 'c'),
        state: fc.constantFrom('running', 'done', 'failed'),
        second: fc.nat(20),
      })
      .map(({ id, state, second }) => event(title(id, state as ApiTitle['state'], second)));
    const foldAll = (events: ApiEvent[]): TitlesState =>
      events.reduce<TitlesState>(
        (state, one) => foldTitles(state, { kind: 'event', event: one }, {}, 50),
        page(title('c'), title('b'), title('a')),
      );
    fc.assert(
      fc.property(fc.array(anEvent, { maxLength: 8 }), (unsorted) => {
        // In the order of their times, each time a title's own: as the log has them.
        const events = unsorted
          .map((one, i) => event(title(one.titleId, one.data.state, i)))
          .sort((a, b) => a.at.localeCompare(b.at));
        const once = foldAll(events);
        expect(foldAll(events.flatMap((one, i) => [one, ...events.slice(0, i)]))).toEqual(once);
      }),
    );
  });
});

describe('foldTitle', () => {
  it('follows a title through a retry, whose progress begins anew', () => {
    let state = foldTitle(NO_TITLE, { kind: 'title', title: title('a') });
    state = foldTitle(state, { kind: 'progress', progress: progress('a') });
    expect(state.progress).toEqual(progress('a'));
    state = foldTitle(state, { kind: 'event', event: event(title('a', 'failed', 5)) });
    expect(state).toMatchObject({ title: { state: 'failed' }, progress: undefined });
    expect(foldTitle(state, { kind: 'progress', progress: progress('a') })).toBe(state);
    state = foldTitle(state, { kind: 'event', event: event(title('a', 'queued', 6, { attempt: 2 })) });
    state = foldTitle(state, { kind: 'progress', progress: progress('a', 0) });
    expect(state).toMatchObject({ title: { attempt: 2 }, progress: progress('a', 0) });
  });

  it('keeps what was known of a title that was deleted, and hears nothing old', () => {
    const known = foldTitle(NO_TITLE, { kind: 'title', title: title('a', 'done', 9) });
    expect(foldTitle(known, { kind: 'title', title: title('a', 'running', 3) })).toBe(known);
    const deleted = foldTitle(known, {
      kind: 'event',
      event: event(title('a', 'done', 10), 'title.deleted'),
    });
    expect(deleted).toMatchObject({ deleted: true, title: { state: 'done' } });
  });
});

const stage = (
  jobs: number,
  done: number,
  active = 0,
  failed = 0,
  work?: StageProgress['work'],
): StageProgress => ({
  ...{ stage: 'encode', jobs, done, active, failed },
  ...(work ? { work } : {}),
});

describe('progress of a stage', () => {
  it.each([
    [stage(4, 1), 0.25],
    [stage(4, 1, 2), 0.25],
    [stage(4, 1, 2, 0, { done: 50, total: 100 }), 0.5],
    [stage(4, 1, 2, 0, { done: 500, total: 100 }), 0.75],
    [stage(4, 4), 1],
    [stage(0, 0), 0],
    [stage(2, 3), 1],
    [stage(4, 1, 2, 0, { done: 0, total: 0 }), 0.25],
  ])('%j is done to %d', (given, share) => expect(stageShare(given)).toBeCloseTo(share, 9));

  it('never says 100% before all is done', () => {
    expect([percent(0), percent(0.999), percent(0.5), percent(1)]).toEqual([0, 99, 50, 100]);
  });

  it.each([
    [stage(4, 0), 'waiting', '0 of 4 jobs done'],
    [stage(4, 0, 2), 'active', '0 of 4 jobs done, 2 running'],
    [stage(4, 2), 'active', '2 of 4 jobs done'],
    [stage(4, 2, 1, 1), 'active', '2 of 4 jobs done, 1 running, 1 failed'],
    [stage(4, 2, 0, 1), 'failed', '2 of 4 jobs done, 1 failed'],
    [stage(4, 4), 'done', 'all 4 jobs done'],
    [stage(1, 1), 'done', 'done'],
    [stage(1, 0, 1), 'active', '0 of 1 job done, 1 running'],
  ] as const)('%j: %s', (given, condition, text) => {
    expect([stageCondition(given), stageText(given)]).toEqual([condition, text]);
  });

  it('sums up what is under way, else how the last stage stands', () => {
    const stages = [
      { ...stage(1, 1), stage: 'chunk' },
      stage(4, 1, 1),
      { ...stage(2, 0, 1), stage: 'audio' },
    ];
    expect(summary({ titleId: 'a', stages })).toBe('encode 25%, audio 0%; 2 jobs running');
    expect(summary({ titleId: 'a', stages: stages.slice(0, 1) })).toBe('chunk: done');
    expect(summary({ titleId: 'a', stages: [] })).toBe('begins');
  });
});
