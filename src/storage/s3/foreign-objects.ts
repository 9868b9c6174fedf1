import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type HullcastError, masterRejected } from '../../errors.js';
import { asDiskError } from '../disk-error.js';
import { parseObjectUri } from '../s3-uri.js';
import type { S3Access } from './client.js';
import { type RemoteObject, download } from './download.js';
import { ObjectChanged, asStoreError, isDenied, isMissing, isNoSuchBucket, reasonOf } from './errors.js';
import { headObject } from './head.js';

/** An object of somebody's bucket, as it was when it was looked at. */
export type PinnedObject = RemoteObject;

export interface FetchOptions {
  signal?: AbortSignal | undefined;
  /** Told of the bytes that came in. */
  onBytes?: ((bytes: number) => void) | undefined;
  /** Size of the ranges that are asked for; 16 MiB unless given. */
  partBytes?: number | undefined;
}

/** Reads masters from buckets that are not hullcast's own. */
export class ForeignObjects {
  constructor(private readonly access: S3Access) {}

  /** What `s3://bucket/key` is now. Throws OBJECT_URI, MASTER_NOT_FOUND, MASTER_DENIED, STORE_UNREACHABLE. */
  async headObject(uri: string): Promise<PinnedObject> {
    const place = parseObjectUri(uri);
    const found = await headObject(this.access.client, place).catch((error: unknown) => {
      throw asMasterError(error, place);
    });
    if (!found) throw notFound(place);
    const { bucket, key, bytes, etag } = found;
    return { bucket, key, bytes, etag };
  }

  /**
   * Writes the object to `path`, whole or not at all. Throws MASTER_CHANGED where it is not the pinned one any more,
   * even where it changes while it is being read, and what headObject() throws.
   */
  async fetchObject(object: PinnedObject, path: string, options?: FetchOptions): Promise<void> {
    const part = `${path}.${randomUUID()}.part`;
    try {
      await mkdir(dirname(path), { recursive: true });
      await download(this.access, object, part, options);
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true });
      throw asDiskError(asMasterError(error, object), path);
    }
  }
}

type Place = Pick<PinnedObject, 'bucket' | 'key'>;

function uriOf({ bucket, key }: Place): string {
  return `s3://${bucket}/${key}`;
}

function asMasterError(error: unknown, place: Place): unknown {
  if (error instanceof ObjectChanged) return changed(place, error);
  if (isMissing(error) || isNoSuchBucket(error)) return notFound(place);
  if (isDenied(error)) {
    return masterRejected(
      'MASTER_DENIED',
      `${uriOf(place)} may not be read: ${reasonOf(error)}`,
      'Let the credentials that hullcast runs with get that object.',
    );
  }
  return asStoreError(error, uriOf(place), place.bucket);
}

function notFound(place: Place): HullcastError {
  return masterRejected(
    'MASTER_NOT_FOUND',
    `there is no object ${uriOf(place)}`,
    'Check bucket and key, and that they are at the endpoint that hullcast uses.',
  );
}

function changed(place: Place, cause: Error): HullcastError {
  return masterRejected(
    'MASTER_CHANGED',
    `${uriOf(place)} is not what was submitted any more: ${cause.message}`,
    'Submit it again when it is finished.',
  );
}
