import type { Metrics } from '../metrics/index.js';
import type { Health } from './health.js';

/** An answer to a GET, of whatever server. */
export interface Answer {
  status: number;
  contentType: string;
  body: string;
}

/** What there is to answer from. */
export interface HealthSources {
  health: Health;
  metrics?: Pick<Metrics, 'text' | 'contentType'> | undefined;
}

const JSON_TYPE = 'application/json; charset=utf-8';

/** The paths that are answered, `/metrics` where there are metrics. */
export function healthPaths({ metrics }: HealthSources): string[] {
  return ['/livez', '/readyz', ...(metrics ? ['/metrics'] : [])];
}

/** What one of the paths answers; undefined for another. 503 where the process is not ready. */
export async function healthAnswer(
  path: string,
  { health, metrics }: HealthSources,
): Promise<Answer | undefined> {
  if (path === '/metrics' && metrics)
    return { status: 200, contentType: metrics.contentType, body: await metrics.text() };
  if (path !== '/livez' && path !== '/readyz') return undefined;
  const report = path === '/livez' ? health.live() : await health.ready();
  const body = `${JSON.stringify(report)}\n`;
  return { status: report.status === 'ok' ? 200 : 503, contentType: JSON_TYPE, body };
}
