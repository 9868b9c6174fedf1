// For `hide`: the routes are no part of the API's document.
import type {} from '@fastify/swagger';
import type { FastifyPluginCallback } from 'fastify';
import { type HealthSources, healthAnswer, healthPaths } from './answer.js';

/** The same answers as a plugin of a Fastify server: `app.register(healthRoutes(sources))`. They ask for no token. */
export function healthRoutes(sources: HealthSources): FastifyPluginCallback {
  return (server, _options, done) => {
    for (const url of healthPaths(sources)) {
      server.route({
        method: ['GET', 'HEAD'],
        url,
        schema: { hide: true },
        logLevel: 'warn',
        handler: async (_request, reply) => {
          const { status, contentType, body } = (await healthAnswer(url, sources))!;
          return reply.code(status).header('cache-control', 'no-store').type(contentType).send(body);
        },
      });
    }
    done();
  };
}
