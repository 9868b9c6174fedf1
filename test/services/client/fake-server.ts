import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { type IncomingMessage, type Server, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { FileStore } from '@tus/file-store';
import { Server as TusServer } from '@tus/server';
import type { z } from 'zod';
import {
  type ApiEvent,
  type ApiTitle,
  type Progress,
  type Submit,
  eventSchema,
  problemSchema,
  progressSchema,
  submitSchema,
  titlePageSchema,
  titleSchema,
} from '../../../src/services/api/index.js';

export const TOKEN = 'right.token';

/** What is done to a request instead of, or before, answering it. */
export type Fault = (
  request: IncomingMessage,
  response: ServerResponse,
) => 'handled' | 'pass' | Promise<'handled' | 'pass'>;

interface FakeOptions {
  /** Compares chunks with Upload-Checksum, and says so. */
  checksums?: boolean;
  /** Age at which unfinished uploads are gone. */
  expireMs?: number;
}

export interface FakeServer {
  url: string;
  /** Method and path of every request that came, in order. */
  requests: string[];
  titles: Map<string, ApiTitle>;
  /** Submissions that came, answered again ones too. */
  submissions: { key: string | undefined; request: z.output<typeof submitSchema> }[];
  /** Asked about every request, the first that handles it wins; those that return `pass` too. */
  faults: Fault[];
  /** Milliseconds from a chunk's arrival to its answer. */
  chunkDelayMs: number;
  uploads: TusUploads;
  /** A title in this state, made directly. */
  add(title: Partial<ApiTitle> & Pick<ApiTitle, 'id'>): ApiTitle;
  /** Changes a title and tells who listens. */
  change(id: string, change: Partial<ApiTitle>): void;
  tell(progress: Progress): void;
  /** Streams of events that are open. */
  streams(): number;
  /** Stops listening and cuts every connection; what it knows stays. */
  stop(): Promise<void>;
  /** Listens again, at the same address. */
  start(): Promise<void>;
  close(): Promise<void>;
}

/** The answer's JSON, held against the contract: a fake that breaks it would prove nothing. */
function answer(response: ServerResponse, status: number, schema: z.ZodType, value: unknown): void {
  const type = status < 400 ? 'application/json' : 'application/problem+json';
  response.writeHead(status, { 'content-type': type }).end(JSON.stringify(schema.parse(value)));
}

export function problem(
  response: ServerResponse,
  status: number,
  code: string,
  more: {
    detail?: string;
    hint?: string;
    errors?: { path: string; message: string }[];
    retryAfter?: number;
  } = {},
): 'handled' {
  const { detail = code.toLowerCase(), retryAfter, ...rest } = more;
  if (retryAfter !== undefined) response.setHeader('retry-after', String(retryAfter));
  const type = `https://hullcast.dev/problems/${code}`;
  answer(response, status, problemSchema, {
    type,
    title: code,
    status,
    detail,
    code,
    errorId: 'e1d',
    ...rest,
  });
  return 'handled';
}

/** A fault that is used `times` times, for requests of this method and path. */
export function once(method: string, path: RegExp, fault: Fault, times = 1): Fault {
  let left = times;
  return (request, response) => {
    if (request.method !== method || !path.test(request.url ?? '') || left === 0) return 'pass';
    left -= 1;
    return fault(request, response);
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

const RESULT: ApiTitle['result'] = {
  ...{ frames: 240, fps: '24/1', width: 1280, height: 720, findings: 1 },
  renditions: [
    {
      id: 'h264-720p',
      codec: 'h264',
      width: 1280,
      height: 720,
      averageBitrate: 2_400_000,
      peakBitrate: 4e6,
      vmaf: 94.95,
    },
  ],
  cost: { wallSeconds: 61, cpuSeconds: 120.4, encodes: 12, cacheHits: 3 },
  manifests: ['master.m3u8', 'manifest.mpd'],
};

/** What a change to these states brings along. */
export const DONE: Partial<ApiTitle> = { state: 'done', result: RESULT };

const ENDED = ['done', 'failed', 'cancelled'];
const TYPES = {
  queued: 'title.submitted',
  running: 'title.started',
  cancelling: 'title.started',
  done: 'title.published',
  failed: 'title.failed',
  cancelled: 'title.cancelled',
} as const;

/** tus by the reference server, with the checksums that it lacks. */
class TusUploads {
  private readonly tus: TusServer;

  constructor(
    readonly folder: string,
    private readonly options: FakeOptions,
  ) {
    const datastore = new FileStore({
      directory: folder,
      ...(options.expireMs === undefined ? {} : { expirationPeriodInMilliseconds: options.expireMs }),
    });
    // A proxy made something else of the host: nobody should believe it.
    this.tus = new TusServer({
      path: '/v1/uploads',
      datastore,
      generateUrl: (_, { id }) => `http://evil.example/x/${id}`,
    });
  }

  /** The bytes of an upload, as far as they are there. */
  bytes(id: string): Promise<Buffer> {
    return readFile(join(this.folder, id));
  }

  async handle(request: IncomingMessage, response: ServerResponse, delayMs: number): Promise<void> {
    const checksum = request.headers['upload-checksum'] as string | undefined;
    const headers = new Headers();
    for (const [name, value] of Object.entries(request.headers)) headers.set(name, String(value));
    let body: unknown;
    if (request.method === 'PATCH') {
      if (this.options.checksums) {
        const chunk = await bodyOf(request);
        const [algorithm = 'none', digest] = checksum?.split(' ') ?? [];
        if (algorithm !== 'sha256' || createHash(algorithm).update(chunk).digest('base64') !== digest) {
          problem(response, 460, 'UPLOAD_CHECKSUM');
          return;
        }
        body = chunk;
      } else body = Readable.toWeb(request);
      await new Promise((done) => setTimeout(done, delayMs));
    }
    const web = new Request(`http://localhost${request.url}`, {
      ...{ method: request.method!, headers },
      ...(body === undefined ? {} : { body: body as ReadableStream, duplex: 'half' }),
    });
    const result = await this.tus.handleWeb(web);
    result.headers.forEach((value, name) => response.setHeader(name, value));
    if (this.options.checksums) {
      if (request.method === 'OPTIONS') {
        response.setHeader('tus-extension', `${result.headers.get('tus-extension')},checksum`);
        response.setHeader('tus-checksum-algorithm', 'md5,sha1,sha256');
      }
    }
    response.writeHead(result.status).end(Buffer.from(await result.arrayBuffer()));
  }
}

class Fake implements FakeServer {
  readonly requests: string[] = [];
  readonly titles = new Map<string, ApiTitle>();
  readonly submissions: FakeServer['submissions'] = [];
  readonly faults: Fault[] = [];
  chunkDelayMs = 0;
  url = '';
  private readonly keys = new Map<string, { id: string; request: string }>();
  private readonly log: ApiEvent[] = [];
  private readonly listeners = new Set<{ titleId: string; response: ServerResponse }>();
  private server: Server | undefined;
  private port = 0;

  constructor(readonly uploads: TusUploads) {}

  add({ id, ...more }: Partial<ApiTitle> & Pick<ApiTitle, 'id'>): ApiTitle {
    const at = new Date(Date.UTC(2026, 0, 2, 3, this.titles.size)).toISOString();
    const title = titleSchema.parse({
      ...{ id, name: 'clip.mov', state: 'queued', profile: 'default', priority: 5, attempt: 1 },
      ...{ createdAt: at, updatedAt: at },
      ...more,
    });
    this.titles.set(id, title);
    this.publish(title);
    return title;
  }

  change(id: string, change: Partial<ApiTitle>): void {
    const title = titleSchema.parse({ ...this.titles.get(id)!, ...change });
    this.titles.set(id, title);
    this.publish(title);
  }

  tell(progress: Progress): void {
    const data = JSON.stringify(progressSchema.parse(progress));
    this.send(progress.titleId, `event: progress\ndata: ${data}\n\n`);
  }

  streams(): number {
    return this.listeners.size;
  }

  private publish(title: ApiTitle): void {
    const event = eventSchema.parse({
      ...{
        id: this.log.length + 1,
        type: TYPES[title.state],
        titleId: title.id,
        at: title.updatedAt,
        data: title,
      },
    });
    this.log.push(event);
    this.send(title.id, frame(event));
  }

  private send(titleId: string, text: string): void {
    for (const one of this.listeners) if (one.titleId === titleId) one.response.write(text);
  }

  async start(): Promise<void> {
    const server = createServer((request, response) => {
      this.handle(request, response).catch((error: unknown) => {
        // A cut connection ends what was being answered.
        if (!request.socket.destroyed) response.writeHead(500).end(String(error));
      });
    });
    await new Promise<void>((resolve) => server.listen(this.port, '127.0.0.1', resolve));
    this.server = server;
    this.port = (server.address() as AddressInfo).port;
    this.url = `http://127.0.0.1:${this.port}`;
  }

  async stop(): Promise<void> {
    const { server } = this;
    this.server = undefined;
    this.listeners.clear();
    if (!server) return;
    await new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  }

  async close(): Promise<void> {
    await this.stop();
    await rm(this.uploads.folder, { recursive: true, force: true });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { pathname, searchParams } = new URL(request.url!, 'http://localhost');
    this.requests.push(`${request.method} ${pathname}`);
    for (const fault of this.faults) if ((await fault(request, response)) === 'handled') return;
    if (request.method !== 'OPTIONS' && request.headers.authorization !== `Bearer ${TOKEN}`) {
      return void problem(response, 401, 'TOKEN_INVALID', {
        detail: 'the token is unknown',
        hint: 'Ask for one.',
      });
    }
    if (pathname.startsWith('/v1/uploads')) return this.uploads.handle(request, response, this.chunkDelayMs);
    const [, id, action] = /^\/v1\/titles(?:\/([^/]+)(?:\/(\w+))?)?$/.exec(pathname) ?? [];
    if (id === undefined) {
      return request.method === 'POST' ? this.submit(request, response) : this.list(searchParams, response);
    }
    if (id === 'check' && request.method === 'POST') return void response.writeHead(204).end();
    const title = this.titles.get(decodeURIComponent(id));
    if (!title) return void problem(response, 404, 'TITLE_NOT_FOUND', { detail: `there is no title ${id}` });
    if (action === 'events') return this.stream(request, response, title.id);
    if (action === undefined) return answer(response, 200, titleSchema, title);
    return this.act(action, title, response);
  }

  private act(action: string, { id, state, attempt }: ApiTitle, response: ServerResponse): void {
    if (action === 'cancel') {
      if (ENDED.includes(state))
        return void problem(response, 409, 'TITLE_ENDED', { detail: `the title is ${state}` });
      this.change(id, { state: 'cancelling' });
    } else {
      if (!ENDED.includes(state)) return void problem(response, 409, 'TITLE_NOT_ENDED');
      if (state === 'done') return void problem(response, 409, 'TITLE_DONE');
      this.change(id, { state: 'queued', attempt: attempt + 1, error: undefined });
    }
    answer(response, 202, titleSchema, this.titles.get(id));
  }

  private async submit(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const text = (await bodyOf(request)).toString();
    const parsed = submitSchema.safeParse(JSON.parse(text));
    if (!parsed.success) return void problem(response, 400, 'REQUEST_INVALID');
    const key = request.headers['idempotency-key'] as string | undefined;
    this.submissions.push({ key, request: parsed.data });
    const before = key === undefined ? undefined : this.keys.get(key);
    if (before) {
      if (before.request !== text) return void problem(response, 422, 'IDEMPOTENCY_MISMATCH');
      return answer(response, 200, titleSchema, this.titles.get(before.id));
    }
    const id = `t${this.titles.size + 1}`;
    if (key !== undefined) this.keys.set(key, { id, request: text });
    const { profile, priority, externalId, metadata, callbackUrl } = parsed.data satisfies Submit;
    const title = this.add({ id, profile, priority, externalId, metadata, callbackUrl });
    answer(response, 201, titleSchema, title);
  }

  private list(query: URLSearchParams, response: ServerResponse): void {
    const states = query.getAll('state');
    const all = [...this.titles.values()]
      .reverse()
      .filter(
        ({ state, externalId }) =>
          (states.length === 0 || states.includes(state)) &&
          (!query.has('externalId') || externalId === query.get('externalId')),
      );
    const from = Number(query.get('cursor') ?? 0);
    const limit = Number(query.get('limit'));
    if (!(limit >= 1 && limit <= 200)) return void problem(response, 400, 'REQUEST_INVALID');
    const next = from + limit < all.length ? String(from + limit) : undefined;
    answer(response, 200, titlePageSchema, { titles: all.slice(from, from + limit), next });
  }

  private stream(request: IncomingMessage, response: ServerResponse, titleId: string): void {
    const after = Number(request.headers['last-event-id'] ?? 0);
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write('retry: 50\n\n');
    for (const event of this.log)
      if (event.titleId === titleId && event.id > after) response.write(frame(event));
    const listener = { titleId, response };
    this.listeners.add(listener);
    response.once('close', () => this.listeners.delete(listener));
  }
}

function frame(event: ApiEvent): string {
  return `event: title\nid: ${event.id}\ndata: ${JSON.stringify(event)}\n\n`;
}

/** A server of the contract without anything behind it: titles are what tests make of them, uploads are real. */
export async function fakeServer(options: FakeOptions = {}): Promise<FakeServer> {
  const folder = await mkdtemp(join(tmpdir(), 'hullcast-uploads-'));
  const server = new Fake(new TusUploads(folder, options));
  await server.start();
  return server;
}
