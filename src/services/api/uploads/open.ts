import { badUsage } from '../../../errors.js';
import { FileStore, type ObjectStore, parseS3Uri } from '../../../storage/index.js';
import type { UploadBytes } from './bytes.js';
import { diskUploads } from './disk.js';
import { s3Uploads } from './s3.js';

/** Uploads beside an open object store, which `spec` (HULLCAST_STORE) names; see openStore(). Throws STORE_SPEC. */
export async function openUploads(
  spec: string | undefined,
  store: ObjectStore,
  env: NodeJS.ProcessEnv = process.env,
): Promise<UploadBytes> {
  if (store instanceof FileStore) return diskUploads(store);
  const place = parseS3Uri(spec ?? '');
  if (!place) throw badUsage('STORE_SPEC', `no place for uploads: ${JSON.stringify(spec)}`);
  return s3Uploads(store, { bucket: place.bucket, prefix: place.path.replace(/\/$/, ''), env });
}
