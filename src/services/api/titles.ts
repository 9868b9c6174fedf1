import { z } from 'zod';
import type { Title } from '../../db/index.js';
import { HullcastError, badUsage } from '../../errors.js';
import { callerOf } from './auth.js';
import type { Api, ApiContext } from './deps.js';
import type { Headers } from './openapi-operation.js';
import { apiTitle } from './present.js';
import { queueAnswer } from './queue-limit.js';
import { submitCheckSchema, submitSchema, titlePageSchema, titleSchema } from '../contract/index.js';
import { checkSubmission, enqueue, submitTitle } from './submit.js';
import type { Tus } from './uploads/index.js';

export const titleParams = z.object({ id: z.string().max(64) });

const stateSchema = titleSchema.shape.state;
const listQuery = z.strictObject({
  state: z
    .union([stateSchema, z.array(stateSchema)])
    .optional()
    .describe('repeat it for several'),
  externalId: z.string().max(200).optional(),
  cursor: z.string().max(200).optional().describe('`next` of the page before'),
  limit: z.coerce.number().int().min(1).max(200).default(50),
});
const submitHeaders = z.looseObject({
  'idempotency-key': z
    .string()
    .regex(/^[\x21-\x7e]{1,255}$/, '1 to 255 printable ASCII characters')
    .optional()
    .describe('the same key gives the same title, so a request can be sent again'),
});

const LOCATION: Headers = {
  Location: { description: 'path of the title', schema: { type: 'string' }, required: true },
};

/** Throws TITLE_NOT_FOUND. */
export async function findTitle({ db }: ApiContext, id: string): Promise<Title> {
  const title = await db.titles.get(id);
  if (title) return title;
  throw badUsage('TITLE_NOT_FOUND', `there is no title ${JSON.stringify(id)}`);
}

function readRoutes(api: Api, context: ApiContext): void {
  const schema = { tags: ['titles'] };
  api.get(
    '/titles',
    {
      config: { scope: 'read' },
      schema: {
        ...schema,
        summary: 'Titles, the newest first',
        querystring: listQuery,
        response: { 200: titlePageSchema },
      },
    },
    async (request) => {
      const { state, externalId, cursor, limit } = request.query;
      const { titles, next } = await context.db.titles.list({
        ...(state === undefined ? {} : { states: [state].flat() }),
        ...(externalId === undefined ? {} : { externalId }),
        ...(cursor === undefined ? {} : { cursor }),
        limit,
      });
      return { titles: titles.map(apiTitle), ...(next === undefined ? {} : { next }) };
    },
  );
  api.get(
    '/titles/:id',
    {
      config: { scope: 'read' },
      schema: { ...schema, summary: 'A title', params: titleParams, response: { 200: titleSchema } },
    },
    async (request) => apiTitle(await findTitle(context, request.params.id)),
  );
}

function submitRoute(api: Api, context: ApiContext, tus: Tus): void {
  api.post(
    '/titles',
    {
      config: { scope: 'submit' },
      schema: {
        tags: ['titles'],
        summary: 'Submit a master',
        headers: submitHeaders,
        body: submitSchema,
        response: { 200: titleSchema, 201: titleSchema },
        'x-operation': {
          responses: {
            200: { description: 'Made before, with the same key', headers: LOCATION },
            201: { description: 'The title', headers: LOCATION },
          },
        },
      },
    },
    async (request, reply) => {
      const key = request.headers['idempotency-key'];
      const { title, created } = await submitTitle(context, tus, callerOf(request), request.body, key);
      return reply
        .code(created ? 201 : 200)
        .header('location', `/v1/titles/${title.id}`)
        .send(apiTitle(title));
    },
  );
}

function checkRoute(api: Api, context: ApiContext): void {
  api.post(
    '/titles/check',
    {
      config: { scope: 'submit' },
      schema: {
        tags: ['titles'],
        summary: 'Check a submission before its master is uploaded',
        body: submitCheckSchema,
        response: { 204: z.undefined().describe('all but the master is right') },
      },
    },
    async (request, reply) => {
      await checkSubmission(context, request.body);
      return reply.code(204).send();
    },
  );
}

function changeRoutes(api: Api, context: ApiContext): void {
  const { db, director } = context;
  const schema = { tags: ['titles'], params: titleParams };
  api.post(
    '/titles/:id/cancel',
    {
      config: { scope: 'submit' },
      schema: { ...schema, summary: 'End a title that is not done', response: { 202: titleSchema } },
    },
    async (request, reply) => {
      const title = await db.titles.requestCancel(request.params.id);
      // The cancellation stands, whatever becomes of this: the control plane compares the queue with the database.
      await queueAnswer(director.cancel(title.id)).catch((error: unknown) => {
        request.log.warn({ err: error, title: title.id }, 'jobs not cancelled yet');
      });
      return reply.code(202).send(apiTitle(title));
    },
  );
  api.post(
    '/titles/:id/retry',
    {
      config: { scope: 'submit' },
      schema: { ...schema, summary: 'Try a failed or cancelled title again', response: { 202: titleSchema } },
    },
    async (request, reply) => {
      const title = await db.titles.retry(request.params.id);
      await enqueue(context, title);
      return reply.code(202).send(apiTitle(title));
    },
  );
  api.delete(
    '/titles/:id',
    {
      config: { scope: 'submit' },
      schema: {
        ...schema,
        summary: 'Remove an ended title and its published files',
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { id, state } = await findTitle(context, request.params.id);
      if (state !== 'done' && state !== 'failed' && state !== 'cancelled')
        throw new HullcastError('TITLE_NOT_ENDED', 'the title has not ended', { hint: 'Cancel it first.' });
      // Files first: what fails in between can be done again as long as the title is known.
      await context.removeFiles(id);
      await db.titles.remove(id);
      return reply.code(204).send();
    },
  );
}

/** Submitting titles and what can be done with them. */
export function titleRoutes(api: Api, context: ApiContext, tus: Tus): void {
  readRoutes(api, context);
  submitRoute(api, context, tus);
  checkRoute(api, context);
  changeRoutes(api, context);
}
