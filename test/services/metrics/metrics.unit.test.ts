import Fastify from 'fastify';
import { beforeEach, describe, expect, it } from 'vitest';
import { TITLE_STATES, type Title } from '../../../src/db/index.js';
import { JOB_OUTCOMES, type JobEnd, type ObservedJob } from '../../../src/pipeline/index.js';
import type { QueueDepth, WorkerInfo } from '../../../src/services/api/index.js';
import { type Fleet, type Metrics, createMetrics } from '../../../src/services/metrics/index.js';

const STAGES = ['probe', 'encode', 'assemble'];
let metrics: Metrics;
let errors: string[];

beforeEach(() => {
  errors = [];
  metrics = createMetrics({
    ...{ version: '1.2.3', stages: STAGES, slots: 4, collectTimeoutMs: 50 },
    onError: (source, error) => errors.push(`${source}: ${(error as Error).message}`),
  });
});

/** Values by `name{labels}`, as Prometheus would store them. */
async function scrape(): Promise<Map<string, number>> {
  const samples = new Map<string, number>();
  for (const line of (await metrics.text()).split('\n')) {
    const match = /^([a-z_]+(?:\{.*\})?) (\S+)$/.exec(line);
    if (match) samples.set(match[1]!, Number(match[2]));
  }
  return samples;
}

const job = (stage: string, params: ObservedJob['params'] = {}): ObservedJob => ({
  ...{ title: 'secret-title', stage, job: `${stage}.h264-0-640x360-23`, params },
});
const end = (more: Partial<JobEnd>): JobEnd => ({
  ...{ outcome: 'done', cached: false, durationSeconds: 4, cpuSeconds: 3.5 },
  ...more,
});
const encode = { codec: 'h264', resolution: { width: 640, height: 360 }, crf: 23, source: { frames: 96 } };
const encoded = { frames: 96, score: { pooled: { mean: 93.5 } } };

