import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import { createJsonSchemaTransform, createJsonSchemaTransformObject } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Api } from './deps.js';
import { completeOperations } from './openapi-operation.js';
import {
  deliverySchema,
  eventSchema,
  gapSchema,
  overviewSchema,
  problemSchema,
  progressSchema,
  submitSchema,
  titlePageSchema,
  titleSchema,
  tokenSchema,
} from '../contract/index.js';

/** Names of the document's components. */
const NAMED = {
  Problem: problemSchema,
  Submit: submitSchema,
  Title: titleSchema,
  TitlePage: titlePageSchema,
  Event: eventSchema,
  Gap: gapSchema,
  Progress: progressSchema,
  Delivery: deliverySchema,
  Overview: overviewSchema,
  Token: tokenSchema,
};

/** What the page may load: its own files. (The default of the page also turns http into https.) */
const DOCS_POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; " +
  "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** Any answer that is no success. */
export const problemResponse = {
  description: 'RFC 9457 problem details',
  content: { 'application/problem+json': { schema: problemSchema } },
};

/** The generator looks for descriptions beside the names alone; they are in the registry of zod. An answer without a body is null. */
const zodToJsonConfig = {
  override({
    zodSchema,
    jsonSchema,
  }: {
    zodSchema: z.core.$ZodType;
    jsonSchema: z.core.JSONSchema.BaseSchema;
  }) {
    if (zodSchema._zod.def.type === 'undefined') jsonSchema.type = 'null';
    const { description } = z.globalRegistry.get(zodSchema) ?? {};
    if (description !== undefined) jsonSchema.description = description;
  },
};

/** The OpenAPI document at /openapi.json, and its page at /docs. Before the routes that it shows. */
export async function openApi(api: Api, version: string): Promise<void> {
  const registry = z.registry<{ id?: string }>();
  for (const [id, schema] of Object.entries(NAMED)) registry.add(schema, { id });
  const named = createJsonSchemaTransformObject({ schemaRegistry: registry, zodToJsonConfig });
  await api.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: { title: 'hullcast', version, description: 'From a master to a streaming title.' },
      components: { securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
      security: [{ token: [] }],
    },
    transform: createJsonSchemaTransform({ schemaRegistry: registry, zodToJsonConfig }),
    transformObject: (document) => completeOperations(named(document)),
  });
  await api.register(swaggerUi, { routePrefix: '/docs', staticCSP: DOCS_POLICY });
  api.get('/openapi.json', { schema: { hide: true } }, (_request, reply) =>
    reply.header('cache-control', 'no-cache').send(api.swagger()),
  );
}
