import { DiagLogLevel, SpanStatusCode, context, diag, propagation, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { detectResources, envDetector, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { hostname } from 'node:os';
import { jobSpans } from './job-spans.js';
import { queueTelemetry } from './queue-telemetry.js';
import { requestSpans } from './requests.js';
import type { Tracing, TracingOptions } from './types.js';

const TRACER = 'hullcast';
/** A collector that is away is told of this often, and not at each batch. */
const WARNING_INTERVAL_MS = 60_000;

/** Only loaded where there is a collector: everything that imports OpenTelemetry hangs below this file. */
export function openTelemetry(url: string, { service, version, log }: TracingOptions): Tracing {
  reportTo(log);
  const resource = resourceFromAttributes({
    ...{ 'service.name': `hullcast-${service}`, 'service.version': version },
    ...{ 'host.name': hostname(), 'process.pid': process.pid },
  }).merge(detectResources({ detectors: [envDetector] }));
  const exporter = new OTLPTraceExporter({ url });
  const provider = new NodeTracerProvider({ resource, spanProcessors: [new BatchSpanProcessor(exporter)] });
  provider.register();
  const tracer = trace.getTracer(TRACER, version);
  return {
    telemetry: queueTelemetry(TRACER, version),
    pipeline: jobSpans,
    logFields: () => {
      const active = trace.getActiveSpan()?.spanContext();
      return active ? { trace_id: active.traceId, span_id: active.spanId } : {};
    },
    requests: requestSpans(tracer),
    span: (name, attributes, work) =>
      tracer.startActiveSpan(name, { attributes }, async (span) => {
        try {
          return await work();
        } catch (error) {
          span.recordException(error as Error);
          span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
          throw error;
        } finally {
          span.end();
        }
      }),
    close: async (limitMs) => {
      if (!(await within(limitMs, provider.shutdown()))) log.warn('the last spans of traces were not sent');
      for (const api of [trace, context, propagation, diag]) api.disable();
    },
  };
}

/** Whether the promise resolved within the limit. */
async function within(limitMs: number, promise: Promise<unknown>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), limitMs);
  });
  try {
    // Failing counts as not done: close() says so.
    return await Promise.race([
      promise.then(
        () => true,
        () => false,
      ),
      late,
    ]);
  } finally {
    clearTimeout(timer);
  }
}

/** What OpenTelemetry has to say of itself goes to the log: warnings and errors, seldom. */
function reportTo(log: TracingOptions['log']): void {
  let next = -Infinity;
  const warn = (message: string, ...details: unknown[]): void => {
    if (performance.now() < next) return;
    next = performance.now() + WARNING_INTERVAL_MS;
    log.warn({ details: details.map(String) }, `traces: ${message}`);
  };
  const nothing = (): void => undefined;
  diag.setLogger(
    { error: warn, warn, info: nothing, debug: nothing, verbose: nothing },
    { logLevel: DiagLogLevel.WARN, suppressOverrideMessage: true },
  );
}
