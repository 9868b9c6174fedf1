import Fastify from 'fastify';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HullcastError } from '../../../src/errors.js';
import { type Pipeline, type Stage, type TitleFlow, openPipeline } from '../../../src/pipeline/index.js';
import { type Tracing, startTracing } from '../../../src/services/tracing/index.js';
import { TOOLS, countedStage, homes, silent } from '../../pipeline/support.js';
import { type CollectedSpan, type Collector, startCollector } from './collector.js';

const TRACE = '0af7651916cd43dd8448eb211c80319c';
const CALLER = 'b7ad6b7169203331';

let fixtures: Awaited<ReturnType<typeof homes>>;
let collector: Collector;
let tracing: Tracing;
let pipeline: Pipeline | undefined;

beforeAll(async () => {
  fixtures = await homes();
});
afterAll(() => fixtures.cleanUp());
beforeEach(async () => {
  collector = await startCollector();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  tracing = await startTracing({ env, service: 'control', version: '1.2.3', log: silent });
});
afterEach(async () => {
  await pipeline?.close();
  pipeline = undefined;
  await tracing.close(5000);
  await collector.close();
});

async function open(stages: readonly Stage[]): Promise<Pipeline> {
  const { telemetry, pipeline: observer } = tracing;
  const home = await fixtures.make();
  pipeline = await openPipeline({
    ...{ home, stages, tools: TOOLS, log: silent, slots: 2, retryDelayMs: 20, telemetry, observer },
  });
  return pipeline;
}

/** All spans, once everything has been sent. */
async function sent(): Promise<CollectedSpan[]> {
  await pipeline?.close();
  pipeline = undefined;
  await tracing.close(5000);
  return collector.spans;
}

function named(spans: readonly CollectedSpan[], name: string): CollectedSpan[] {
  return spans.filter((span) => span.name === name);
}

/** Names from a span up to the root of what was sent. */
function ancestry(spans: readonly CollectedSpan[], span: CollectedSpan): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [span.name, ...(parent ? ancestry(spans, parent) : [])];
}

interface N {
  n: number;
}
const encode = (): Stage<unknown, N> => countedStage<unknown, N>('encode', () => Promise.resolve({ n: 1 }));
const join = (): Stage<unknown, N> => countedStage<unknown, N>('assemble', () => Promise.resolve({ n: 2 }));
const params = (shot: number) => ({
  ...{ codec: 'h264', resolution: { width: 640, height: 360 }, crf: 23, source: { frames: 96 }, shot },
});
const flow =
  (encodes: Stage<unknown, N>, joins: Stage<unknown, N>): TitleFlow<N> =>
  async (t) => {
    const shots = [0, 1, 2];
    await t.stages(
      encodes,
      shots.map((shot) => ({ id: `h264-${shot}-640x360-23`, params: params(shot) })),
    );
    return t.run(joins, { chunks: [{ frames: 288 }] }, 'h264-360p-900k');
  };

