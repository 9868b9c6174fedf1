export type { HealthSources } from './answer.js';
export type { Check, CheckResult } from './checks.js';
export { type Health, type HealthReport, createHealth } from './health.js';
export { type ListenAddress, parseListen } from './listen.js';
export { healthRoutes } from './routes.js';
export { type HealthServer, type HealthServerOptions, serveHealth } from './server.js';
