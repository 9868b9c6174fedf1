import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { DeleteObjectCommand, GetObjectCommand, HeadBucketCommand } from '@aws-sdk/client-s3';
import { HullcastError } from '../../errors.js';
import { digestStream } from '../digest.js';
import type { Lease } from '../lease.js';
import type { CacheItem, LocalCache } from '../local-cache.js';
import {
  type ByteRange,
  type FoundObject,
  type ObjectStore,
  type OpenObject,
  type PutIfAbsentOptions,
  type PutOptions,
  type StoredObject,
  badRange,
  checkKey,
  objectMissing,
} from '../object-store.js';
import type { S3Access } from './client.js';
import { COPY_PART_BYTES, copyObject } from './copy.js';
import { download } from './download.js';
import {
  ObjectChanged,
  asStoreError,
  bucketMissing,
  isBadRange,
  isMissing,
  isPreconditionFailed,
  reasonOf,
  statusOf,
} from './errors.js';
import { FirstWriter } from './first-writer.js';
import { type ObjectHead, headObject } from './head.js';
import { dropUploads, listObjects } from './listing.js';
import { type Resumable, readOn } from './read-on.js';
import { PART_BYTES, type Target, putBuffer, uploadFile } from './upload.js';

export interface S3StoreOptions {
  bucket: string;
  /** What every key begins with in the bucket, without slashes at its ends; the whole bucket where it is empty. */
  prefix: string;
  cache: LocalCache;
  /** Files beyond this size are sent in parts, at least 5 MiB; 8 MiB unless given. */
  partBytes?: number | undefined;
  /** Objects beyond this size are copied in parts, at least 5 MiB; 512 MiB unless given. */
  copyPartBytes?: number | undefined;
  /** Told of bytes that went to the server, or came from it. */
  onTransfer?: ((direction: 'sent' | 'received', bytes: number) => void) | undefined;
}

/** How often an object is fetched again that was replaced, or came in wrong, while it was fetched. */
const FETCHES = 3;

/**
 * An object store in a bucket of S3 or of a server that speaks its protocol. Objects carry their SHA-256 as metadata,
 * which is checked whenever one comes into the local cache. Requests are tried again for as long as `S3Access` says.
 */
export class S3Store implements ObjectStore {
  /** For people. */
  readonly name: string;
  private readonly root: string;
  private readonly first: FirstWriter;

  constructor(
    private readonly access: S3Access,
    private readonly options: S3StoreOptions,
  ) {
    const { bucket, prefix } = options;
    this.root = prefix === '' ? '' : `${prefix}/`;
    this.name = `s3://${bucket}/${this.root}`;
    this.first = new FirstWriter(access.client, (key) => this.at(key));
  }

  check(): Promise<void> {
    const { bucket } = this.options;
    return this.guard(async () => {
      await this.access.client.send(new HeadBucketCommand({ Bucket: bucket })).catch((error: unknown) => {
        throw statusOf(error) === 404 ? bucketMissing(bucket, error) : error;
      });
      await this.first.isConditional();
    });
  }

  putFile(key: string, path: string, options: PutOptions = {}): Promise<StoredObject> {
    return this.guard(async () => {
      const target = this.at(key);
      const sha256 = options.sha256 ?? (await digestStream(createReadStream(path))).sha256;
      const { partBytes = PART_BYTES } = this.options;
      const { bytes } = await uploadFile(this.access.client, target, path, { sha256, partBytes });
      this.options.onTransfer?.('sent', bytes);
      // Who made it is likely to be the first to need it.
      if (options.move) await this.options.cache.adopt({ name: sha256, bytes }, path);
      return { key, bytes };
    });
  }

  put(key: string, data: Uint8Array | string): Promise<StoredObject> {
    return this.guard(async () => {
      const target = this.at(key);
      const { bytes } = await putBuffer(this.access.client, target, Buffer.from(data));
      this.options.onTransfer?.('sent', bytes);
      return { key, bytes };
    });
  }

  putIfAbsent(key: string, data: Uint8Array | string, options: PutIfAbsentOptions = {}): Promise<Buffer> {
    const read = (): Promise<Buffer | undefined> => this.readIfThere(key);
    return this.guard(() => this.first.put(this.at(key), Buffer.from(data), read, options.settleMs));
  }

  copy(from: string, to: string): Promise<void> {
    return this.guard(async () => {
      const target = this.at(to);
      for (let left = FETCHES; ; left -= 1) {
        const head = await this.head(from);
        if (!head) throw objectMissing(from);
        if (await this.copied(head, target)) return;
        if (left === 1) throw new ObjectChanged(from);
      }
    });
  }

  async read(key: string): Promise<Buffer> {
    const found = await this.readIfThere(key);
    if (!found) throw objectMissing(key);
    return found;
  }

  open(key: string, range?: ByteRange): Promise<OpenObject> {
    return this.guard(async () => {
      const answer = await this.get(key, range).catch((error: unknown) => {
        if (isMissing(error)) throw objectMissing(key);
        throw range && isBadRange(error) ? badRange(key, range) : error;
      });
      const bytes = answer.total;
      if (range && range.end >= bytes) {
        answer.body.destroy();
        throw badRange(key, range, bytes);
      }
      const { start, end } = range ?? { start: 0, end: bytes - 1 };
      const resume = async (done: number): Promise<Readable> => {
        const rest = await this.get(key, { start: start + done, end }, answer.etag);
        if (rest.etag === answer.etag) return rest.body;
        rest.body.destroy();
        throw new ObjectChanged(key);
      };
      const source = { body: answer.body, bytes: end + 1 - start, resume };
      return { body: Readable.from(this.bytesOf(source), { objectMode: false }), bytes, range };
    });
  }

