import { describe, expect, it, vi } from 'vitest';
import type { BusMessage, JobEvent, WorkerState } from '../../../src/pipeline/index.js';
import { ProgressBoard } from '../../../src/services/control/progress-board.js';
import { parseRunId, runIdOf } from '../../../src/services/control/run-id.js';
import { queuedAtMs } from '../../../src/services/control/queue-director.js';
import { WorkerBoard } from '../../../src/services/control/worker-board.js';

const job = (title: string, stage: string, name: string, more: Partial<JobEvent>): BusMessage => ({
  ...{ type: 'job', title },
  event: { type: 'job', stage, job: name, state: 'started', ...more },
});

describe('the time from which an attempt waits', () => {
  const [createdAt, startedAt, updatedAt] = ['2026-01-01', '2026-01-05', '2026-01-04'];

  it('is that of the title, and of a later one that of the retry, whatever state it is in', () => {
    expect(queuedAtMs({ attempt: 1, createdAt, startedAt, updatedAt })).toBe(Date.UTC(2026, 0, 1));
    expect(queuedAtMs({ attempt: 2, createdAt, updatedAt })).toBe(Date.UTC(2026, 0, 4));
    expect(queuedAtMs({ attempt: 2, createdAt, startedAt, updatedAt: '2026-01-09' })).toBe(
      Date.UTC(2026, 0, 5),
    );
  });
});

describe('the name of an attempt', () => {
  it('is read back, whatever the title is called', () => {
    for (const id of ['t1', 't-2', 'a-b-3']) {
      expect(parseRunId(runIdOf({ id, attempt: 12 }))).toEqual({ id, attempt: 12 });
    }
  });

  it.each(['t1', 't1-', '-1', 't1-x', ''])('is not %j', (text) => {
    expect(parseRunId(text)).toBeUndefined();
  });
});

describe('the progress of a title', () => {
  const step = (title: string, stage: string, jobs: number, done: number): BusMessage => ({
    ...{ type: 'step', title },
    stages: [{ stage, jobs, done }],
  });

  it('counts jobs once, however often their end is heard, and sums the work of those under way', () => {
    const board = new ProgressBoard();
    board.hear(step('t-1', 'probe', 3, 0));
    board.hear(job('t-1', 'probe', 'a', {}));
    board.hear(job('t-1', 'probe', 'b', { state: 'progress', done: 5, total: 20 }));
    board.hear(job('t-1', 'probe', 'c', { state: 'progress', done: 1, total: 20 }));
    for (const _ of [1, 2]) board.hear(job('t-1', 'probe', 'a', { state: 'done' }));
    expect(board.get('t')).toEqual({
      titleId: 't',
      stages: [{ stage: 'probe', jobs: 3, done: 1, active: 2, failed: 0, work: { done: 6, total: 40 } }],
    });
  });

  it('follows the flow from step to step', () => {
    const board = new ProgressBoard();
    board.hear(step('t-1', 'probe', 2, 0));
    board.hear(job('t-1', 'probe', 'a', { state: 'done' }));
    board.hear(step('t-1', 'probe', 5, 2));
    expect(board.get('t')?.stages).toEqual([{ stage: 'probe', jobs: 5, done: 2, active: 0, failed: 0 }]);
  });

  it('is that of the newest attempt, and hears no more of an older one', () => {
    const board = new ProgressBoard();
    board.hear(step('t-1', 'probe', 9, 8));
    board.hear(step('t-2', 'probe', 4, 0));
    board.hear(job('t-1', 'probe', 'late', { state: 'done' }));
    expect(board.get('t')?.stages).toMatchObject([{ jobs: 4, done: 0 }]);
  });

  it('is taken from the queue only where nothing was heard', () => {
    const board = new ProgressBoard();
    board.prime('t-1', [{ stage: 'chunk', jobs: 1, done: 1 }]);
    board.prime('t-1', [{ stage: 'chunk', jobs: 7, done: 0 }]);
    expect(board.get('t')?.stages).toMatchObject([{ jobs: 1, done: 1 }]);
    expect(board.get('unknown')).toBeUndefined();
  });

  it('is told to listeners once in an interval, and no more to those that left', () => {
    vi.useFakeTimers();
    const board = new ProgressBoard(500);
    const heard: string[] = [];
    const leave = board.watch(({ titleId, stages }) => heard.push(`${titleId} ${stages[0]?.done}`));
    board.hear(step('t-1', 'probe', 9, 0));
    for (let n = 1; n <= 3; n++) board.hear(job('t-1', 'probe', String(n), { state: 'done' }));
    vi.advanceTimersByTime(499);
    expect(heard).toEqual([]);
    vi.advanceTimersByTime(1);
    expect(heard).toEqual(['t 3']);
    leave();
    board.hear(job('t-1', 'probe', '4', { state: 'done' }));
    vi.advanceTimersByTime(5000);
    expect(heard).toHaveLength(1);
    board.close();
    vi.useRealTimers();
  });

  it('keeps no more titles than it may', () => {
    const board = new ProgressBoard();
    for (let n = 0; n < 2500; n++) board.hear(step(`t${n}-1`, 'probe', 1, 0));
    expect(board.get('t0')).toBeUndefined();
    expect(board.get('t2499')).toBeDefined();
  });
});

describe('the workers', () => {
  const worker = (id: string, host: string): WorkerState => ({
    ...{ id, host, pid: 1, stages: ['probe'], slots: 2, busy: 1, draining: false, version: '1' },
    jobs: [{ title: 't-3', stage: 'probe', job: 'probe.1', startedAt: '2026-01-01T00:00:00.000Z' }],
  });

  it('are those heard of in the last half minute, with the titles that their jobs belong to', () => {
    let now = 0;
    const board = new WorkerBoard(() => now);
    board.hear({ type: 'worker', worker: worker('1', 'b') });
    now = 20_000;
    board.hear({ type: 'worker', worker: worker('2', 'a') });
    expect(board.alive().map(({ host }) => host)).toEqual(['a', 'b']);
    expect(board.alive()[0]?.jobs[0]?.title).toBe('t');
    now = 31_000;
    expect(board.alive().map(({ host }) => host)).toEqual(['a']);
  });

  it('tell what failed, the newest first, and only so much of it', () => {
    const board = new WorkerBoard();
    for (let n = 0; n < 60; n++) {
      board.hear({
        type: 'failure',
        failure: {
          ...{ title: 't-1', stage: 'probe', job: String(n), at: '2026-01-01T00:00:00.000Z' },
          ...{ code: 'PROCESS_FAILED', message: 'x', willRetry: true },
        },
      });
    }
    expect(board.failures()).toHaveLength(50);
    expect(board.failures()[0]).toMatchObject({ title: 't', job: '59' });
  });
});
