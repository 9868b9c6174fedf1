import { Readable } from 'node:stream';
import { Upload } from '@tus/server';
import { HullcastError } from '../../../errors.js';
import type { ObjectStore } from '../../../storage/index.js';
import { asStoreError, isNotImplemented } from '../../../storage/index.js';
import { type UploadBytes, uploadKey } from './bytes.js';
import type { MultipartOptions } from './multipart.js';

export interface S3UploadOptions extends MultipartOptions {
  /** The object store's prefix in the bucket, without slashes at its ends; may be empty. */
  prefix: string;
}

function isNotFound(error: unknown): boolean {
  return (error as { status_code?: number }).status_code === 404;
}

function unsupported(cause: unknown): HullcastError {
  return new HullcastError('UPLOAD_UNSUPPORTED', 'the object store of this server cannot take uploads', {
    hint: 'Put the master into a bucket, and submit its s3:// address. The store lacks a call of multipart uploads (ListParts).',
    cause,
  });
}

/**
 * Uploads as multipart uploads of the object store's own bucket: the object is there when the last part is. What is
 * left over between two requests, less than a part can have, lies beside it in `<id>.part`, and the facts in `<id>.info`.
 */
export async function s3Uploads(store: ObjectStore, options: S3UploadOptions): Promise<UploadBytes> {
  const { bucket, prefix } = options;
  // The SDK takes half a second to load, which uploads to the disk do without.
  const { Multipart } = await import('./multipart.js');
  const ours = (error: unknown): unknown =>
    isNotImplemented(error) ? unsupported(error) : asStoreError(error, `s3://${bucket}/${prefix}`, bucket);
  const multipart = new Multipart(options, ours);
  const keyOf = (id: string): string => (prefix === '' ? uploadKey(id) : `${prefix}/${uploadKey(id)}`);
  const asking = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw ours(error);
    }
  };
  const write = (stream: Readable, id: string, offset: number): Promise<number> =>
    asking(() => multipart.write(stream, keyOf(id), offset));
  const forget = async (id: string): Promise<void> => {
    await Promise.all([store.delete(`${uploadKey(id)}.info`), store.delete(`${uploadKey(id)}.part`)]);
  };
  let checked = false;
  return {
    async check() {
      if (!checked) await asking(() => multipart.askForParts(keyOf('nobodys')));
      checked = true;
    },
    create: (id, bytes, metadata) =>
      asking(async () => {
        await multipart.create(new Upload({ id: keyOf(id), size: bytes, offset: 0, metadata }));
      }),
    write,
    get: (id) =>
      asking(async () => {
        try {
          const { offset, metadata } = await multipart.getUpload(keyOf(id));
          return { offset, metadata: metadata ?? {} };
        } catch (error) {
          if (!isNotFound(error)) throw error;
          // tus says that of every failure, an outage too; our store does not.
          if (!(await store.stat(`${uploadKey(id)}.info`))) return undefined;
          throw new HullcastError('STORE_UNREACHABLE', `upload ${id} cannot be looked at`, {
            transient: true,
          });
        }
      }),
    async finish(id, bytes) {
      // Every part may be there, and only the end missing: writing nothing makes it.
      if (!(await store.stat(uploadKey(id)))) await write(Readable.from([]), id, bytes);
      const made = await store.stat(uploadKey(id));
      if (made?.bytes !== bytes)
        throw new Error(`upload ${id} became ${made?.bytes ?? 'no'} bytes of ${bytes}`);
    },
    forget,
    async remove(id) {
      await asking(() =>
        multipart.abort(keyOf(id)).catch((error: unknown) => {
          // Finished, or never begun: there is no multipart upload to give up.
          if (!['NoSuchUpload', 'NoSuchKey', 'NotFound'].includes((error as Error).name)) throw error;
        }),
      );
      await store.delete(uploadKey(id));
      await forget(id);
    },
  };
}
