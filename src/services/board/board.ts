import { createBullBoard } from '@bull-board/api';
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter';
import type { IServerAdapter } from '@bull-board/api/typings/app';
import { FastifyAdapter } from '@bull-board/fastify';
import type { Queue } from 'bullmq';
import type { FastifyPluginCallback } from 'fastify';

/** Where the board is. */
export const BOARD_PATH = '/admin/queues';

/**
 * What its page may load: its own files. It has styles in itself; a font from elsewhere, which it would like, it does
 * without.
 */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'self'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
};

/**
 * Jobs come of titles, and of nothing else. Whoever wrote them here could have a worker read any object that it can
 * read, and give one an id that is a key of the queue itself in Redis (`wait`, `meta`, …).
 */
const REFUSED: ReadonlySet<string> = new Set([
  'post /api/queues/:queueName/add',
  'patch /api/queues/:queueName/:jobId/update-data',
]);

/**
 * Bull Board for these queues, whatever their data store: to see jobs, pause and resume, remove, promote and retry. A
 * plugin to be registered below BOARD_PATH, by who lets administrators in and nobody else. The queues stay the caller's.
 */
export function queueBoard(queues: readonly Queue[]): FastifyPluginCallback {
  const adapter = new FastifyAdapter().setBasePath(BOARD_PATH);
  createBullBoard({
    queues: queues.map((queue) => new BullMQAdapter(queue)),
    // Typed against a copy of the package's own, of another patch level.
    serverAdapter: adapter as unknown as IServerAdapter,
    options: {
      uiConfig: {
        boardTitle: 'hullcast',
        miscLinks: [{ text: 'Dashboard', url: '/#/cluster' }],
        hideDocsLink: true,
        // It would list all connections of Redis, for every queue, again and again; the dashboard shows workers.
        showWorkers: false,
      },
      handlerHooks: {
        before: ({ method, route }) =>
          REFUSED.has(`${method} ${route}`) ? { allow: false, status: 403 } : undefined,
      },
    },
  });
  // Errors are the server's to answer, which keeps their words inside, and knows those of its gate.
  adapter.setErrorHandler((error) => {
    throw error;
  });
  const board = adapter.registerPlugin();
  return (server, options, done) => {
    server.addHook('onRequest', (_request, reply, next) => {
      void reply.headers(HEADERS);
      next();
    });
    board(server, options, done);
  };
}
