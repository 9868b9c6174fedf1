import { rmSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { EXIT, HullcastError, masterRejected } from '../../src/errors.js';
import {
  type JobEvent,
  type Pipeline,
  type PipelineOptions,
  type RunOptions,
  type Stage,
  type TitleFlow,
  artifactKey,
  openPipeline,
  runTitle,
} from '../../src/pipeline/index.js';
import { TOOLS, alive, countedStage, homes, silent, sleep, until } from './support.js';

let fixtures: Awaited<ReturnType<typeof homes>>;
let home: string;
let pipeline: Pipeline | undefined;
let events: JobEvent[];

beforeAll(async () => {
  fixtures = await homes();
});
afterAll(() => fixtures.cleanUp());
beforeEach(async () => {
  home = await fixtures.make();
  events = [];
});
afterEach(async () => {
  await pipeline?.close();
  pipeline = undefined;
});

interface N {
  n: number;
}
const range = (count: number): N[] => Array.from({ length: count }, (_, n) => ({ n }));
const specs = (count: number) => range(count).map((params) => ({ id: String(params.n), params }));
const double = () => countedStage<N, N>('double', ({ n }) => Promise.resolve({ n: n * 2 }));
const sum = (all: readonly N[]): number => all.reduce((total, { n }) => total + n, 0);

const open = async (stages: readonly Stage[], more: Partial<PipelineOptions> = {}): Promise<Pipeline> =>
  (pipeline = await openPipeline({
    home,
    stages,
    tools: TOOLS,
    log: silent,
    slots: 2,
    retryDelayMs: 20,
    ...more,
  }));
const run = <T>(title: string, flow: TitleFlow<T>, options: RunOptions = {}) =>
  pipeline!.run(title, flow, { onEvent: (event) => events.push(event), ...options });
const states = (job: string): string[] =>
  events.filter((event) => event.job === job).map((event) => event.state);

describe('a title', () => {
  it('runs its stages in sequence, each in parallel, and gives their results in order', async () => {
    const [first, second] = [
      double(),
      countedStage<{ all: N[] }, N>('sum', ({ all }) => Promise.resolve({ n: sum(all) })),
    ];
    await open([first, second]);
    const { result, totals } = await run('t', async (t) => {
      const doubled = await t.stages(first, specs(20));
      expect(doubled).toEqual(range(20).map(({ n }) => ({ n: n * 2 })));
      return t.run(second, { all: doubled });
    });
    expect(result).toEqual({ n: 380 });
    expect([first.total(), second.total()]).toEqual([20, 1]);
    expect(totals).toMatchObject({ computed: { double: 20, sum: 1 }, cacheHits: 0, encodes: 0 });
    expect(states('double.7')).toEqual(['added', 'started', 'done']);
    expect(states('sum')).toEqual(['added', 'started', 'done']);
    expect(new Set(events.map((event) => event.job)).size).toBe(21);
  });

  it('is all cache hits the second time, in a new process or the same', async () => {
    const stage = double();
    const flow: TitleFlow<number> = async (t) => sum(await t.stages(stage, specs(10)));
    await open([stage]);
    const first = await run('t', flow);
    events = [];
    const second = await run('t', flow, { encodeStages: ['double'] });
    await pipeline!.close();
    await open([stage]);
    const third = await run('t', flow);
    expect([first.result, second.result, third.result]).toEqual([90, 90, 90]);
    expect(stage.total()).toBe(10);
    expect(second.totals).toMatchObject({ cacheHits: 10, computed: {}, spent: {}, encodes: 0 });
    expect(third.totals).toMatchObject({ cacheHits: 10, computed: {}, cpuSeconds: first.totals.cpuSeconds });
    expect(events.slice(0, 10).every((event) => event.state === 'done' && event.cached === true)).toBe(true);
  });

  it('computes only what changed', async () => {
    const stage = double();
    await open([stage]);
    await run('t', (t) => t.stages(stage, specs(4)));
    const { totals } = await run('t', (t) => t.stages(stage, specs(6)), { encodeStages: ['double'] });
    expect(totals).toMatchObject({ cacheHits: 4, computed: { double: 2 }, encodes: 2 });
    expect(stage.total()).toBe(6);
  });

  it('takes jobs of several stages in one call, and calls side by side in one step', async () => {
    const [a, b] = [double(), countedStage<N, N>('half', ({ n }) => Promise.resolve({ n: n / 2 }))];
    await open([a, b]);
    let steps = 0;
    const { result } = await run('t', async (t) => {
      steps += 1;
      const mixed = t.stages<N>('double', [...specs(2), { id: 'h', params: { n: 9 }, stage: 'half' }]);
      const [left, right] = await Promise.all([mixed, t.stages(b, [{ id: 'x', params: { n: 4 } }])]);
      return [...left, ...right];
    });
    expect(result).toEqual([{ n: 0 }, { n: 2 }, { n: 4.5 }, { n: 2 }]);
    expect(steps).toBe(2);
    expect(states('half.h')).toEqual(['added', 'started', 'done']);
  });

  it('computes equal work once, within a title and between titles at the same time', async () => {
    const stage = countedStage<N, N>('slow', ({ n }) => sleep(100).then(() => ({ n })));
    await open([stage]);
    const flow: TitleFlow<number> = async (t) =>
      sum(await t.stages(stage, [...specs(2), { id: 'twin', params: { n: 1 } }]));
    const both = await Promise.all([run('a', flow), run('b', flow)]);
    expect(both.map((one) => one.result)).toEqual([2, 2]);
    expect(stage.total()).toBe(2);
    const computed = both.map((one) => one.totals.computed['slow'] ?? 0);
    expect(computed[0]! + computed[1]!).toBe(2);
  });

  it('gives keys and costs of its artifacts, and paths of their blobs', async () => {
    const stage = double();
    await open([stage]);
    const { result } = await run('t', (t) => t.artifacts(stage, specs(1)));
    expect(result).toEqual([
      {
        key: artifactKey(stage, TOOLS, { n: 0 }),
        result: { n: 0 },
        cost: expect.objectContaining({ processes: 0 }) as unknown,
      },
    ]);
    await expect(run('u', (t) => t.path({ sha256: 'f'.repeat(64), bytes: 1 }))).rejects.toMatchObject({
      code: 'BLOB_MISSING',
    });
  });

  it('runs no more stages at a time than it has slots, over all stages', async () => {
    let now = 0;
    let most = 0;
    const busy = async ({ n }: N): Promise<N> => {
      most = Math.max(most, (now += 1));
      await sleep(15);
      now -= 1;
      return { n };
    };
    const [a, b] = [countedStage('a', busy), countedStage('b', busy)];
    await open([a, b], { slots: 3 });
    await run('t', (t) => Promise.all([t.stages(a, specs(8)), t.stages(b, specs(8))]));
    expect(most).toBe(3);
    expect([a.total(), b.total()]).toEqual([8, 8]);
  });

  it('passes progress on, not more often than twice a second', async () => {
    const stage = countedStage<N, N>('frames', async ({ n }, { progress }) => {
      for (let done = 0; done <= 60; done += 1) {
        progress(done, 60);
        await sleep(20);
      }
      return { n };
    });
    await open([stage]);
    await run('t', (t) => t.run(stage, { n: 0 }));
    const seen = events.filter((event) => event.state === 'progress');
    expect(seen[0]).toMatchObject({ job: 'frames', done: 0, total: 60 });
    expect(seen.length).toBeGreaterThanOrEqual(2);
    expect(seen.length).toBeLessThanOrEqual(4);
  });

  it('finishes 100 jobs that do nothing in a moment', async () => {
    const stage = double();
    await open([stage]);
    await run('warm', (t) => t.stages(stage, [{ id: '0', params: { n: -1 } }]));
    const { totals } = await run('t', (t) => t.stages(stage, specs(100)));
    expect(stage.total()).toBe(101);
    expect(totals.wallSeconds).toBeLessThan(8); // about 1 s on two idle cores
  });
});

describe('a failure', () => {
  const failing = (error: Error, when = (n: number): boolean => n === 3) =>
    countedStage<N, N>('risky', ({ n }) => (when(n) ? Promise.reject(error) : Promise.resolve({ n })));

  it.each([
    masterRejected('MASTER_BROKEN', 'frame 7 of "é.mov" does not decode', 'Export it again.'),
    new HullcastError('FLOOR', 'below the floor', { exitCode: EXIT.floorMissed }),
  ])('of bad input reaches the caller whole ($code), and is not tried again', async (error) => {
    const stage = failing(error);
    await open([stage]);
    const failure: unknown = await run('t', (t) => t.stages(stage, specs(6))).catch(
      (reason: unknown) => reason,
    );
    expect(failure).toBeInstanceOf(HullcastError);
    const { code, message, hint, exitCode } = error;
    expect(failure).toMatchObject({ code, message, exitCode, transient: false });
    expect((failure as HullcastError).hint).toBe(hint);
    expect(stage.runs.get('{"n":3}')).toBe(1);
    expect(events.find((event) => event.state === 'failed' && event.job === 'risky.3')).toMatchObject({
      message,
    });
  });

  it('that passes is tried again, three times in all', async () => {
    let left = 2;
    const stage = failing(
      new HullcastError('DISK_FULL', 'no room', { transient: true }),
      () => (left -= 1) >= 0,
    );
    await open([stage]);
    expect((await run('t', (t) => t.run(stage, { n: 1 }))).result).toEqual({ n: 1 });
    expect(stage.total()).toBe(3);
    left = 99;
    await expect(run('u', (t) => t.run(stage, { n: 2 }))).rejects.toMatchObject({
      code: 'DISK_FULL',
      message: 'no room',
    });
    expect(stage.total()).toBe(6);
  });

  it('that nobody foresaw is INTERNAL and names the job', async () => {
    const stage = failing(new TypeError('x is not a function'));
    await open([stage]);
    await expect(run('t', (t) => t.stages(stage, specs(4)))).rejects.toMatchObject({
      code: 'INTERNAL',
      message: 'stage risky, job risky.3: x is not a function',
    });
  });

  it('stops the other jobs of its title, running and waiting, but not those of another', async () => {
    const stopped: number[] = [];
    const stage = countedStage<N, N>('mixed', async ({ n }, { signal }) => {
      if (n === 1) {
        await sleep(50);
        throw new HullcastError('BAD', 'bad');
      }
      if (n === 0) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        stopped.push(n);
        signal.throwIfAborted();
      }
      return { n };
    });
    const other = countedStage<N, N>('other', ({ n }) => sleep(400).then(() => ({ n })));
    await open([stage, other], { slots: 3 });
    const beside = run('beside', (t) => t.run(other, { n: 1 }));
    await expect(run('t', (t) => t.stages(stage, specs(40)))).rejects.toMatchObject({ code: 'BAD' });
    expect(stopped).toEqual([0]);
    const before = stage.total();
    expect(before).toBeLessThan(40);
    expect((await beside).result).toEqual({ n: 1 });
    expect(stage.total()).toBe(before);
  });

  it('leaves what is finished, so that the next run goes on from there', async () => {
    let broken = true;
    const stage = failing(new HullcastError('BAD', 'bad'), (n) => broken && n === 3);
    const before = double();
    await open([before, stage]);
    const flow: TitleFlow<N[]> = async (t) => {
      await t.stages(before, specs(5));
      return t.stages(stage, specs(6));
    };
    await expect(run('t', flow)).rejects.toMatchObject({ code: 'BAD' });
    broken = false;
    expect((await run('t', flow)).result).toEqual(range(6));
    expect(before.total()).toBe(5);
    expect(stage.runs.get('{"n":3}')).toBe(2);
  });

  it('of the flow itself, and of a name that does not exist, reaches the caller', async () => {
    await open([double()]);
    await expect(run('t', () => Promise.reject(masterRejected('MASTER_X', 'x')))).rejects.toMatchObject({
      exitCode: 3,
    });
    await expect(run('t', (t) => t.run('nothing', {}))).rejects.toMatchObject({ code: 'STAGE_UNKNOWN' });
    await expect(run('1', () => Promise.resolve())).rejects.toMatchObject({ code: 'TITLE_ID', exitCode: 2 });
    await expect(run('../x', () => Promise.resolve())).rejects.toMatchObject({ code: 'TITLE_ID' });
    const twice: TitleFlow<unknown> = (t) => t.stages('double', [...specs(1), { id: '0', params: { n: 5 } }]);
    await expect(run('t', twice)).rejects.toMatchObject({ code: 'JOB_DUPLICATE' });
  });

  it('of a store that loses what is put there is told, instead of computing for ever', async () => {
    const stage = double();
    await open([stage]);
    const lose = (event: JobEvent): void => {
      if (event.state === 'done') rmSync(join(home, 'store', 'records'), { recursive: true, force: true });
    };
    const flow: TitleFlow<unknown> = (t) => t.run(stage, { n: 1 });
    await expect(run('t', flow, { onEvent: lose })).rejects.toMatchObject({ code: 'ARTIFACT_VANISHED' });
    expect(stage.total()).toBe(3);
  });

  it('of a listener does not fail the title', async () => {
    const stage = double();
    await open([stage]);
    const onEvent = (): void => {
      throw new Error('the display broke');
    };
    expect((await run('t', (t) => t.run(stage, { n: 2 }), { onEvent })).result).toEqual({ n: 4 });
  });
});

