import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  type JobEnd,
  type JobStart,
  JobWatch,
  type ObservedJob,
  type PipelineObserver,
  allObservers,
} from '../../src/pipeline/index.js';
import { waitSeconds } from '../../src/pipeline/observer.js';

const JOB: ObservedJob = { title: 't', stage: 'encode', job: 'encode.h264-0-640x360-23', params: {} };

interface Seen {
  observer: PipelineObserver;
  calls: (['started', JobStart] | ['ended', JobEnd] | ['reused', string])[];
}

function recorder(): Seen {
  const calls: Seen['calls'] = [];
  return {
    calls,
    observer: {
      started: (_job, start) => calls.push(['started', start]),
      ended: (_job, end) => calls.push(['ended', end]),
      reused: (stage) => calls.push(['reused', stage]),
    },
  };
}

describe('how long a job waited', () => {
  it('is the time since it was added, without the delay that was asked for', () => {
    expect(waitSeconds({ timestamp: 1000, delay: 0, attemptsMade: 0 }, 3500)).toBe(2.5);
    expect(waitSeconds({ timestamp: 1000, delay: 2000, attemptsMade: 0 }, 3500)).toBe(0.5);
  });

  it('is not known of a later attempt, and never negative whatever the clocks say', () => {
    expect(waitSeconds({ timestamp: 1000, delay: 0, attemptsMade: 1 }, 3500)).toBeUndefined();
    fc.assert(
      fc.property(fc.nat(), fc.nat(), fc.nat(), (timestamp, delay, now) => {
        expect(waitSeconds({ timestamp, delay, attemptsMade: 0 }, now)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('a watched run', () => {
  const queued = { timestamp: Date.now(), delay: 0, attemptsMade: 0 };

  it('tells start and end once, with the CPU of all its processes', () => {
    const { observer, calls } = recorder();
    let now = 5000;
    const watch = new JobWatch(observer, JOB, () => now);
    watch.start(queued);
    watch.spent(1.5);
    watch.spent(0.25);
    now += 2500;
    watch.done(false, { blob: 'x' });
    watch.stop('failed', 'LATE'); // what comes after the end is no second one
    expect(calls).toHaveLength(2);
    expect(calls[0]![0]).toBe('started');
    expect(calls[1]).toEqual([
      'ended',
      { outcome: 'done', cached: false, result: { blob: 'x' }, durationSeconds: 2.5, cpuSeconds: 1.75 },
    ]);
  });

  it('tells how it failed', () => {
    const { observer, calls } = recorder();
    const watch = new JobWatch(observer, JOB, () => 0);
    watch.start(queued);
    watch.stop('retried', 'DISK_FULL');
    expect(calls[1]).toEqual([
      'ended',
      { outcome: 'retried', cached: false, code: 'DISK_FULL', durationSeconds: 0, cpuSeconds: 0 },
    ]);
  });

  it('has nothing to tell where it never began', () => {
    const { observer, calls } = recorder();
    new JobWatch(observer, JOB).stop('cancelled', 'CANCELLED');
    expect(calls).toEqual([]);
  });

  it('works without anybody who listens', () => {
    const watch = new JobWatch(undefined, JOB);
    watch.start(queued);
    watch.done(true, {});
  });
});

describe('several observers', () => {
  it('are told the same, and one that throws disturbs neither the work nor the others', () => {
    const [first, last] = [recorder(), recorder()];
    const broken: PipelineObserver = {
      started: () => {
        throw new Error('started');
      },
      ended: () => {
        throw new Error('ended');
      },
      reused: () => {
        throw new Error('reused');
      },
    };
    const errors: string[] = [];
    const all = allObservers([first.observer, broken, last.observer], (error) => {
      errors.push((error as Error).message);
    });
    all.started(JOB, { waitSeconds: 1 });
    all.ended(JOB, { outcome: 'lost', cached: false, durationSeconds: 1, cpuSeconds: 0 });
    all.reused('probe');
    expect(first.calls.map(([what]) => what)).toEqual(['started', 'ended', 'reused']);
    expect(last.calls).toEqual(first.calls);
    expect(errors).toEqual(['started', 'ended', 'reused']);
  });
});
