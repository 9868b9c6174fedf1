import { rm } from 'node:fs/promises';
import type { FastifyReply, FastifyRequest, RouteShorthandOptions } from 'fastify';
import { z } from 'zod';
import { HullcastError } from '../../../errors.js';
import { callerOf } from '../auth.js';
import type { Api, ApiContext } from '../deps.js';
import type { DocumentedOperation } from '../openapi-operation.js';
import { bodyStream, discardRest, fileStream } from './body.js';
import { CHECKSUM_ALGORITHMS, checkedChunk, parseChecksum } from './checksum.js';
import { BYTES, VERSION, able, asking, beginning, givingUp, overriding, sending } from './document.js';
import type { Tus, TusRequest } from './tus.js';

/** Headers of the tus server's answers that are passed on; the others are the API's own. */
const ANSWERED = [
  'location',
  'upload-offset',
  'upload-length',
  'upload-metadata',
  'tus-version',
  'tus-extension',
  'tus-max-size',
  'cache-control',
];

const uploadParams = z.object({ id: z.string().max(64) });
const note =
  'tus 1.0 (https://tus.io/protocols/resumable-upload) with creation, creation-with-upload, termination, expiration ' +
  'and checksum.';

/** What the tus server gets to see of a request's headers. */
function tusHeaders(request: FastifyRequest): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) {
    if (typeof value === 'string' && /^(tus-|upload-|content-(type|length)$)/.test(name))
      headers.set(name, value);
  }
  return headers;
}

/** The method that a client behind a proxy that knows only GET and POST means. */
function methodOf(request: FastifyRequest): string {
  const meant = request.headers['x-http-method-override'];
  if (request.method !== 'POST' || typeof meant !== 'string') return request.method;
  if (['HEAD', 'PATCH', 'DELETE', 'POST'].includes(meant.toUpperCase())) return meant.toUpperCase();
  throw new HullcastError('TUS_REQUEST', `X-HTTP-Method-Override: there is no ${JSON.stringify(meant)}`);
}

class UploadRequests {
  /** Those under way, each with what ends it. */
  private readonly running = new Map<AbortController, Promise<FastifyReply>>();
  private stopped = false;

  constructor(
    private readonly context: ApiContext,
    private readonly tus: Tus,
  ) {}

  async answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const stop = new AbortController();
    if (this.stopped) stop.abort();
    const answering = this.check(request, reply, stop.signal);
    this.running.set(stop, answering);
    try {
      return await answering;
    } finally {
      this.running.delete(stop);
    }
  }

  /** Ends uploads where they are: their bytes so far are kept. Resolves when all of them are answered. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const stop of this.running.keys()) stop.abort();
    await Promise.allSettled(this.running.values());
  }

  private async check(
    request: FastifyRequest,
    reply: FastifyReply,
    signal: AbortSignal,
  ): Promise<FastifyReply> {
    void reply.header('tus-resumable', VERSION);
    try {
      return await this.pass(request, reply, signal);
    } catch (error) {
      if (error instanceof HullcastError && error.code === 'TUS_VERSION')
        void reply.header('tus-version', VERSION);
      throw error;
    } finally {
      discardRest(request.raw);
    }
  }

  private async pass(
    request: FastifyRequest,
    reply: FastifyReply,
    signal: AbortSignal,
  ): Promise<FastifyReply> {
    const method = methodOf(request);
    const { id } = request.params as { id?: string };
    const caller = callerOf(request);
    const headers = tusHeaders(request);
    const withBytes = headers.get('content-type') === BYTES && (method === 'PATCH' || method === 'POST');
    if (method === 'PATCH' && !withBytes) throw new HullcastError('MEDIA_TYPE', `PATCH takes ${BYTES}`);
    const path = id === undefined ? '/v1/uploads' : `/v1/uploads/${encodeURIComponent(id)}`;
    const base = { method, path, headers, caller, signal };
    const response = withBytes
      ? await this.withBody(base, request, id)
      : await this.tus.handle({ ...base, body: undefined });
    for (const name of ANSWERED) {
      const value = response.headers.get(name);
      if (value !== null) void reply.header(name, value);
    }
    await this.addExpiry(response, id, reply);
    return reply.code(response.status).send();
  }

  /** Hands over the body as it comes, or, where it has a checksum, when it is known to be right. */
  private async withBody(
    { signal, ...base }: Omit<TusRequest, 'body'> & { signal: AbortSignal },
    request: FastifyRequest,
    id: string | undefined,
  ): Promise<Response> {
    const header = base.headers.get('upload-checksum');
    if (header === null) return this.tus.handle({ ...base, body: bodyStream(request.raw, signal) });
    const checksum = parseChecksum(header);
    if (id !== undefined) await this.tus.own(id, base.caller);
    const { scratch, limits } = this.context;
    const chunk = await checkedChunk(request.raw, checksum, scratch, limits.checkedChunkBytes, signal);
    try {
      base.headers.set('content-length', String(chunk.bytes));
      return await this.tus.handle({ ...base, body: fileStream(chunk.path) });
    } finally {
      await rm(chunk.path, { force: true });
    }
  }

  /** Unfinished uploads say when they will be removed. */
  private async addExpiry(response: Response, id: string | undefined, reply: FastifyReply): Promise<void> {
    const known = id ?? response.headers.get('location')?.split('/').at(-1);
    const row = known === undefined ? undefined : await this.context.db.uploads.get(known);
    if (row && row.finishedAt === undefined)
      void reply.header('upload-expires', new Date(row.expiresAt).toUTCString());
  }
}