describe('metrics of jobs', () => {
  it('begin at 0 for every stage and outcome', async () => {
    const samples = await scrape();
    for (const stage of STAGES) {
      for (const outcome of JOB_OUTCOMES)
        expect(samples.get(`hullcast_jobs_total{stage="${stage}",outcome="${outcome}"}`)).toBe(0);
      for (const name of ['cpu_seconds', 'cache_hits', 'cache_misses'])
        expect(samples.get(`hullcast_${name}_total{stage="${stage}"}`), name).toBe(0);
      expect(samples.get(`hullcast_jobs_running{stage="${stage}"}`)).toBe(0);
    }
    expect(samples.get('hullcast_worker_slots')).toBe(4);
    expect(samples.get(`hullcast_build_info{version="1.2.3",node="${process.version}"}`)).toBe(1);
    expect(samples.get('process_cpu_seconds_total')).toBeGreaterThan(0);
  });

  it('count an encode: outcome, wait, duration, CPU, speed, frames and score', async () => {
    const own = job('encode', encode);
    metrics.pipeline.started(own, { waitSeconds: 2 });
    expect((await scrape()).get('hullcast_jobs_running{stage="encode"}')).toBe(1);
    metrics.pipeline.ended(own, end({ result: encoded }));
    const samples = await scrape();
    expect(samples.get('hullcast_jobs_running{stage="encode"}')).toBe(0);
    expect(samples.get('hullcast_jobs_total{stage="encode",outcome="done"}')).toBe(1);
    expect(samples.get('hullcast_queue_wait_seconds_sum{stage="encode"}')).toBe(2);
    expect(samples.get('hullcast_job_duration_seconds_sum{stage="encode"}')).toBe(4);
    expect(samples.get('hullcast_cpu_seconds_total{stage="encode"}')).toBe(3.5);
    expect(samples.get('hullcast_cache_misses_total{stage="encode"}')).toBe(1);
    expect(samples.get('hullcast_encoded_frames_total{codec="h264",size="360p"}')).toBe(96);
    expect(samples.get('hullcast_encode_frames_per_second_sum{codec="h264",size="360p"}')).toBe(24);
    expect(samples.get('hullcast_chunk_vmaf_sum{codec="h264"}')).toBe(93.5);
    expect(samples.get('hullcast_chunk_vmaf_bucket{le="94",codec="h264"}')).toBe(1);
    expect(samples.get('hullcast_chunk_vmaf_bucket{le="92",codec="h264"}')).toBe(0);
  });

  it('count what was there already as a hit, in a job or without one, and as no encode', async () => {
    const own = job('encode', encode);
    metrics.pipeline.started(own, { waitSeconds: undefined });
    metrics.pipeline.ended(own, end({ cached: true, cpuSeconds: 0, result: encoded }));
    metrics.pipeline.reused('encode');
    const samples = await scrape();
    expect(samples.get('hullcast_cache_hits_total{stage="encode"}')).toBe(2);
    expect(samples.get('hullcast_cache_misses_total{stage="encode"}')).toBe(0);
    expect(samples.get('hullcast_jobs_total{stage="encode",outcome="done"}')).toBe(1);
    for (const name of samples.keys()) {
      expect(name).not.toMatch(
        /^hullcast_(encoded_frames_total|chunk_vmaf_count|job_duration_seconds_count)/,
      );
      expect(name).not.toMatch(/^hullcast_queue_wait_seconds_count/);
    }
  });

  it('count the CPU of what failed, and neither a hit nor a miss', async () => {
    for (const outcome of ['failed', 'retried', 'cancelled', 'lost', 'handed-back'] as const) {
      metrics.pipeline.started(job('probe'), { waitSeconds: 0 });
      metrics.pipeline.ended(job('probe'), end({ outcome, code: 'DISK_FULL' }));
    }
    const samples = await scrape();
    for (const outcome of ['failed', 'retried', 'cancelled', 'lost', 'handed-back'])
      expect(samples.get(`hullcast_jobs_total{stage="probe",outcome="${outcome}"}`)).toBe(1);
    expect(samples.get('hullcast_cpu_seconds_total{stage="probe"}')).toBe(17.5);
    expect(samples.get('hullcast_cache_hits_total{stage="probe"}')).toBe(0);
    expect(samples.get('hullcast_cache_misses_total{stage="probe"}')).toBe(0);
    expect(samples.get('hullcast_jobs_running{stage="probe"}')).toBe(0);
  });

  it('name no title, job or file', async () => {
    metrics.pipeline.started(job('probe', encode), { waitSeconds: 0 });
    metrics.pipeline.ended(job('probe', encode), end({ outcome: 'failed', code: 'ENCODE_FRAME_COUNT' }));
    const text = await metrics.text();
    expect(text).not.toMatch(/secret-title|640x360|ENCODE_FRAME_COUNT/);
  });
});

describe('metrics of the store', () => {
  it('count bytes in both directions, operations by outcome, and the time of those that succeeded', async () => {
    metrics.store({ operation: 'putFile', outcome: 'ok', seconds: 0.5, bytesIn: 1000, bytesOut: 0 });
    metrics.store({ operation: 'read', outcome: 'ok', seconds: 0.25, bytesIn: 0, bytesOut: 300 });
    metrics.store({ operation: 'read', outcome: 'error', seconds: 9, bytesIn: 0, bytesOut: 0 });
    const samples = await scrape();
    expect(samples.get('hullcast_store_bytes_total{direction="in"}')).toBe(1000);
    expect(samples.get('hullcast_store_bytes_total{direction="out"}')).toBe(300);
    expect(samples.get('hullcast_store_operations_total{operation="read",outcome="ok"}')).toBe(1);
    expect(samples.get('hullcast_store_operations_total{operation="read",outcome="error"}')).toBe(1);
    expect(samples.get('hullcast_store_operation_seconds_sum{operation="read"}')).toBe(0.25);
  });
});

