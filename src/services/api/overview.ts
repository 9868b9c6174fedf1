import { HullcastError } from '../../errors.js';
import type { Api, ApiContext } from './deps.js';
import type { Director } from './director.js';
import { type Overview, overviewSchema } from '../contract/index.js';
import { queueAnswer } from './queue-limit.js';

const MOST_FAILURES = 50;

/** How many jobs wait; of a queue that is away, that this is not known: the rest is all the more of interest then. */
async function queueDepths(director: Director): Promise<Pick<Overview, 'queues' | 'queuesUnreachable'>> {
  try {
    return { queues: await queueAnswer(director.queues()) };
  } catch (error) {
    if (error instanceof HullcastError && error.code === 'QUEUE_UNREACHABLE') {
      return { queues: [], queuesUnreachable: true };
    }
    throw error;
  }
}

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
      const [titles, queues] = await Promise.all([db.titles.count(), queueDepths(director)]);
      const failures = director.failures().slice(0, MOST_FAILURES);
      return { titles, workers: director.workers(), ...queues, failures };
    },
  );
}
