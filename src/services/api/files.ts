import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import type { Title } from '../../db/index.js';
import { HullcastError } from '../../errors.js';
import { type ObjectStore, type StoredObject } from '../../storage/index.js';
import { mimeType, parseRange } from '../../web/index.js';
import type { Api, ApiContext } from './deps.js';
import { BINARY, type DocumentedOperation, type Headers, refusals } from './openapi-operation.js';
import { findTitle, titleParams } from './titles.js';

/** Where a title's published files are in the object store. */
export function titlePrefix(id: string): string {
  return `titles/${id}/`;
}

function noFile(): HullcastError {
  return new HullcastError('FILE_NOT_FOUND', 'the title has no such published file');
}

/** Undefined also for paths that cannot be objects' keys, `..` and the like. */
async function statObject(store: ObjectStore, key: string): Promise<StoredObject | undefined> {
  try {
    return await store.stat(key);
  } catch (error) {
    if (error instanceof HullcastError && error.code === 'OBJECT_KEY') return undefined;
    throw error;
  }
}

/** Published files never change, so the title's end and the size name the bytes behind a path. */
function entityTag({ attempt, finishedAt = '' }: Title, bytes: number): string {
  return `"${attempt}-${Date.parse(finishedAt)}-${bytes}"`;
}

/** Whether a list of entity tags (If-None-Match) has this one, compared weakly (RFC 9110, 13.1.2). */
function matches(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  const tags = header.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}

/** The Range header, unless it depends on another version of the file than there is. */
function rangeHeader(request: FastifyRequest, etag: string): string | undefined {
  const { range, 'if-range': condition } = request.headers;
  return condition === undefined || condition === etag ? range : undefined;
}

async function sendFile(
  { store }: ApiContext,
  title: Title,
  path: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  const key = titlePrefix(title.id) + path;
  const found = title.state === 'done' ? await statObject(store, key) : undefined;
  if (!found) throw noFile();
  const { bytes } = found;
  const etag = entityTag(title, bytes);
  const ofFile = { etag, 'accept-ranges': 'bytes', 'cache-control': 'private, max-age=3600' };
  if (matches(request.headers['if-none-match'], etag)) return reply.code(304).headers(ofFile).send();

  // Ranges are of GET alone (RFC 9110, 14.2).
  const range = parseRange(request.method === 'GET' ? rangeHeader(request, etag) : undefined, bytes);
  if (range === 'unsatisfiable') {
    void reply.headers({
      'accept-ranges': 'bytes',
      'content-range': `bytes */${bytes}`,
      'cache-control': 'no-store',
    });
    throw new HullcastError('RANGE_INVALID', `the file has ${bytes} bytes`);
  }
  const length = range === 'whole' ? bytes : range.end - range.start + 1;
  // Before anything is said of the file: an answer that it cannot be read must not be kept as long as the file may be.
  const body =
    request.method === 'HEAD' || bytes === 0
      ? ''
      : (await store.open(key, range === 'whole' ? undefined : range)).body;
  void reply.headers({
    ...ofFile,
    'content-type': mimeType(path),
    'content-length': length,
    // Reports are pages: as such they may do nothing with the dashboard, which has the same origin.
    'content-security-policy':
      "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; " +
      "style-src 'unsafe-inline'; img-src data:",
  });
  if (range !== 'whole')
    void reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${bytes}`);
  return reply.send(body);
}

const OF_FILE: Headers = {
  ETag: { description: 'names these bytes', schema: { type: 'string' }, required: true },
  'Accept-Ranges': { description: 'bytes', schema: { type: 'string' }, required: true },
  'Cache-Control': { description: 'how long they may be kept', schema: { type: 'string' }, required: true },
};
const OF_BYTES: Headers = {
  ...OF_FILE,
  'Content-Security-Policy': {
    description: 'what a page may do',
    schema: { type: 'string' },
    required: true,
  },
};
const CONTENT_RANGE: Headers = {
  'Content-Range': { description: 'which bytes, of how many', schema: { type: 'string' }, required: true },
};
const content = { '*/*': { schema: BINARY } };

/** What the document says of a file, whose type is its own. */
const WHOLE: DocumentedOperation = {
  headers: {
    'If-None-Match': { description: 'ETags of what the client has', schema: { type: 'string' } },
  },
  responses: {
    200: { description: 'The file', headers: OF_BYTES, content },
    304: { description: 'The client has it', headers: OF_FILE },
    ...refusals(['TITLE_NOT_FOUND', 'FILE_NOT_FOUND'], {}),
  },
};
const IN_RANGES: DocumentedOperation = {
  headers: {
    ...WHOLE.headers,
    Range: { description: 'the bytes that are wanted, one range of them', schema: { type: 'string' } },
    'If-Range': { description: 'the ETag that Range is meant for', schema: { type: 'string' } },
  },
  responses: {
    ...WHOLE.responses,
    206: { description: 'The range', headers: { ...OF_BYTES, ...CONTENT_RANGE }, content },
    ...refusals(['RANGE_INVALID'], {
      'Accept-Ranges': OF_FILE['Accept-Ranges']!,
      'Cache-Control': { ...OF_FILE['Cache-Control']!, description: 'no-store' },
      'Content-Range': { ...CONTENT_RANGE['Content-Range']!, description: 'how many bytes there are' },
    }),
  },
};

/** What titles published. */
export function fileRoutes(api: Api, context: ApiContext): void {
  for (const [method, operation] of [
    ['GET', IN_RANGES],
    ['HEAD', WHOLE],
  ] as const) {
    api.route({
      method,
      url: '/titles/:id/files/*',
      exposeHeadRoute: false,
      // Fastify Swagger leaves HEAD out where it is not told.
      config: { scope: 'read', streams: true, swagger: { exposeHeadRoute: true } },
      schema: {
        tags: ['titles'],
        summary: 'A published file: manifests, segments, report.json, report.html',
        params: titleParams.extend({ '*': z.string().describe('path below the title') }),
        'x-operation': operation,
      },
      handler: async (request, reply) => {
        const title = await findTitle(context, request.params.id);
        return sendFile(context, title, request.params['*'], request, reply);
      },
    });
  }
}
