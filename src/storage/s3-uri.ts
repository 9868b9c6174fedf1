import { badUsage } from '../errors.js';

/** A place in a bucket. */
export interface S3Place {
  bucket: string;
  /** What follows the bucket, without a slash before it; may be empty. */
  path: string;
}

/** The names that S3 allows for buckets that are older than its rules of today, too. */
const BUCKET = /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/;
const URI = /^s3:\/\/([^/]*)(?:\/(.*))?$/s;

/** Undefined for what is no s3:// address with a possible bucket. */
export function parseS3Uri(uri: string): S3Place | undefined {
  const [, bucket = '', path = ''] = URI.exec(uri) ?? [];
  return BUCKET.test(bucket) ? { bucket, path } : undefined;
}

/** Like parseS3Uri(), of an object. Throws OBJECT_URI. */
export function parseObjectUri(uri: string): { bucket: string; key: string } {
  const place = parseS3Uri(uri);
  if (!place || place.path === '' || place.path.endsWith('/')) {
    throw badUsage(
      'OBJECT_URI',
      `not the address of an object: ${JSON.stringify(uri)}`,
      'Use s3://bucket/key.',
    );
  }
  return { bucket: place.bucket, key: place.path };
}
