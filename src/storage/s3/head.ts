import { HeadObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import type { ObjectLabels } from './copy.js';
import type { RemoteObject } from './download.js';
import { isMissing } from './errors.js';
import { SHA256_METADATA, type Target } from './upload.js';

/** What a server says of an object without its bytes. */
export interface ObjectHead extends RemoteObject {
  modifiedMs: number;
  /** Lower-case hex; undefined where somebody else wrote the object. */
  sha256: string | undefined;
  labels: ObjectLabels;
}

const SHA256 = /^[0-9a-f]{64}$/;

/** Undefined where there is no such object (or no such bucket: servers do not say which). */
export async function headObject(client: S3Client, { bucket, key }: Target): Promise<ObjectHead | undefined> {
  try {
    const found = await client.send(new HeadObjectCommand({ Bucket: bucket, Key: key }));
    const metadata = found.Metadata ?? {};
    return {
      bucket,
      key,
      bytes: found.ContentLength ?? 0,
      etag: found.ETag ?? '',
      modifiedMs: found.LastModified?.getTime() ?? 0,
      sha256: SHA256.exec(metadata[SHA256_METADATA] ?? '')?.[0],
      labels: { metadata, contentType: found.ContentType },
    };
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
