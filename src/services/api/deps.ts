import type { FastifyBaseLogger, FastifyInstance, FastifyPluginCallback, RawServerDefault } from 'fastify';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import type { Logger } from 'pino';
import type { Database } from '../../db/index.js';
import type { ForeignObjects, ObjectStore } from '../../storage/index.js';
import type { CallbackPolicy } from '../webhooks/index.js';
import type { Director } from './director.js';
import type { UploadBytes } from './uploads/bytes.js';
import type { Locker } from './uploads/locks.js';

/** The server, with requests and answers checked by schemas. */
export type Api = FastifyInstance<
  RawServerDefault,
  IncomingMessage,
  ServerResponse,
  FastifyBaseLogger,
  ZodTypeProvider
>;

/** Objects of buckets other than the own store's. */
export type Masters = Pick<ForeignObjects, 'headObject'>;

export interface ApiLimits {
  /** Bytes of one upload. */
  uploadBytes: number;
  /** Bytes of one chunk that is sent with a checksum: it is kept aside until it has been compared. */
  checkedChunkBytes: number;
  /** Seconds until an upload is removed, from its beginning, and from its end unless a title is made of it. */
  uploadSeconds: number;
  /** Seconds between two looks for uploads to remove. */
  sweepSeconds: number;
  /** Requests a minute of one address, and of one token. */
  addressPerMinute: number;
  tokenPerMinute: number;
  /** Failed authentications a minute of one address. */
  failuresPerMinute: number;
  /** Event streams at once: of all clients, and of one token. */
  streams: number;
  streamsPerToken: number;
  /** Seconds until a stream is ended; clients come back with Last-Event-ID. */
  streamSeconds: number;
  /** Bytes of a JSON body, and of the headers. */
  bodyBytes: number;
  headerBytes: number;
  /** Seconds that a request may take, headers and body and answer; uploads and downloads are not among them. */
  requestSeconds: number;
  /** Seconds after which a silent connection is closed. */
  idleSeconds: number;
  /** Connections at once. */
  connections: number;
}

export const DEFAULT_LIMITS: ApiLimits = {
  uploadBytes: 2 ** 40,
  checkedChunkBytes: 2 ** 30,
  uploadSeconds: 3 * 86_400,
  sweepSeconds: 600,
  addressPerMinute: 3000,
  tokenPerMinute: 1500,
  failuresPerMinute: 20,
  streams: 500,
  streamsPerToken: 50,
  streamSeconds: 15 * 60,
  bodyBytes: 256 * 1024,
  headerBytes: 16 * 1024,
  requestSeconds: 30,
  idleSeconds: 90,
  connections: 4000,
};

/** Pages for administrators alone. */
export interface AdminPages {
  /** Below which they are, e.g. /admin/queues. */
  path: string;
  /** Its routes are registered below the path. */
  plugin: FastifyPluginCallback;
}

export interface ApiDeps {
  db: Database;
  store: ObjectStore;
  director: Director;
  log: Logger;
  /** hullcast's, for the document. */
  version: string;
  /** Where unfinished uploads lie, beside the object store. */
  uploads: UploadBytes;
  /** Keeps two requests from writing one upload; of this process alone unless given. */
  uploadLocks?: Locker;
  /** Folder for chunks whose checksum is not yet known to be right. */
  scratch: string;
  /** Profiles by name: the options (plain JSON) that each stands for. */
  profiles: Readonly<Record<string, unknown>>;
  masters: Masters;
  /** Buckets that masters may be in; `*` for all that the server can read. */
  masterBuckets: readonly string[];
  /** Undefined where webhooks are not configured: then there are no callback URLs. */
  callbacks?: CallbackPolicy;
  /** Removes a title's published files. */
  removeFiles(titleId: string): Promise<void>;
  /** Origins whose pages may use the API; `*` for all. None unless given. */
  corsOrigins?: readonly string[];
  /** None unless given. */
  admin?: AdminPages;
  /** Addresses (CIDR) of proxies whose X-Forwarded-For counts. None unless given. */
  trustedProxies?: readonly string[];
  limits?: Partial<ApiLimits>;
}

/** ApiDeps with every limit decided. */
export interface ApiContext extends ApiDeps {
  limits: ApiLimits;
}
