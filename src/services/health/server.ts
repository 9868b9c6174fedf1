import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HullcastError } from '../../errors.js';
import { type HealthSources, healthAnswer } from './answer.js';
import type { ListenAddress } from './listen.js';

export interface HealthServer {
  /** E.g. `http://127.0.0.1:9090`. */
  url: string;
  /** Stops listening, and drops open connections. */
  close(): Promise<void>;
}

export interface HealthServerOptions extends HealthSources {
  listen: ListenAddress;
  /** Told of requests that failed, which were answered with 500. */
  onError: (error: unknown) => void;
}

/** Nobody sends these servers anything but a few short headers. */
const HEADERS_TIMEOUT_MS = 5000;
const MAX_CONNECTIONS = 64;

/** Answers `/livez`, `/readyz` and `/metrics` over HTTP, without a framework. Throws HEALTH_PORT where it cannot listen. */
export async function serveHealth(options: HealthServerOptions): Promise<HealthServer> {
  const server = createServer({ headersTimeout: HEADERS_TIMEOUT_MS }, (request, response) => {
    respond(options, request, response).catch((error: unknown) => {
      options.onError(error);
      if (response.headersSent) response.destroy();
      else send(response, 500, 'text/plain; charset=utf-8', 'Server error\n', false);
    });
  });
  server.maxConnections = MAX_CONNECTIONS;
  const { host, port } = options.listen;
  await new Promise<void>((done, fail) => {
    server.once('error', (cause) => {
      const hint = 'Name another address in HULLCAST_HEALTH_LISTEN; port 0 takes one that is free.';
      fail(
        new HullcastError('HEALTH_PORT', `cannot listen on ${host}:${port}: ${cause.message}`, {
          hint,
          cause,
        }),
      );
    });
    server.listen(port, host, done);
  });
  server.on('error', options.onError);
  const taken = (server.address() as AddressInfo).port;
  return {
    url: `http://${host.includes(':') ? `[${host}]` : host}:${taken}`,
    close: () =>
      new Promise((done, fail) => {
        server.close((error) => (error ? fail(error) : done()));
        server.closeAllConnections();
      }),
  };
}

async function respond(
  sources: HealthSources,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const head = request.method === 'HEAD';
  if (request.method !== 'GET' && !head) {
    response.setHeader('allow', 'GET, HEAD');
    return send(response, 405, 'text/plain; charset=utf-8', 'Method not allowed\n', head);
  }
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/';
  const answer = await healthAnswer(path, sources);
  if (answer) return send(response, answer.status, answer.contentType, answer.body, head);
  send(response, 404, 'text/plain; charset=utf-8', 'Not found\n', head);
}

function send(response: ServerResponse, status: number, type: string, body: string, head: boolean): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  });
  response.end(head ? undefined : body);
}
