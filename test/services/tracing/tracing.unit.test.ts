import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { startTracing, tracesUrl } from '../../../src/services/tracing/index.js';
import { spanName } from '../../../src/services/tracing/span-name.js';
import { startCollector } from './collector.js';

describe('where traces go', () => {
  it.each([
    [{}, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: '' }, undefined],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318' }, 'http://collector:4318/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'https://collector/otlp/' }, 'https://collector/otlp/v1/traces'],
    [{ OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces:4318/own' }, 'http://traces:4318/own'],
    [
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://a/own', OTEL_EXPORTER_OTLP_ENDPOINT: 'http://b' },
      'http://a/own',
    ],
    [{ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318', OTEL_SDK_DISABLED: 'true' }, undefined],
  ])('%j', (env, url) => expect(tracesUrl(env)).toBe(url));

  it('is refused where it is no URL of HTTP, without repeating it', () => {
    for (const bad of ['collector:4318', 'grpc://collector', 'http://', 'user:s3cret-pw@collector']) {
      const call = (): unknown => tracesUrl({ OTEL_EXPORTER_OTLP_ENDPOINT: bad });
      expect(call, bad).toThrow(expect.objectContaining({ code: 'OTEL_ENDPOINT', exitCode: 2 }));
      expect(call).not.toThrow(/s3cret/);
    }
  });
});

describe('the name of a span', () => {
  it('is of the stage, and never of a title or a job', () => {
    expect(spanName('process probe')).toBe('probe');
    expect(spanName('process tone-map')).toBe('tone-map');
    expect(spanName('add title.film-1')).toBe('add title');
    expect(spanName('addBulk probe')).toBe('add probe');
    expect(spanName('addBulkFlows')).toBe('addBulkFlows');
  });
});

/** Packages of OpenTelemetry that this process has loaded, but for the API, which prom-client loads. */
function loaded(): string[] {
  const files = Object.keys(createRequire(import.meta.url).cache);
  const packages = files.map((file) => /node_modules\/(bullmq-otel|@opentelemetry\/[^/]+)\//.exec(file)?.[1]);
  return [...new Set(packages)].filter(
    (name) => name !== undefined && name !== '@opentelemetry/api',
  ) as string[];
}

describe('tracing', () => {
  const log = {
    warnings: [] as string[],
    warn: (_: unknown, text?: string) => void log.warnings.push(String(text ?? _)),
  };
  const start = (env: NodeJS.ProcessEnv) =>
    startTracing({ env, service: 'worker', version: '1', log: log as never });

  it('is nothing where nobody wants it: no package is loaded, work just runs', async () => {
    const tracing = await start({});
    expect([tracing.telemetry, tracing.pipeline, tracing.logFields]).toEqual([
      undefined,
      undefined,
      undefined,
    ]);
    expect(await tracing.span('publish', {}, () => Promise.resolve(7))).toBe(7);
    await tracing.close(0);
    expect(loaded()).toEqual([]);
  });

  it('passes on what the work throws, and marks its span', async () => {
    const collector = await startCollector();
    const tracing = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    expect(loaded()).toContain('bullmq-otel'); // so the check above can fail
    await expect(
      tracing.span('publish', { 'hullcast.title': 't' }, () => Promise.reject(new Error('no'))),
    ).rejects.toThrow('no');
    await tracing.close(5000);
    expect(collector.spans).toMatchObject([
      { name: 'publish', status: 2, attributes: { 'hullcast.title': 't' }, service: 'hullcast-worker' },
    ]);
    await collector.close();
  });

  it('ends in time though the collector does not answer, and says so', async () => {
    const collector = await startCollector({ hang: true });
    const tracing = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url });
    await tracing.span('publish', {}, () => Promise.resolve());
    log.warnings.length = 0;
    const started = performance.now();
    await tracing.close(100);
    expect(performance.now() - started).toBeLessThan(2000);
    expect(log.warnings).toEqual(['the last spans of traces were not sent']);
    expect(collector.requests).toHaveLength(1);
    await collector.close();
  });
});
