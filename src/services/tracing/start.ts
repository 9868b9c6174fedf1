import { tracesUrl } from './endpoint.js';
import type { Tracing, TracingOptions } from './types.js';

const NO_TRACING: Tracing = {
  telemetry: undefined,
  pipeline: undefined,
  logFields: undefined,
  requests: (_server, _options, done) => done(),
  span: (_name, _attributes, work) => work(),
  close: () => Promise.resolve(),
};

/**
 * Starts traces where OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT names a collector; elsewhere
 * OpenTelemetry is not even loaded. OpenTelemetry's API is global: once a process. Throws OTEL_ENDPOINT.
 */
export async function startTracing(options: TracingOptions): Promise<Tracing> {
  const url = tracesUrl(options.env);
  if (url === undefined) return NO_TRACING;
  const { openTelemetry } = await import('./open-telemetry.js');
  return openTelemetry(url, options);
}
