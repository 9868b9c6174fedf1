import type { FastifyPluginCallback } from 'fastify';
import { type Instruments, geometric } from './instruments.js';

const SECONDS_BUCKETS = geometric(0.005, 2, 14);

/** How an attempt to deliver a webhook ended: `retry` where it will be tried again, `failed` where it will not. */
export const WEBHOOK_OUTCOMES = ['delivered', 'retry', 'failed'] as const;
export type WebhookOutcome = (typeof WEBHOOK_OUTCOMES)[number];

/** Counts attempts at deliveries; `seconds` is the wall time of the request. */
export function webhookMetrics(make: Instruments): (outcome: WebhookOutcome, seconds: number) => void {
  const deliveries = make.counter(
    'hullcast_webhook_deliveries_total',
    'Attempts to deliver an event to a callback URL, by how they ended.',
    ['outcome'],
  );
  const duration = make.histogram(
    'hullcast_webhook_seconds',
    'Wall time of attempts to deliver an event.',
    SECONDS_BUCKETS,
  );
  for (const outcome of WEBHOOK_OUTCOMES) deliveries.inc({ outcome }, 0);
  return (outcome, seconds) => {
    deliveries.inc({ outcome });
    duration.observe(seconds);
  };
}

/** Plugins keep what they add to themselves, unless they say that they mean the whole server. */
const WHOLE_SERVER = { [Symbol.for('skip-override')]: true };

/**
 * A plugin that counts the requests of a server. The route is the pattern that matched, such as `/v1/titles/:id`, or
 * `unmatched`. Routes whose config says `streams` (uploads, files, events) last as long as somebody sends or listens: they
 * are counted, not timed.
 */
export function requestMetrics(make: Instruments): FastifyPluginCallback {
  const requests = make.counter(
    'hullcast_api_requests_total',
    'Requests to the API that were answered, by the pattern of their route.',
    ['method', 'route', 'status'],
  );
  const duration = make.histogram(
    'hullcast_api_request_seconds',
    'From a request to the end of its answer; uploads, files and streams of events left out.',
    SECONDS_BUCKETS,
    ['method', 'route'],
  );
  const plugin: FastifyPluginCallback = (server, _options, ready) => {
    server.addHook('onResponse', (request, reply, done) => {
      const { method } = request;
      const route = request.routeOptions.url ?? 'unmatched';
      requests.inc({ method, route, status: String(reply.statusCode) });
      const { streams } = request.routeOptions.config as { streams?: boolean };
      if (!streams) duration.observe({ method, route }, reply.elapsedTime / 1000);
      done();
    });
    ready();
  };
  return Object.assign(plugin, WHOLE_SERVER);
}
