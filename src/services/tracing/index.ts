export { tracesUrl } from './endpoint.js';
export { startTracing } from './start.js';
export type { SpanAttributes, Tracing, TracingOptions } from './types.js';
