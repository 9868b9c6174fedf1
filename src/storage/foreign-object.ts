import type { ForeignObjects, S3Options } from './s3/index.js';

/**
 * Reads masters from other buckets. Endpoint and credentials are those of the AWS_… variables, as for the store; see
 * openStore(). Throws STORE_SPEC.
 */
export async function openForeignObjects(options: S3Options = {}): Promise<ForeignObjects> {
  const { ForeignObjects, openS3 } = await import('./s3/index.js'); // not before it is needed: see openStore()
  return new ForeignObjects(openS3(options));
}
