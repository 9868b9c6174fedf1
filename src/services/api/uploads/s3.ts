import { Readable } from 'node:stream';
import { Upload } from '@tus/server';
import { HullcastError } from '../../../errors.js';
import type { ObjectStore } from '../../../storage/index.js';
import { asStoreError, isNotImplemented, s3Config, statusOf } from '../../../storage/index.js';
import { type UploadBytes, uploadKey } from './bytes.js';

export interface S3UploadOptions {
  bucket: string;
  /** The object store's prefix in the bucket, without slashes at its ends; may be empty. */
  prefix: string;
  /** AWS_… variables; the process's own unless given. */
  env?: NodeJS.ProcessEnv | undefined;
  /** Size of parts, at least 5 MiB; 8 MiB unless given. They lie in the system's temporary folder on their way. */
  partBytes?: number | undefined;
}

/** Parts of all uploads that are on their way to the server at once. */
const PARTS_AT_ONCE = 6;

function isNotFound(error: unknown): boolean {
  return (error as { status_code?: number }).status_code === 404;
}

function unsupported(cause: unknown): HullcastError {
  return new HullcastError('UPLOAD_UNSUPPORTED', 'the object store of this server cannot take uploads', {
    hint: 'Put the master into a bucket, and submit its s3:// address. The store lacks a call of multipart uploads (ListParts).',
    cause,
  });
}

/** The store of tus, with what it lacks. The SDK takes half a second to load, which uploads to the disk do without. */
async function openMultipart({ bucket, env, partBytes }: S3UploadOptions) {
  const { S3Store } = await import('@tus/s3-store');
  class Multipart extends S3Store {
    /** Gives up what is not finished. (The store's own remove also deletes objects by a call that needs checksums of old.) */
    async abort(key: string): Promise<void> {
      const { 'upload-id': uploadId } = await this.getMetadata(key);
      await this.client.abortMultipartUpload({ Bucket: bucket, Key: key, UploadId: uploadId });
      await this.clearCache(key);
    }

    /** Asks for the parts of an upload that there is not; rejects unless the server says just that. */
    async askForParts(key: string): Promise<void> {
      const nobodys = { Bucket: bucket, Key: key, UploadId: 'nobodys' };
      await this.client.listParts(nobodys).catch((error: unknown) => {
        if (![400, 404].includes(statusOf(error) ?? 0)) throw error;
      });
    }
  }
  return new Multipart({
    s3ClientConfig: {
      ...s3Config(env),
      bucket,
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    },
    useTags: false,
    maxConcurrentPartUploads: PARTS_AT_ONCE,
    ...(partBytes === undefined ? {} : { partSize: partBytes }),
  });
}

/**
 * Uploads as multipart uploads of the object store's own bucket: the object is there when the last part is. What is
 * left over between two requests, less than a part can have, lies beside it in `<id>.part`, and the facts in `<id>.info`.
 */
export async function s3Uploads(store: ObjectStore, options: S3UploadOptions): Promise<UploadBytes> {
  const { bucket, prefix } = options;
  const multipart = await openMultipart(options);
  const keyOf = (id: string): string => (prefix === '' ? uploadKey(id) : `${prefix}/${uploadKey(id)}`);
  const asking = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw isNotImplemented(error)
        ? unsupported(error)
        : asStoreError(error, `s3://${bucket}/${prefix}`, bucket);
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
