import { z } from 'zod';
import { HullcastError } from '../../errors.js';
import type { Api, ApiContext } from './deps.js';
import { apiDelivery } from './present.js';
import { deliverySchema } from '../contract/index.js';
import { findTitle, titleParams } from './titles.js';

const deliveryParams = z.object({ id: z.coerce.number().int().min(1).max(Number.MAX_SAFE_INTEGER) });

/** What became of webhooks. */
export function deliveryRoutes(api: Api, context: ApiContext): void {
  const schema = { tags: ['webhooks'] };
  api.get(
    '/titles/:id/deliveries',
    {
      config: { scope: 'read' },
      schema: {
        ...schema,
        summary: "A title's webhooks, the oldest first, also when the title is gone",
        params: titleParams,
        response: { 200: z.object({ deliveries: z.array(deliverySchema) }) },
      },
    },
    async (request) => {
      const { id } = request.params;
      const deliveries = await context.db.outbox.of(id);
      // They outlive their title: what is lost of `title.deleted` can only be found, and sent again, afterwards.
      if (deliveries.length === 0) await findTitle(context, id);
      return { deliveries: deliveries.map(apiDelivery) };
    },
  );
  api.post(
    '/deliveries/:id/replay',
    {
      config: { scope: 'submit' },
      schema: {
        ...schema,
        summary: 'Send a webhook again',
        params: deliveryParams,
        response: { 202: z.undefined() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await context.db.outbox.replay(id)))
        throw new HullcastError('DELIVERY_NOT_FOUND', `there is no delivery ${id}`);
      return reply.code(202).send();
    },
  );
}