  localPath(key: string, lease?: Lease): Promise<string> {
    return this.guard(async () => {
      for (let left = FETCHES; ; left -= 1) {
        const head = await this.head(key);
        if (!head) throw objectMissing(key);
        try {
          return await this.options.cache.path(itemOf(head), lease, (path) => this.fetch(head, path));
        } catch (error) {
          if (left === 1 || !(error instanceof ObjectChanged || isCorrupt(error))) throw error;
        }
      }
    });
  }

  stat(key: string): Promise<FoundObject | undefined> {
    return this.guard(async () => {
      const head = await this.head(key);
      return head && { key, bytes: head.bytes, modifiedMs: head.modifiedMs };
    });
  }

  refresh(key: string): Promise<boolean> {
    return this.guard(async () => {
      const head = await this.head(key);
      if (!head) return false;
      await this.copied(head, head);
      return true;
    });
  }

  delete(key: string): Promise<void> {
    return this.guard(async () => {
      const { bucket, key: Key } = this.at(key);
      await this.access.client.send(new DeleteObjectCommand({ Bucket: bucket, Key }));
    });
  }

  async *list(prefix: string): AsyncGenerator<FoundObject> {
    try {
      yield* listObjects(this.access.client, this.options.bucket, this.root, prefix);
    } catch (error) {
      throw this.ours(error);
    }
  }

  sweep(olderThanMs: number, prefix = ''): Promise<void> {
    const { bucket } = this.options;
    const begun = Date.now() - olderThanMs;
    return this.guard(() => dropUploads(this.access.client, bucket, this.root + prefix, begun));
  }

  /** Throws OBJECT_KEY. */
  private at(key: string): Target {
    checkKey(key);
    return { bucket: this.options.bucket, key: this.root + key };
  }

  private head(key: string): Promise<ObjectHead | undefined> {
    return headObject(this.access.client, this.at(key));
  }

  private async get(key: string, range?: ByteRange, etag?: string) {
    const { bucket, key: Key } = this.at(key);
    const Range = range && `bytes=${range.start}-${range.end}`;
    const request = { Bucket: bucket, Key, Range, IfMatch: etag };
    const answer = await this.access.client.send(new GetObjectCommand(request));
    const ofRange = /\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1];
    const total = Number(ofRange ?? answer.ContentLength);
    return { body: answer.Body as Readable, total, etag: answer.ETag };
  }

  /** A body to its end; with errors of ours. */
  private async *bytesOf(source: Resumable): AsyncGenerator<Buffer> {
    const { onTransfer } = this.options;
    try {
      yield* readOn(source, this.access.patience, (bytes) => onTransfer?.('received', bytes));
    } catch (error) {
      throw this.ours(isPreconditionFailed(error) ? new ObjectChanged(reasonOf(error)) : error);
    }
  }

  private async readIfThere(key: string): Promise<Buffer | undefined> {
    try {
      const parts: Buffer[] = [];
      for await (const part of (await this.open(key)).body) parts.push(part as Buffer);
      return Buffer.concat(parts);
    } catch (error) {
      if (error instanceof HullcastError && error.code === 'OBJECT_MISSING') return undefined;
      throw error;
    }
  }

  /** Downloads an object whole and right. Throws ObjectChanged, OBJECT_CORRUPT. */
  private async fetch(head: ObjectHead, path: string): Promise<void> {
    const onBytes = (bytes: number): void => this.options.onTransfer?.('received', bytes);
    await download(this.access, head, path, { onBytes });
    if (head.sha256 === undefined) return;
    const { sha256 } = await digestStream(createReadStream(path));
    if (sha256 === head.sha256) return;
    await rm(path);
    throw new HullcastError(
      'OBJECT_CORRUPT',
      `object ${head.key} of ${this.name} has other bytes than were stored`,
      {
        hint: 'hullcast fsck --deep --repair removes what is damaged, so that it is computed again.',
      },
    );
  }

  /** False where the object has changed since it was looked at. */
  private async copied(head: ObjectHead, target: Target): Promise<boolean> {
    const { client } = this.access;
    const { copyPartBytes: partBytes = COPY_PART_BYTES } = this.options;
    // Swift refuses the condition for objects that were made in parts, though it holds: hence the second try.
    for (const conditional of [true, false]) {
      try {
        await copyObject(client, head, target, { labels: head.labels, conditional, partBytes });
        return true;
      } catch (error) {
        if (isMissing(error)) return false;
        if (!isPreconditionFailed(error)) throw error;
      }
      if ((await headObject(client, head))?.etag !== head.etag) return false;
    }
    return false;
  }

  /** Errors of the SDK as ours. */
  private async guard<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw this.ours(error);
    }
  }

  private ours(error: unknown): unknown {
    return asStoreError(error, this.name, this.options.bucket);
  }
}

/** What the object is called in the cache: by its content where that is known, so that equal ones lie there once. */
function itemOf({ bucket, key, etag, bytes, sha256 }: ObjectHead): CacheItem {
  const name = sha256 ?? createHash('sha256').update(`${bucket}/${key}\n${etag}`).digest('hex');
  return { name, bytes };
}

function isCorrupt(error: unknown): boolean {
  return error instanceof HullcastError && error.code === 'OBJECT_CORRUPT';
}