describe('a title', () => {
  it('is one tree of spans, from the request of its caller through every job', async () => {
    const [encodes, joins] = [encode(), join()];
    await open([encodes, joins] as Stage[]);
    const app = Fastify({ loggerInstance: pino({ level: 'silent' }) });
    app.register(tracing.requests);
    app.post('/v1/titles', async () => {
      // The flow runs outside of the request: only the job that is added here carries the trace.
      const { result } = await pipeline!.run('film-1', flow(encodes, joins));
      await tracing.span('publish', { 'hullcast.title': 'film-1' }, () => Promise.resolve());
      return result;
    });
    const answer = await app.inject({
      ...{ method: 'POST', url: '/v1/titles', payload: { name: 'film' } },
      headers: { traceparent: `00-${TRACE}-${CALLER}-01` },
    });
    expect(answer.json()).toEqual({ n: 2 });
    await app.close();
    const spans = await sent();

    expect(new Set(spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    const roots = spans.filter((span) => !spans.some(({ spanId }) => spanId === span.parentSpanId));
    expect(roots.map(({ name, parentSpanId }) => [name, parentSpanId])).toEqual([
      ['POST /v1/titles', CALLER],
    ]);
    expect(new Set(spans.map(({ name }) => name))).toEqual(
      new Set([
        'POST /v1/titles',
        'add title',
        'title',
        'add encode',
        'encode',
        'add assemble',
        'assemble',
        'publish',
      ]),
    );
    const jobs = named(spans, 'encode');
    expect(jobs).toHaveLength(3);
    for (const job of [...jobs, ...named(spans, 'assemble')]) {
      expect(ancestry(spans, job)).toEqual([
        ...[job.name, `add ${job.name}`, 'title', 'add title', 'POST /v1/titles'],
      ]);
    }
    expect(new Set(spans.map(({ service }) => service))).toEqual(new Set(['hullcast-control']));
    expect(collector.requests[0]).toBe('POST /v1/traces application/json');
    const [request] = named(spans, 'POST /v1/titles');
    expect(request).toMatchObject({ kind: 2, attributes: { 'http.response.status_code': 200 } });
  });

  it('has on the spans of its jobs what they were and what they cost', async () => {
    const [encodes, joins] = [encode(), join()];
    await open([encodes, joins] as Stage[]);
    await pipeline!.run('film-2', flow(encodes, joins));
    const spans = await sent();
    const shots = named(spans, 'encode').map(({ attributes }) => attributes['hullcast.shot']);
    expect(shots.toSorted()).toEqual([0, 1, 2]);
    const first = named(spans, 'encode').find(({ attributes }) => attributes['hullcast.shot'] === 0)!;
    expect(first.attributes).toMatchObject({
      ...{
        'hullcast.title': 'film-2',
        'hullcast.stage': 'encode',
        'hullcast.job': 'encode.h264-0-640x360-23',
      },
      ...{ 'hullcast.frames': 96, 'hullcast.codec': 'h264', 'hullcast.width': 640, 'hullcast.height': 360 },
      ...{ 'hullcast.outcome': 'done', 'hullcast.cached': false, 'hullcast.cpu_seconds': 0 },
    });
    expect(first.kind).toBe(5);
    const waited = first.attributes['hullcast.wait_seconds'] as number;
    expect(waited).toBeGreaterThanOrEqual(0);
    expect(waited).toBeLessThan(60);
    expect(named(spans, 'assemble')[0]!.attributes).toMatchObject({
      ...{ 'hullcast.rung': 'h264-360p-900k', 'hullcast.frames': 288 },
    });
    // Two titles would be two traces: this one began with its own addition.
    expect(new Set(spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(ancestry(spans, first).at(-1)).toBe('add title');
  });

  it('that fails has failed spans, with the code, and retries in the same trace', async () => {
    let tries = 0;
    const flaky = countedStage<N, N>('encode', ({ n }) => {
      tries += 1;
      if (n === 1) throw new HullcastError('BROKEN', 'for good');
      if (tries < 3) throw new HullcastError('BUSY', 'for now', { transient: true });
      return Promise.resolve({ n });
    });
    await open([flaky]);
    await pipeline!.run('film-3', (t) => t.run(flaky, { n: 0 }));
    await expect(pipeline!.run('film-4', (t) => t.run(flaky, { n: 1 }))).rejects.toMatchObject({
      code: 'BROKEN',
    });
    const spans = await sent();
    const of = (title: string) =>
      named(spans, 'encode').filter(({ attributes }) => attributes['hullcast.title'] === title);
    expect(of('film-3').map(({ status, attributes }) => [status, attributes['hullcast.outcome']])).toEqual([
      [2, 'retried'],
      [2, 'retried'],
      [0, 'done'],
    ]);
    expect(new Set(of('film-3').map(({ traceId }) => traceId)).size).toBe(1);
    expect(of('film-4')).toMatchObject([
      { status: 2, attributes: { 'hullcast.outcome': 'failed', 'error.type': 'BROKEN' } },
    ]);
    expect(of('film-4')[0]!.traceId).not.toBe(of('film-3')[0]!.traceId);
  });
});

describe('a request', () => {
  it('has no span where machines ask, and a failed one where it fails', async () => {
    const app = Fastify();
    app.register(tracing.requests);
    app.get('/readyz', () => 'ok');
    app.get('/v1/titles/:id', () => {
      throw new Error('broken');
    });
    await app.inject('/readyz');
    await app.inject({ url: '/v1/titles/1', headers: { traceparent: 'nonsense', baggage: 'secret=1' } });
    await app.close();
    const spans = await sent();
    expect(spans).toMatchObject([{ name: 'GET /v1/titles/:id', kind: 2, parentSpanId: '', status: 2 }]);
  });

  it('is the context of its handler, after the body too, for the log as well', async () => {
    const app = Fastify();
    app.register(tracing.requests);
    const seen: Record<string, string>[] = [];
    app.post('/v1/titles', async () => {
      seen.push(tracing.logFields!());
      await new Promise((resolve) => setTimeout(resolve, 5));
      seen.push(tracing.logFields!());
      return {};
    });
    const url = await app.listen({ host: '127.0.0.1', port: 0 });
    const headers = { 'content-type': 'application/json', traceparent: `00-${TRACE}-${CALLER}-01` };
    await Promise.all(
      Array.from({ length: 5 }, () =>
        fetch(`${url}/v1/titles`, { method: 'POST', headers, body: '{"a":1}' }),
      ),
    );
    await app.close();
    expect(tracing.logFields!()).toEqual({});
    const spans = await sent();
    expect(seen).toHaveLength(10);
    expect(seen.map(({ span_id }) => span_id).toSorted()).toEqual(
      spans.flatMap(({ spanId }) => [spanId, spanId]).toSorted(),
    );
    expect(new Set(seen.map(({ trace_id }) => trace_id))).toEqual(new Set([TRACE]));
  });
});
