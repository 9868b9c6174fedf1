/** The parts of s3rver that the tests use; the package brings no types. */
declare module 's3rver' {
  import type { Server } from 'node:http';
  import type FilesystemStore from 's3rver/lib/stores/filesystem.js';

  export interface KoaContext {
    method: string;
    path: string;
    query: Record<string, string | undefined>;
    headers: Record<string, string | undefined>;
    status: number;
    type: string;
    body: unknown;
  }
  export default class S3rver {
    constructor(options: {
      address: string;
      port: number;
      silent: boolean;
      directory: string;
      vhostBuckets: boolean;
      configureBuckets: { name: string; configs?: string[] }[];
    });
    context: { store: FilesystemStore };
    middleware: ((context: KoaContext, next: () => Promise<unknown>) => Promise<unknown>)[];
    httpServer: Server;
    /** Starts to listen; gives the address. */
    run(): Promise<{ port: number }>;
  }
}

declare module 's3rver/lib/stores/filesystem.js' {
  import type { Readable } from 'node:stream';
  import type { S3Object } from 's3rver/lib/models/object.js';

  export default class FilesystemStore {
    constructor(folder: string);
    getBucketPath(bucket: string): string;
    getResourcePath(bucket: string, key: string | undefined, resource: string): string;
    getMetadata(bucket: string, key: string): Promise<Record<string, string>>;
    putMetadata(bucket: string, key: string, metadata: object, md5?: string): Promise<void>;
    existsObject(bucket: string, key: string): Promise<boolean>;
    getObject(
      bucket: string,
      key: string,
      range?: { start?: number; end?: number },
    ): Promise<S3Object | null>;
    putObject(object: S3Object): Promise<{ size: number; md5: string }>;
    copyObject(
      bucket: string,
      key: string,
      toBucket: string,
      toKey: string,
      metadata: object | null,
    ): Promise<Record<string, string>>;
    deleteObject(bucket: string, key: string): Promise<void>;
    putPart(
      bucket: string,
      uploadId: string,
      part: string,
      content: Readable,
    ): Promise<{ size: number; md5: string }>;
    putObjectMultipart(
      bucket: string,
      uploadId: string,
      parts: { number: number; etag: string }[],
    ): Promise<{ size: number; md5: string }>;
    listObjects(
      bucket: string,
      options: { startAfter?: string; prefix?: string; delimiter?: string; maxKeys: number },
    ): Promise<{ objects: S3Object[]; commonPrefixes: string[]; isTruncated: boolean }>;
  }
}

declare module 's3rver/lib/models/object.js' {
  import type { Readable } from 'node:stream';

  export class S3Object {
    constructor(bucket: string, key: string, content: Readable | null, metadata: object);
    bucket: string;
    key: string;
    content: Readable | Buffer | null;
    metadata: Record<string, string>;
    range?: { start: number; end: number };
    size: number;
  }
  export default S3Object;
}

declare module 's3rver/lib/models/error.js' {
  export default class S3Error extends Error {
    constructor(code: string, message: string, detail?: Record<string, string>);
  }
}
