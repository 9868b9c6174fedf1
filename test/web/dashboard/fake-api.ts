import { createReadStream } from 'node:fs';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { z } from 'zod';
import {
  type ApiDelivery,
  type ApiEvent,
  type ApiTitle,
  type Overview,
  type Problem,
  type Progress,
  deliverySchema,
  eventSchema,
  overviewSchema,
  problemSchema,
  progressSchema,
  titlePageSchema,
  titleSchema,
} from '../../../src/services/api/index.js';
import { dashboardFile } from '../../../src/web/index.js';

export const TOKEN = 'hct_test_token';
/** A token that may read only. */
export const READER = 'hct_reader';

interface Stream {
  titleId: string | undefined;
  response: ServerResponse;
}

interface Request {
  method: string;
  /** Path and query. */
  url: string;
  authorization: string | undefined;
  lastEventId: string | undefined;
}

const deliveriesSchema = z.object({ deliveries: z.array(deliverySchema) });

/**
 * A server that speaks the API's contract as far as the dashboard needs it. Whatever it sends goes through the contract's
 * schemas first, so that it cannot drift from it.
 */
export class FakeApi {
  /** The newest first. */
  titles: ApiTitle[] = [];
  deliveries: Record<string, ApiDelivery[]> = {};
  overview: Overview = { titles: {}, workers: [], queues: [], failures: [] };
  /** Published files, by `<title id>/<path>`. */
  files: Record<string, { type: string; body: Buffer }> = {};
  /** Every request that was for the API. */
  requests: Request[] = [];
  /** Answers to `METHOD /path` instead of the usual ones. */
  problems = new Map<string, Problem>();
  /** Requests to these paths wait for ever, as `METHOD /path`. */
  stuck = new Set<string>();

  private log: ApiEvent[] = [];
  private streams = new Set<Stream>();
  private server: Server | undefined;
  private port = 0;

