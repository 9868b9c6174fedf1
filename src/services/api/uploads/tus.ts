import { randomBytes } from 'node:crypto';
import { ERRORS, Server, type Upload } from '@tus/server';
import type { Token, Upload as Row } from '../../../db/index.js';
import { HullcastError } from '../../../errors.js';
import type { ApiContext } from '../deps.js';
import { fileName } from '../names.js';
import { uploadOffset } from './bytes.js';
import { type Locker, processLocks } from './locks.js';
import { UploadStore, uploadNotFound } from './store.js';

/** A request in the form that the tus server takes. */
export interface TusRequest {
  method: string;
  /** Path of the URL. */
  path: string;
  headers: Headers;
  body: ReadableStream<Uint8Array> | undefined;
  caller: Token;
}

export interface Tus {
  /** The tus server's answer; throws a HullcastError where it refuses. */
  handle(request: TusRequest): Promise<Response>;
  /** The caller's own upload, finished or not. Throws UPLOAD_NOT_FOUND, UPLOAD_FOREIGN, UPLOAD_EXPIRED. */
  own(id: string, caller: Token): Promise<Row>;
  store: UploadStore;
  locker: Locker;
}

/** What the tus server throws, by identity, in words of the API. */
const REFUSALS = new Map<unknown, () => HullcastError>([
  [ERRORS.FILE_NOT_FOUND, uploadNotFound],
  [ERRORS.FILE_NO_LONGER_EXISTS, uploadNotFound],
  [ERRORS.MISSING_OFFSET, () => new HullcastError('TUS_REQUEST', 'the header Upload-Offset is missing')],
  [
    ERRORS.INVALID_CONTENT_TYPE,
    () => new HullcastError('MEDIA_TYPE', 'PATCH takes application/offset+octet-stream'),
  ],
  [ERRORS.INVALID_OFFSET, uploadOffset],
  [
    ERRORS.INVALID_LENGTH,
    () => new HullcastError('UPLOAD_LENGTH', 'say the length of the upload in the header Upload-Length'),
  ],
  [
    ERRORS.INVALID_METADATA,
    () => new HullcastError('UPLOAD_METADATA', 'Upload-Metadata is no list of keys and base64 values'),
  ],
  [
    ERRORS.INVALID_TERMINATION,
    () =>
      new HullcastError('UPLOAD_FINISHED', 'a finished upload cannot be terminated', {
        hint: 'It is removed by itself when it expires, unless a title is made of it.',
      }),
  ],
  [
    ERRORS.ERR_SIZE_EXCEEDED,
    () => new HullcastError('UPLOAD_OVERRUN', 'the chunk goes beyond what Upload-Length said'),
  ],
  [
    ERRORS.ERR_MAX_SIZE_EXCEEDED,
    () => new HullcastError('UPLOAD_TOO_LARGE', 'the upload is larger than this server takes (Tus-Max-Size)'),
  ],
  [
    ERRORS.UNSUPPORTED_CONCATENATION_EXTENSION,
    () =>
      new HullcastError('TUS_UNSUPPORTED', 'uploads cannot be joined', {
        hint: 'Send one upload, in order.',
      }),
  ],
  [
    ERRORS.UNSUPPORTED_CREATION_DEFER_LENGTH_EXTENSION,
    () => new HullcastError('TUS_UNSUPPORTED', 'the length of an upload must be known when it begins'),
  ],
]);

function refusal(error: unknown): unknown {
  const known = REFUSALS.get(error);
  if (known) return known();
  // The stream limiter's, an object of its own each time: a chunk without a length went on and on.
  if ((error as { status_code?: number }).status_code === 413)
    return REFUSALS.get(ERRORS.ERR_SIZE_EXCEEDED)!();
  return error instanceof Error ? error : new Error('the tus server failed', { cause: error });
}

/** Refused before any handler: a header that tus does not allow, or none of a version that there is. */
function refusedHeader(status: number, body: string): HullcastError {
  if (status === 412 || /tus-resumable/i.test(body))
    return new HullcastError('TUS_VERSION', 'send the header `Tus-Resumable: 1.0.0`');
  return new HullcastError('TUS_REQUEST', body.trim().toLowerCase() || 'not a request of tus 1.0');
}

/** How long the last bytes of a connection may take when another one wants to go on with its upload. */
const DRAIN_MS = 1000;

function declaredName(metadata: Upload['metadata']): string {
  return fileName(metadata?.['filename'] ?? metadata?.['name'] ?? '');
}

/** tus 1.0 over the uploads of the database: who may do what, and what it is called. */
export function createTus({ db, store, uploads, uploadLocks, limits }: ApiContext): Tus {
  const callers = new WeakMap<object, Token>();
  const thrown = new WeakMap<object, unknown>();
  const locker = uploadLocks ?? processLocks();
  const datastore = new UploadStore(uploads, db.uploads, store);

  const own = async (id: string, caller: Token): Promise<Row> => {
    const row = await db.uploads.get(id);
    if (!row) throw uploadNotFound();
    if (row.tokenId !== caller.id)
      throw new HullcastError('UPLOAD_FOREIGN', 'the upload was begun with another token');
    if (row.finishedAt === undefined && Date.parse(row.expiresAt) <= Date.now())
      throw new HullcastError('UPLOAD_EXPIRED', 'the upload has expired', { hint: 'Begin a new one.' });
    return row;
  };

  const server = new Server({
    path: '/v1/uploads',
    relativeLocation: true,
    datastore,
    locker,
    lockDrainTimeout: DRAIN_MS,
    maxSize: limits.uploadBytes,
    disableTerminationForFinishedUploads: true,
    namingFunction: () => randomBytes(16).toString('hex'),
    async onIncomingRequest(request, id) {
      if (request.method !== 'POST') await own(id, callers.get(request)!);
    },
    async onUploadCreate(request, upload) {
      if (!upload.size) throw new HullcastError('UPLOAD_LENGTH', 'an upload must have at least one byte');
      await uploads.check();
      await db.uploads.create({
        id: upload.id,
        name: declaredName(upload.metadata),
        bytes: upload.size,
        tokenId: callers.get(request)!.id,
        lifetimeSeconds: limits.uploadSeconds,
      });
      return {};
    },
    onResponseError(request, error) {
      thrown.set(request, error);
      return undefined;
    },
  });

  return {
    own,
    store: datastore,
    locker,
    async handle({ method, path, headers, body, caller }) {
      const request = new Request(`http://localhost${path}`, {
        method,
        headers,
        ...(body ? { body, duplex: 'half' } : {}),
      });
      callers.set(request, caller);
      const response = await server.handleWeb(request);
      if (thrown.has(request)) throw refusal(thrown.get(request));
      if (response.status >= 400) throw refusedHeader(response.status, await response.text());
      return response;
    },
  };
}