/** The resumable uploads. */
export function uploadRoutes(api: Api, context: ApiContext, tus: Tus): void {
  const requests = new UploadRequests(context, tus);
  const answer = requests.answer.bind(requests);
  api.addHook('preClose', () => requests.stop());
  // The body is the tus server's to read, whatever a client calls it.
  api.removeAllContentTypeParsers();
  api.addContentTypeParser('*', (_request, _payload, done) => done(null));

  const route = (summary: string, operation: DocumentedOperation): RouteShorthandOptions => ({
    // What answers to HEAD alone must be in the document by itself.
    config: { scope: 'submit', swagger: { exposeHeadRoute: true } },
    schema: { tags: ['uploads'], summary, description: note, 'x-operation': operation },
  });
  const one = (summary: string, operation: DocumentedOperation): RouteShorthandOptions => ({
    ...route(summary, operation),
    schema: { ...route(summary, operation).schema, params: uploadParams },
  });
  // Those that take bytes take as long as there are any; the others are answered in a request's time.
  const bytes = (options: RouteShorthandOptions): RouteShorthandOptions => ({
    ...options,
    config: { ...options.config, streams: true },
  });
  api.post('/uploads', bytes(route('Begin an upload', beginning)), answer);
  api.head('/uploads/:id', one('How far an upload is', asking), answer);
  api.patch('/uploads/:id', bytes(one('Send the next bytes of an upload', sending)), answer);
  api.delete('/uploads/:id', one('Give up an unfinished upload', givingUp), answer);
  const other = 'Another method, named by X-HTTP-Method-Override';
  api.post('/uploads/:id', bytes(one(other, overriding)), answer);

  const options = (_request: FastifyRequest, reply: FastifyReply): FastifyReply =>
    reply
      .code(204)
      .headers({
        'tus-resumable': VERSION,
        'tus-version': VERSION,
        'tus-extension': tus.store.extensions.join(','),
        'tus-max-size': String(context.limits.uploadBytes),
        'tus-checksum-algorithm': CHECKSUM_ALGORITHMS.join(','),
      })
      .send();
  const about = { tags: ['uploads'], summary: 'What the server can do', security: [], 'x-operation': able };
  const open: RouteShorthandOptions['config'] = { scope: 'none' };
  api.options('/uploads', { config: open, schema: about }, options);
  api.options('/uploads/:id', { config: open, schema: { ...about, params: uploadParams } }, options);
}
