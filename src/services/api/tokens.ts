import { z } from 'zod';
import { SCOPES } from '../../db/index.js';
import { badUsage } from '../../errors.js';
import { makeToken } from '../tokens/index.js';
import { callerOf } from './auth.js';
import type { Api, ApiContext } from './deps.js';
import { NO_STORE } from './openapi-operation.js';
import { apiToken } from './present.js';
import { tokenSchema } from '../contract/index.js';

const newTokenSchema = z.strictObject({
  name: z.string().min(1).max(100).describe('whose it is, for people'),
  scopes: z.array(z.enum(SCOPES)).min(1).max(SCOPES.length),
  expiresAt: z.iso
    .datetime()
    .refine((time) => Date.parse(time) > Date.now(), 'must be in the future')
    .optional(),
});
const createdSchema = tokenSchema.extend({
  secret: z.string().describe('the bearer token: told this once, kept only as a digest'),
});

/** Tokens: one's own for everybody, all of them for administrators. */
export function tokenRoutes(api: Api, { db }: ApiContext): void {
  const schema = { tags: ['tokens'] };
  api.get(
    '/token',
    {
      config: { scope: 'read' },
      schema: { ...schema, summary: 'The token of this request', response: { 200: tokenSchema } },
    },
    (request) => apiToken(callerOf(request)),
  );
  api.get(
    '/tokens',
    {
      config: { scope: 'admin' },
      schema: {
        ...schema,
        summary: 'All tokens',
        response: { 200: z.object({ tokens: z.array(tokenSchema) }) },
      },
    },
    async () => ({ tokens: (await db.tokens.list()).map(apiToken) }),
  );
  api.post(
    '/tokens',
    {
      config: { scope: 'admin' },
      schema: {
        ...schema,
        summary: 'Make a token',
        body: newTokenSchema,
        response: { 201: createdSchema },
        'x-operation': { responses: { 201: { description: 'The token and its secret', headers: NO_STORE } } },
      },
    },
    async (request, reply) => {
      const { name, scopes, expiresAt } = request.body;
      const { id, secret, digest } = makeToken();
      const token = await db.tokens.create({
        ...{ id, name, digest, scopes: [...new Set(scopes)] },
        ...(expiresAt === undefined ? {} : { expiresAt }),
      });
      // Not as `token`: the log takes that for the secret and hides it.
      request.log.info({ tokenId: token.id, by: callerOf(request).id, scopes: token.scopes }, 'token made');
      return reply
        .code(201)
        .header('cache-control', 'no-store')
        .send({ ...apiToken(token), secret });
    },
  );
  api.delete(
    '/tokens/:id',
    {
      config: { scope: 'admin' },
      schema: {
        ...schema,
        summary: 'Revoke a token',
        params: z.object({ id: z.string().max(64) }),
        response: { 204: z.undefined() },
      },
    },
    async (request, reply) => {
      const { id } = request.params;
      if (!(await db.tokens.revoke(id))) throw badUsage('TOKEN_NOT_FOUND', 'there is no such token');
      request.log.info({ tokenId: id, by: callerOf(request).id }, 'token revoked');
      return reply.code(204).send();
    },
  );
}
