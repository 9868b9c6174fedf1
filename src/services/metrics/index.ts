export type { WebhookOutcome } from './api.js';
export type { Fleet } from './fleet.js';
export { type Metrics, type MetricsOptions, createMetrics } from './metrics.js';
export type { EndedTitle } from './titles.js';
