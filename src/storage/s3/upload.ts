import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import {
  AbortMultipartUploadCommand,
  HeadObjectCommand,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import { HullcastError } from '../../errors.js';
import { isNoSuchUpload } from './errors.js';

export interface Target {
  bucket: string;
  key: string;
}

export interface UploadOptions {
  /** Lower-case hex; kept with the object. */
  sha256: string;
  /** Files up to this size are sent in one request, larger ones in parts of at least this size. */
  partBytes: number;
}

/** Name of the metadata that holds an object's SHA-256. */
export const SHA256_METADATA = 'sha256';
/** At least 5 MiB by the rules of S3. Times the parts at a time it is what an upload needs of memory. */
export const PART_BYTES = 8 * 1024 * 1024;
const PARTS_AT_A_TIME = 3;
const MAX_PARTS = 10_000;
/** How long is tried to take the parts of a failed upload away: who waits shall hear of the failure. */
const DROP_MS = 5000;

/** Stores a file. Throws UPLOAD_LOST (transient) where the server forgot the parts that it had got. */
export async function uploadFile(
  client: S3Client,
  target: Target,
  path: string,
  options: UploadOptions,
): Promise<{ bytes: number; etag: string | undefined }> {
  const { size } = await stat(path);
  if (size <= options.partBytes) return putBuffer(client, target, await readFile(path), options.sha256);
  const upload = new Upload({
    client,
    params: { ...paramsOf(target, options.sha256), Body: createReadStream(path, { highWaterMark: 1 << 20 }) },
    partSize: Math.max(options.partBytes, Math.ceil(size / MAX_PARTS)),
    queueSize: PARTS_AT_A_TIME,
    leavePartsOnError: true, // else an error of taking them away would be thrown in the place of what went wrong
  });
  try {
    await upload.done();
  } catch (error) {
    // The answer to the last request may have been lost on its way: then the object is there, and the upload is not.
    if (!isNoSuchUpload(error)) {
      await dropParts(client, target, upload.uploadId);
      throw error;
    }
  }
  const stored = await client.send(new HeadObjectCommand({ Bucket: target.bucket, Key: target.key }));
  if (stored.ContentLength !== size || stored.Metadata?.[SHA256_METADATA] !== options.sha256) {
    throw new HullcastError('UPLOAD_LOST', `the server lost the upload of ${target.key}`, {
      transient: true,
    });
  }
  return { bytes: size, etag: stored.ETag };
}

/** Takes the parts of an upload away that failed. Where that fails too, they are left to sweep(). */
export async function dropParts(
  client: S3Client,
  { bucket, key }: Target,
  uploadId: string | undefined,
): Promise<void> {
  if (uploadId === undefined) return;
  const command = new AbortMultipartUploadCommand({ Bucket: bucket, Key: key, UploadId: uploadId });
  await client.send(command, { abortSignal: AbortSignal.timeout(DROP_MS) }).catch(() => undefined);
}

export async function putBuffer(
  client: S3Client,
  target: Target,
  data: Uint8Array,
  sha256: string = digestOf(data),
): Promise<{ bytes: number; etag: string | undefined }> {
  const { ETag } = await client.send(new PutObjectCommand({ ...paramsOf(target, sha256), Body: data }));
  return { bytes: data.length, etag: ETag };
}

/** Stores data only where there is nothing. The error where there is something: see isPreconditionFailed(). */
export async function putNewBuffer(client: S3Client, target: Target, data: Uint8Array): Promise<void> {
  const params = { ...paramsOf(target, digestOf(data)), Body: data, IfNoneMatch: '*' };
  await client.send(new PutObjectCommand(params));
}

function paramsOf({ bucket, key }: Target, sha256: string) {
  return { Bucket: bucket, Key: key, Metadata: { [SHA256_METADATA]: sha256 } };
}

function digestOf(data: Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
