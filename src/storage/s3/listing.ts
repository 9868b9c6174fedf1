import {
  AbortMultipartUploadCommand,
  ListMultipartUploadsCommand,
  type ListMultipartUploadsCommandOutput,
  type S3Client,
  paginateListObjectsV2,
} from '@aws-sdk/client-s3';
import { type FoundObject, isKey } from '../object-store.js';
import { isNoSuchUpload, isNotImplemented } from './errors.js';

/** Objects below `root` (empty, or ending with a slash) whose keys there begin with `prefix`. */
export async function* listObjects(
  client: S3Client,
  bucket: string,
  root: string,
  prefix: string,
): AsyncGenerator<FoundObject> {
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: root + prefix })) {
    for (const { Key = '', Size = 0, LastModified } of page.Contents ?? []) {
      const key = Key.slice(root.length);
      // What else lies in the bucket, such as the markers that some programs make for folders, is not ours.
      if (isKey(key)) yield { key, bytes: Size, modifiedMs: LastModified?.getTime() ?? 0 };
    }
  }
}

/** Drops the parts of uploads to keys with this prefix that began before `beforeMs` and were never completed. */
export async function dropUploads(
  client: S3Client,
  bucket: string,
  prefix: string,
  beforeMs: number,
): Promise<void> {
  let page: ListMultipartUploadsCommandOutput | undefined;
  do {
    const after = page && { KeyMarker: page.NextKeyMarker, UploadIdMarker: page.NextUploadIdMarker };
    try {
      page = await client.send(new ListMultipartUploadsCommand({ Bucket: bucket, Prefix: prefix, ...after }));
    } catch (error) {
      if (isNotImplemented(error)) return; // such a server cleans up by itself, or has no way to
      throw error;
    }
    for (const { Key, UploadId, Initiated } of page.Uploads ?? []) {
      if (!Initiated || Initiated.getTime() > beforeMs) continue;
      const upload = { Bucket: bucket, Key, UploadId };
      await client.send(new AbortMultipartUploadCommand(upload)).catch((error: unknown) => {
        if (!isNoSuchUpload(error)) throw error; // somebody else dropped it
      });
    }
  } while (page.IsTruncated);
}
