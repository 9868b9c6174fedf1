import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { HullcastError } from '../../../src/errors.js';
import { type Pipeline, type Stage, openPipeline } from '../../../src/pipeline/index.js';
import { type Metrics, createMetrics } from '../../../src/services/metrics/index.js';
import { TOOLS, countedStage, homes, silent, until } from '../../pipeline/support.js';

interface N {
  n: number;
}

let fixtures: Awaited<ReturnType<typeof homes>>;
let metrics: Metrics;
let pipeline: Pipeline | undefined;

beforeAll(async () => {
  fixtures = await homes();
});
afterAll(() => fixtures.cleanUp());
afterEach(() => pipeline?.close());

async function open(stages: readonly Stage[]): Promise<Pipeline> {
  metrics = createMetrics({
    ...{ version: '1', stages: stages.map(({ name }) => name), slots: 2, onError: () => undefined },
  });
  const home = await fixtures.make();
  pipeline = await openPipeline({
    ...{ home, stages, tools: TOOLS, log: silent, slots: 2, retryDelayMs: 20, observer: metrics.pipeline },
  });
  return pipeline;
}

async function value(sample: string): Promise<number | undefined> {
  const line = (await metrics.text()).split('\n').find((text) => text.startsWith(`${sample} `));
  return line === undefined ? undefined : Number(line.slice(sample.length + 1));
}
const outcome = (stage: string, name: string) =>
  value(`hullcast_jobs_total{stage="${stage}",outcome="${name}"}`);

it('every run of a job is counted once, with how it ended; what is there already is a hit', async () => {
  let failures = 2;
  const work = countedStage<N, N>('work', ({ n }) => {
    if (n === 3 && failures-- > 0) throw new HullcastError('BUSY', 'for now', { transient: true });
    if (n === 9) throw new HullcastError('BROKEN', 'for good');
    return Promise.resolve({ n });
  });
  const specs = [0, 1, 2, 3].map((n) => ({ id: String(n), params: { n } }));
  await open([work]);
  await pipeline!.run('first', (t) => t.stages(work, specs));
  expect([await outcome('work', 'done'), await outcome('work', 'retried')]).toEqual([4, 2]);
  expect(await value('hullcast_cache_misses_total{stage="work"}')).toBe(4);
  expect(await value('hullcast_cache_hits_total{stage="work"}')).toBe(0);
  expect(await value('hullcast_queue_wait_seconds_count{stage="work"}')).toBe(4); // first attempts only
  await pipeline!.run('second', (t) => t.stages(work, specs));
  expect(await value('hullcast_cache_hits_total{stage="work"}')).toBe(4);
  expect(await outcome('work', 'done')).toBe(4); // no job was needed
  await expect(pipeline!.run('third', (t) => t.run(work, { n: 9 }))).rejects.toMatchObject({
    code: 'BROKEN',
  });
  expect(await outcome('work', 'failed')).toBe(1);
  expect(await value('hullcast_jobs_running{stage="work"}')).toBe(0);
});

it('a run that is stopped with its title is cancelled, and what it waited behind does not count', async () => {
  const hang = countedStage<N, N>(
    'hang',
    (_, { signal }) =>
      new Promise((_resolve, reject) =>
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
      ),
  );
  await open([hang]);
  const stop = new AbortController();
  const specs = [0, 1, 2, 3, 4].map((n) => ({ id: String(n), params: { n } }));
  const title = pipeline!.run('stopped', (t) => t.stages(hang, specs), { signal: stop.signal });
  const ended = expect(title).rejects.toMatchObject({ code: 'CANCELLED' });
  await until(async () => (await value('hullcast_jobs_running{stage="hang"}')) === 2);
  stop.abort(new Error('enough'));
  await ended;
  expect(await outcome('hang', 'cancelled')).toBe(2);
  expect(await value('hullcast_jobs_running{stage="hang"}')).toBe(0);
});