describe('metrics of titles and webhooks', () => {
  const result: NonNullable<Title['result']> = {
    ...{ frames: 2400, fps: '24000/1001', width: 1920, height: 1080, findings: 0, manifests: [] },
    renditions: [
      { id: 'a', codec: 'h264', width: 1, height: 1, averageBitrate: 1, peakBitrate: 1, vmaf: 95.5 },
      { id: 'b', codec: 'av1', width: 1, height: 1, averageBitrate: 1, peakBitrate: 1, vmaf: 41 },
    ],
    cost: { wallSeconds: 1, cpuSeconds: 1, encodes: 1, cacheHits: 0 },
  };

  it('count ends, and of what was published its playing time and its renditions', async () => {
    const createdAt = '2026-01-01T00:00:00.000Z';
    metrics.titleEnded({ state: 'done', createdAt, finishedAt: '2026-01-01T01:00:00.000Z', result });
    metrics.titleEnded({ state: 'failed', createdAt, finishedAt: '2026-01-01T09:00:00.000Z' });
    const samples = await scrape();
    expect(samples.get('hullcast_titles_ended_total{state="done"}')).toBe(1);
    expect(samples.get('hullcast_titles_ended_total{state="failed"}')).toBe(1);
    expect(samples.get('hullcast_titles_ended_total{state="cancelled"}')).toBe(0);
    expect(samples.get('hullcast_title_duration_seconds_sum')).toBe(3600);
    expect(samples.get('hullcast_published_seconds_total')).toBeCloseTo(100.1, 9);
    expect(samples.get('hullcast_rendition_vmaf_count{codec="h264"}')).toBe(1);
    expect(samples.get('hullcast_rendition_vmaf_sum{codec="av1"}')).toBe(41);
  });

  it('count attempts to deliver', async () => {
    metrics.webhook('retry', 10);
    metrics.webhook('delivered', 0.5);
    const samples = await scrape();
    expect(samples.get('hullcast_webhook_deliveries_total{outcome="retry"}')).toBe(1);
    expect(samples.get('hullcast_webhook_deliveries_total{outcome="delivered"}')).toBe(1);
    expect(samples.get('hullcast_webhook_deliveries_total{outcome="failed"}')).toBe(0);
    expect(samples.get('hullcast_webhook_seconds_sum')).toBe(10.5);
  });
});

