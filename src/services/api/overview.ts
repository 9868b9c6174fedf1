import type { Api, ApiContext } from './deps.js';
import { overviewSchema } from '../contract/index.js';

const MOST_FAILURES = 50;

/** The state of everything, for the dashboard's first page. */
export function overviewRoute(api: Api, { db, director }: ApiContext): void {
  api.get(
    '/overview',
    {
      config: { scope: 'read' },
      schema: {
        tags: ['operations'],
        summary: 'Titles by state, workers, queues and failures',
        response: { 200: overviewSchema },
      },
    },
    async () => {
      const [titles, queues] = await Promise.all([db.titles.count(), director.queues()]);
      const failures = director.failures().slice(0, MOST_FAILURES);
      return { titles, workers: director.workers(), queues, failures };
    },
  );
}
