import { badUsage } from '../../../errors.js';
import { FileStore, type ObjectStore, parseS3Uri } from '../../../storage/index.js';
import type { UploadBytes } from './bytes.js';
import { diskUploads } from './disk.js';
import { s3Uploads } from './s3.js';

export interface OpenUploadsOptions {
  /** AWS_… variables; the process's own unless given. */
  env?: NodeJS.ProcessEnv | undefined;
  /** Folder for what is on its way to S3; the system's temporary one unless given. */
  scratch?: string | undefined;
}

/** Uploads beside an open object store, which `spec` (HULLCAST_STORE) names; see openStore(). Throws STORE_SPEC. */
export async function openUploads(
  spec: string | undefined,
  store: ObjectStore,
  options: OpenUploadsOptions = {},
): Promise<UploadBytes> {
  if (store instanceof FileStore) return diskUploads(store);
  const place = parseS3Uri(spec ?? '');
  if (!place) throw badUsage('STORE_SPEC', `no place for uploads: ${JSON.stringify(spec)}`);
  return s3Uploads(store, { ...options, bucket: place.bucket, prefix: place.path.replace(/\/$/, '') });
}
