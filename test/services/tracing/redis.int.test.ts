import { afterAll, beforeAll, expect, it } from 'vitest';
import { type RedisServer, startRedis } from '../../../fixtures/redis-server.js';
import { Gate, openQueue } from '../../../src/pipeline/index.js';
import { startTracing } from '../../../src/services/tracing/index.js';
import { silent } from '../../pipeline/support.js';
import { startCollector } from './collector.js';

let redis: RedisServer;
beforeAll(async () => {
  redis = await startRedis();
});
afterAll(() => redis.stop());

it('a trace goes through Redis, to workers that take jobs only with a place for them, also on a second try', async () => {
  const collector = await startCollector();
  const env = { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url };
  const tracing = await startTracing({ env, service: 'worker', version: '1', log: silent });
  const { telemetry } = tracing;
  const backend = openQueue(redis.url, { folder: '', log: silent, telemetry });
  await backend.start();
  const queue = backend.queue('encode');
  let runs = 0;
  const ids: (string | undefined)[] = [];
  const done = new Promise<void>((resolve) => {
    const worker = backend.worker(
      'encode',
      () => {
        runs += 1;
        ids.push(tracing.logFields!()['trace_id']);
        if (runs === 1) throw new Error('once');
        return Promise.resolve(null);
      },
      { gate: new Gate({ size: 1 }) },
    );
    worker.on('completed', () => void worker.close().then(resolve));
  });
  let trace = '';
  await tracing.span('submission', {}, async () => {
    trace = tracing.logFields!()['trace_id']!;
    await queue.add('a', {}, { attempts: 2 });
  });
  await done;
  await queue.close();
  await backend.stop();
  await tracing.close(5000);
  await collector.close();
  expect(ids).toEqual([trace, trace]);
  const spans = collector.spans.filter(({ traceId }) => traceId === trace);
  const parentOf = (id: string): string | undefined =>
    spans.find(({ spanId }) => spanId === spans.find((span) => span.spanId === id)!.parentSpanId)?.name;
  expect(spans.map(({ name }) => name).toSorted()).toEqual(['add encode', 'encode', 'encode', 'submission']);
  const parents = spans.filter(({ name }) => name === 'encode').map(({ spanId }) => parentOf(spanId));
  expect(parents).toEqual(['add encode', 'add encode']);
});
