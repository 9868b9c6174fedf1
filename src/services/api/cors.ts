import type { FastifyReply, FastifyRequest } from 'fastify';

const METHODS = 'GET, HEAD, POST, PATCH, DELETE, OPTIONS';
const SENT =
  'Authorization, Content-Type, Idempotency-Key, If-None-Match, If-Range, Last-Event-ID, Range, Tus-Resumable, ' +
  'Upload-Checksum, Upload-Length, Upload-Metadata, Upload-Offset, X-HTTP-Method-Override, X-Requested-With';
const EXPOSED =
  'Accept-Ranges, Content-Length, Content-Range, ETag, Hullcast-Problem, Location, Retry-After, ' +
  'Tus-Checksum-Algorithm, Tus-Extension, Tus-Max-Size, Tus-Resumable, Tus-Version, Upload-Expires, Upload-Length, ' +
  'Upload-Metadata, Upload-Offset, WWW-Authenticate';

/** What pages of other origins may send, and read of answers: lists for headers. */
export interface CrossOriginHeaders {
  methods: string;
  sent: string;
  exposed: string;
}

const API_HEADERS: CrossOriginHeaders = { methods: METHODS, sent: SENT, exposed: EXPOSED };

/** The Access-Control-Allow-Origin for a page's origin; undefined where its pages may not use the API. */
export function allowedOrigin(origin: string | undefined, origins: readonly string[]): string | undefined {
  if (origin === undefined) return undefined;
  if (origins.includes('*')) return '*';
  return origins.includes(origin) ? origin : undefined;
}

/**
 * Says which pages may read answers. Callers are known by a header that a page must set itself, never by cookies, so no
 * origin is ever allowed credentials. True where the request was a browser's preflight, which needs no token.
 */
export function crossOrigin(
  request: FastifyRequest,
  reply: FastifyReply,
  origins: readonly string[],
  { methods, sent, exposed }: CrossOriginHeaders = API_HEADERS,
): boolean {
  if (origins.length > 0) void reply.header('vary', 'Origin');
  const { origin, 'access-control-request-method': asked } = request.headers;
  const allowed = allowedOrigin(origin, origins);
  if (allowed !== undefined) {
    void reply
      .header('access-control-allow-origin', allowed)
      .header('access-control-expose-headers', exposed);
  }
  if (request.method !== 'OPTIONS' || asked === undefined) return false;
  if (allowed !== undefined) {
    void reply
      .header('access-control-allow-methods', methods)
      .header('access-control-allow-headers', sent)
      .header('access-control-max-age', '86400');
  }
  return true;
}