describe('stopping', () => {
  /** A stage that runs a process which ignores SIGTERM, and leaves its id in a file. */
  const stubborn = () =>
    countedStage<N, N>('stubborn', async ({ n }, { run: start }) => {
      const script = `process.on('SIGTERM', () => {}); require('fs').writeFileSync(process.argv[1], String(process.pid));
        setInterval(() => {}, 1000)`;
      await start({
        file: process.execPath,
        args: ['-e', script, join(home, `pid-${n}`)],
        timeoutMs: 60_000,
      });
      return { n };
    });
  const pids = async (): Promise<number[]> => {
    const names = (await readdir(home)).filter((name) => name.startsWith('pid-'));
    return (await Promise.all(names.map((name) => readFile(join(home, name), 'utf8'))))
      .map(Number)
      .filter(Boolean);
  };

  it('ends even stubborn processes soon, and the home can be used again', async () => {
    const [quick, stage] = [double(), stubborn()];
    const stop = new AbortController();
    const flow: TitleFlow<unknown> = async (t) => {
      await t.stages(quick, specs(3));
      return t.stages(stage, specs(10));
    };
    const options = { home, stages: [quick, stage], tools: TOOLS, slots: 2 };
    const outcome = runTitle(options, 't', flow, { signal: stop.signal });
    const ended = outcome.catch((reason: unknown) => reason);
    await until(async () => (await pids()).length === 2);
    const asked = performance.now();
    stop.abort();
    expect(await ended).toMatchObject({ code: 'CANCELLED', exitCode: 1 });
    expect(performance.now() - asked).toBeLessThan(20_000); // 5 s to SIGKILL, and some on a busy machine; else never
    expect((await pids()).filter(alive)).toEqual([]);
    expect(stage.total()).toBe(2);
    expect(await readdir(join(home, 'scratch'))).toEqual([]);
    await open([quick, stage]);
    const { totals } = await run('t', (t) => t.stages(quick, specs(3)));
    expect(totals).toMatchObject({ cacheHits: 3, computed: {} });
  });

  it('works before the first job and between jobs, and leaves nothing in the way of a second run', async () => {
    const stage = countedStage<N, N>('slow', ({ n }) => sleep(30).then(() => ({ n })));
    await open([stage]);
    const flow: TitleFlow<N[]> = async (t) => {
      const first = await t.stages(stage, specs(3));
      return [...first, ...(await t.stages(stage, [{ id: 'last', params: { n: 9 } }]))];
    };
    await expect(run('t', flow, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    for (const after of [0, 5, 20, 40, 60]) {
      const outcome = await run('t', flow, { signal: AbortSignal.timeout(after) }).then(
        () => 'done',
        (reason: unknown) => (reason as HullcastError).code,
      );
      expect(['done', 'CANCELLED']).toContain(outcome);
    }
    expect((await run('t', flow)).result).toEqual([...range(3), { n: 9 }]);
  });

  it('by closing cancels the titles under way', async () => {
    const stage = countedStage<N, N>(
      'endless',
      (_, { signal }) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(signal.reason as Error));
        }),
    );
    await open([stage]);
    const outcome = run('t', (t) => t.run(stage, { n: 1 })).catch((reason: unknown) => reason);
    await until(() => states('endless').includes('started'));
    await expect(run('t', () => Promise.resolve())).rejects.toMatchObject({ code: 'TITLE_BUSY' });
    await pipeline!.close();
    expect(await outcome).toMatchObject({ code: 'CANCELLED' });
    await expect(run('t', () => Promise.resolve())).rejects.toMatchObject({ code: 'PIPELINE_CLOSED' });
  });
});

describe('a home', () => {
  it('is for one at a time', async () => {
    await open([double()]);
    const second = openPipeline({ home, stages: [], tools: TOOLS });
    await expect(second).rejects.toMatchObject({
      code: 'HOME_BUSY',
      message: expect.stringContaining(String(process.pid)) as string,
    });
    await pipeline!.close();
    await open([double()]);
  });
});
