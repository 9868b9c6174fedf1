import { describe, expect, it } from 'vitest';
import { SharedRuns } from '../../src/pipeline/shared-runs.js';

/** A run that ends when told to, or a little after its signal aborts. */
class ManualRun {
  started = 0;
  ended = 0;
  end: (value: string) => void = () => undefined;
  progress: (done: number, total: number) => void = () => undefined;

  readonly start = (
    signal: AbortSignal,
    progress: (done: number, total: number) => void,
  ): Promise<string> => {
    this.started += 1;
    this.progress = progress;
    return new Promise<string>((resolve, reject) => {
      this.end = resolve;
      signal.addEventListener('abort', () => setTimeout(() => reject(new Error('killed')), 20));
    }).finally(() => (this.ended += 1));
  };
}

describe('SharedRuns', () => {
  it('runs once for all who ask at the same time, and again later', async () => {
    const runs = new SharedRuns<string>();
    const run = new ManualRun();
    const seen: number[] = [];
    const progress = (done: number): number => seen.push(done);
    const asked = [1, 2, 3].map(() => runs.join('k', { progress }, run.start));
    run.progress(5, 10);
    run.end('value');
    expect(await Promise.all(asked)).toEqual([
      { value: 'value', joined: false },
      { value: 'value', joined: true },
      { value: 'value', joined: true },
    ]);
    expect(seen).toEqual([5]); // one listener, added three times
    const again = runs.join('k', {}, run.start);
    run.end('second');
    expect(await again).toEqual({ value: 'second', joined: false });
    expect(run.started).toBe(2);
  });

  it('keeps keys apart', async () => {
    const runs = new SharedRuns<string>();
    const [a, b] = [new ManualRun(), new ManualRun()];
    const asked = [runs.join('a', {}, a.start), runs.join('b', {}, b.start)];
    a.end('a');
    b.end('b');
    expect((await Promise.all(asked)).map((answer) => answer.value)).toEqual(['a', 'b']);
  });

  it('goes on while one caller is left, and rejects the one who leaves at once', async () => {
    const runs = new SharedRuns<string>();
    const run = new ManualRun();
    const leaver = new AbortController();
    const left = runs.join('k', { signal: leaver.signal }, run.start);
    const stays = runs.join('k', {}, run.start);
    leaver.abort(new Error('left'));
    await expect(left).rejects.toThrow('left');
    expect(run.ended).toBe(0);
    run.end('value');
    expect((await stays).value).toBe('value');
  });

  it('aborts the run when the last caller leaves, waits for its end, and shares it with nobody new', async () => {
    const runs = new SharedRuns<string>();
    const run = new ManualRun();
    const leaver = new AbortController();
    const left = runs.join('k', { signal: leaver.signal }, run.start);
    leaver.abort(new Error('left'));
    const next = new ManualRun();
    const later = runs.join('k', {}, next.start);
    await expect(left).rejects.toThrow('left');
    expect(run.ended).toBe(1);
    next.end('fresh');
    expect(await later).toEqual({ value: 'fresh', joined: false });
  });

  it('gives a failure to all', async () => {
    const runs = new SharedRuns<string>();
    const fail = (): Promise<string> =>
      new Promise((_, reject) => setTimeout(() => reject(new Error('bad')), 5));
    const outcomes = await Promise.allSettled([runs.join('k', {}, fail), runs.join('k', {}, fail)]);
    expect(outcomes.map((outcome) => outcome.status)).toEqual(['rejected', 'rejected']);
  });
});