  /** `folder` holds the built dashboard. */
  constructor(private readonly folder: string) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Listens; on the port that it had, where it did before. */
  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.answer(request, response).catch((error: unknown) => {
        // A broken contract: the page shows it, and the test that looks at the page fails.
        response.writeHead(500, { 'content-type': 'text/plain' }).end(String(error));
      });
    });
    this.server = server;
    await new Promise<void>((done) => server.listen(this.port, '127.0.0.1', done));
    this.port = (server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    const server = this.server;
    this.streams.clear();
    server?.closeAllConnections();
    await new Promise((done) => server?.close(done));
  }

  /** Says that something happened to a title, and remembers the title as it is then. */
  tell(type: ApiEvent['type'], title: ApiTitle): void {
    const others = this.titles.filter(({ id }) => id !== title.id);
    const known = this.titles.some(({ id }) => id === title.id);
    if (type === 'title.deleted') this.titles = others;
    else if (known) this.titles = this.titles.map((other) => (other.id === title.id ? title : other));
    else this.titles = [title, ...this.titles];
    const event = eventSchema.parse({
      id: this.log.length + 1,
      type,
      titleId: title.id,
      at: title.updatedAt,
      data: title,
    });
    this.log.push(event);
    for (const stream of this.streams) this.sendEvent(stream, event);
  }

  tellProgress(progress: Progress): void {
    const data = JSON.stringify(progressSchema.parse(progress));
    for (const { titleId, response } of this.streams) {
      if (titleId === undefined || titleId === progress.titleId)
        response.write(`event: progress\ndata: ${data}\n\n`);
    }
  }

  /** Number of open streams. */
  get listening(): number {
    return this.streams.size;
  }

  /** Cuts all streams in the middle of a message. */
  cutStreams(): void {
    for (const { response } of this.streams) {
      response.write('event: title\ndata: {"id":');
      response.destroy();
    }
    this.streams.clear();
  }

  asked(method: string, path: string): Request[] {
    return this.requests.filter((request) => request.method === method && request.url.split('?')[0] === path);
  }

  private sendEvent({ titleId, response }: Stream, event: ApiEvent): void {
    if (titleId !== undefined && titleId !== event.titleId) return;
    // Cut where it hurts: the parser must not care.
    const text = `id: ${event.id}\nevent: title\ndata: ${JSON.stringify(event)}\n\n`;
    response.write(text.slice(0, 25));
    response.write(text.slice(25));
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method = 'GET', url = '/', headers } = request;
    const { pathname, searchParams } = new URL(url, 'http://127.0.0.1');
    const file = method === 'GET' ? await dashboardFile(pathname, this.folder) : undefined;
    if (file) {
      response.writeHead(200, file.headers);
      createReadStream(file.path).pipe(response);
      return;
    }
    if (pathname === '/admin/queues') {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Bull Board</h1>');
      return;
    }
    this.requests.push({
      method,
      url,
      authorization: headers.authorization,
      lastEventId: headers['last-event-id']?.toString(),
    });
    const key = `${method} ${pathname}`;
    if (this.stuck.has(key)) return;
    const token = headers.authorization?.replace(/^Bearer /, '');
    if (token !== TOKEN && token !== READER)
      return sendProblem(response, 401, 'TOKEN_INVALID', 'unknown token');
    const problem = this.problems.get(key);
    if (problem) return send(response, problem.status, problemSchema, problem);
    if (token === READER && method !== 'GET')
      return sendProblem(response, 403, 'SCOPE_MISSING', 'this needs a token with the scope submit');
    this.route(method, pathname, searchParams, response, headers['last-event-id']?.toString());
  }

  private route(
    method: string,
    path: string,
    query: URLSearchParams,
    response: ServerResponse,
    lastEventId: string | undefined,
  ): void {
    const [, version, kind, id, verb, ...rest] = path.split('/').map(decodeURIComponent);
    if (version !== 'v1') return sendProblem(response, 404, 'ROUTE_NOT_FOUND', `there is no ${path}`);
    if (method === 'GET' && kind === 'overview') return send(response, 200, overviewSchema, this.overview);
    if (method === 'GET' && kind === 'events') return this.openStream(response, undefined, lastEventId);
    if (method === 'POST' && kind === 'deliveries' && verb === 'replay')
      return this.replay(Number(id), response);
    if (kind !== 'titles') return sendProblem(response, 404, 'ROUTE_NOT_FOUND', `there is no ${path}`);
    if (id === undefined) return this.list(query, response);
    this.routeTitle(`${method} ${verb ?? ''}`, id, rest.join('/'), response, lastEventId);
  }

  private routeTitle(
    what: string,
    id: string,
    file: string,
    response: ServerResponse,
    lastEventId: string | undefined,
  ): void {
    const title = this.titles.find((candidate) => candidate.id === id);
    if (!title) return sendProblem(response, 404, 'TITLE_NOT_FOUND', `there is no title "${id}"`);
    switch (what) {
      case 'GET ':
        return send(response, 200, titleSchema, title);
      case 'GET events':
        return this.openStream(response, id, lastEventId);
      case 'GET deliveries':
        return send(response, 200, deliveriesSchema, { deliveries: this.deliveries[id] ?? [] });
      case 'GET files':
        return this.sendFile(`${id}/${file}`, response);
      case 'POST cancel':
        return this.change(title, 'cancel', response);
      case 'POST retry':
        return this.change(title, 'retry', response);
      case 'DELETE ':
        this.tell('title.deleted', title);
        response.writeHead(204).end();
        return;
      default:
        return sendProblem(response, 404, 'ROUTE_NOT_FOUND', `there is no ${what}`);
    }
  }

  /** Pages by an offset, which clients must not know. */
  private list(query: URLSearchParams, response: ServerResponse): void {
    const [state, externalId] = [query.get('state'), query.get('externalId')];
    const [limit, from] = [Number(query.get('limit') ?? 50), Number(query.get('cursor')?.slice(1) ?? 0)];
    const found = this.titles.filter(
      (title) => (!state || title.state === state) && (!externalId || title.externalId === externalId),
    );
    send(response, 200, titlePageSchema, {
      titles: found.slice(from, from + limit),
      ...(found.length > from + limit ? { next: `c${from + limit}` } : {}),
    });
  }

  private change(title: ApiTitle, verb: 'cancel' | 'retry', response: ServerResponse): void {
    const updatedAt = new Date().toISOString();
    const { error: _error, finishedAt: _finished, ...rest } = title;
    const changed: ApiTitle =
      verb === 'cancel'
        ? { ...title, state: 'cancelling', updatedAt }
        : { ...rest, state: 'queued', attempt: title.attempt + 1, updatedAt };
    this.titles = this.titles.map((other) => (other.id === title.id ? changed : other));
    send(response, 202, titleSchema, changed);
  }

  private replay(id: number, response: ServerResponse): void {
    const delivery = Object.values(this.deliveries)
      .flat()
      .find((candidate) => candidate.id === id);
    if (!delivery) return sendProblem(response, 404, 'DELIVERY_NOT_FOUND', `there is no delivery ${id}`);
    Object.assign(delivery, { state: 'pending', attempts: 0 });
    response.writeHead(202).end();
  }

  private sendFile(name: string, response: ServerResponse): void {
    const file = this.files[name];
    if (!file) return sendProblem(response, 404, 'FILE_NOT_FOUND', 'the title has no such published file');
    response.writeHead(200, { 'content-type': file.type, 'content-length': file.body.length }).end(file.body);
  }

  private openStream(
    response: ServerResponse,
    titleId: string | undefined,
    lastEventId: string | undefined,
  ): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 50\n\n');
    const stream = { titleId, response };
    const after = lastEventId === undefined ? this.log.length : Number(lastEventId);
    for (const event of this.log.slice(after)) this.sendEvent(stream, event);
    this.streams.add(stream);
    response.on('close', () => this.streams.delete(stream));
  }
}

function send<T>(response: ServerResponse, status: number, schema: z.ZodType<T>, body: T): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(schema.parse(body)));
}

export function problemOf(status: number, code: string, detail: string, hint?: string): Problem {
  return {
    type: `https://hullcast.dev/problems/${code}`,
    ...{ title: code, status, detail, code, errorId: 'e-0123456789' },
    ...(hint === undefined ? {} : { hint }),
  };
}

function sendProblem(response: ServerResponse, status: number, code: string, detail: string): void {
  send(response, status, problemSchema, problemOf(status, code, detail));
}