describe('metrics of the fleet', () => {
  const worker = (slots: number, busy: number, draining = false): WorkerInfo => ({
    ...{ id: 'w', host: 'h', pid: 1, stages: [], slots, busy, draining, jobs: [], version: '1' },
    lastSeenAt: '2026-01-01T00:00:00.000Z',
  });
  let queues: () => Promise<QueueDepth[]>;
  let fleet: Fleet;

  beforeEach(() => {
    queues = () => Promise.resolve([{ stage: 'probe', waiting: 7, active: 2, delayed: 1 }]);
    fleet = {
      director: {
        queues: () => queues(),
        workers: () => [worker(4, 3), worker(2, 0), worker(8, 1, true)],
      },
      titles: {
        count: () =>
          Promise.resolve({ queued: 5, running: 2, cancelling: 0, done: 9, failed: 1, cancelled: 0 }),
      },
    };
  });

  it('are not there before a fleet is watched', async () => {
    const names = [...(await scrape()).keys()];
    expect(names.filter((name) => /^hullcast_(queue_depth|workers|slots|titles\{)/.test(name))).toEqual([]);
  });

  it('show queues, workers, places and titles as they are at the scrape', async () => {
    metrics.watchFleet(fleet);
    const samples = await scrape();
    expect(samples.get('hullcast_queue_depth{stage="probe",state="waiting"}')).toBe(7);
    expect(samples.get('hullcast_queue_depth{stage="probe",state="active"}')).toBe(2);
    expect(samples.get('hullcast_queue_depth{stage="probe",state="delayed"}')).toBe(1);
    expect(samples.get('hullcast_workers{state="ready"}')).toBe(2);
    expect(samples.get('hullcast_workers{state="draining"}')).toBe(1);
    expect(samples.get('hullcast_slots')).toBe(7); // of the draining worker only what is still taken
    expect(samples.get('hullcast_slots_busy')).toBe(4);
    for (const state of TITLE_STATES)
      expect(samples.has(`hullcast_titles{state="${state}"}`), state).toBe(true);
    expect(samples.get('hullcast_titles{state="queued"}')).toBe(5);
    queues = () => Promise.resolve([{ stage: 'encode', waiting: 1, active: 0, delayed: 0 }]);
    const later = await scrape();
    expect(later.has('hullcast_queue_depth{stage="probe",state="waiting"}')).toBe(false);
    expect(later.get('hullcast_queue_depth{stage="encode",state="waiting"}')).toBe(1);
    expect(errors).toEqual([]);
  });

  it('leave out what fails or takes too long, show the rest, and come back', async () => {
    metrics.watchFleet(fleet);
    await scrape();
    const known = queues;
    queues = () => Promise.reject(new Error('redis is away'));
    let samples = await scrape();
    expect([...samples.keys()].filter((name) => name.startsWith('hullcast_queue_depth'))).toEqual([]);
    expect(samples.get('hullcast_titles{state="done"}')).toBe(9);
    expect(samples.get('hullcast_collect_errors_total{source="queue"}')).toBe(1);
    queues = () => new Promise(() => undefined);
    samples = await scrape();
    expect(samples.get('hullcast_collect_errors_total{source="queue"}')).toBe(2);
    expect(errors).toEqual(['queue: redis is away', 'queue: no answer within 50 ms']);
    queues = known;
    samples = await scrape();
    expect(samples.get('hullcast_queue_depth{stage="probe",state="waiting"}')).toBe(7);
    expect(samples.get('hullcast_collect_errors_total{source="database"}')).toBe(0);
  });
});

describe('metrics of requests', () => {
  it('are by the pattern of the route, never by what was asked for', async () => {
    const app = Fastify();
    app.register(metrics.requests);
    app.get('/v1/titles/:id', (request) => request.params);
    app.get('/v1/events', { config: { streams: true } }, (_request, reply) => reply.send('data: x\n\n'));
    app.post('/v1/titles', () => {
      throw new Error('broken');
    });
    for (const id of ['one', 'two', 'three']) await app.inject(`/v1/titles/${id}?q=${id}`);
    await app.inject('/v1/events');
    await app.inject({ method: 'POST', url: '/v1/titles', payload: {} });
    for (const path of ['/wp-admin', '/.env', '/x/y/z']) await app.inject(path);
    const samples = await scrape();
    const count = (method: string, route: string, status: string): number | undefined =>
      samples.get(`hullcast_api_requests_total{method="${method}",route="${route}",status="${status}"}`);
    expect(count('GET', '/v1/titles/:id', '200')).toBe(3);
    expect(count('GET', '/v1/events', '200')).toBe(1);
    expect(count('POST', '/v1/titles', '500')).toBe(1);
    expect(count('GET', 'unmatched', '404')).toBe(3);
    const timed = [...samples.keys()].filter((name) => name.startsWith('hullcast_api_request_seconds_count'));
    expect(timed).toHaveLength(3);
    expect(timed.join()).not.toContain('events');
    expect(samples.get('hullcast_api_request_seconds_count{method="GET",route="/v1/titles/:id"}')).toBe(3);
    await app.close();
  });
});

describe('a registry', () => {
  it('is of its process alone: two do not meet', async () => {
    const other = createMetrics({ version: '9', stages: STAGES, slots: 1, onError: () => undefined });
    other.webhook('failed', 1);
    expect((await scrape()).get('hullcast_webhook_deliveries_total{outcome="failed"}')).toBe(0);
  });
});
