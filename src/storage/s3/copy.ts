import {
  CompleteMultipartUploadCommand,
  CopyObjectCommand,
  CreateMultipartUploadCommand,
  type S3Client,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import type { RemoteObject } from './download.js';
import { dropParts } from './upload.js';

/** What an object carries beside its bytes. */
export interface ObjectLabels {
  metadata: Record<string, string>;
  contentType: string | undefined;
}

export interface CopyOptions {
  labels: ObjectLabels;
  /** Refuses (412) where the source is not that one any more. */
  conditional: boolean;
  /** Objects beyond this size are copied in parts of it: requests for more take servers too long, and S3 refuses 5 GiB. */
  partBytes: number;
}

/** Least size of a part, by S3's rules, is 5 MiB. */
export const COPY_PART_BYTES = 512 * 1024 * 1024;
const PARTS_AT_A_TIME = 4;

/** Copies an object within the server, onto itself too, with these labels. The copy counts as written now. */
export async function copyObject(
  client: S3Client,
  from: RemoteObject,
  to: { bucket: string; key: string },
  { labels, conditional, partBytes }: CopyOptions,
): Promise<void> {
  const source = {
    CopySource: [from.bucket, ...from.key.split('/')].map(encodeURIComponent).join('/'),
    ...(conditional ? { CopySourceIfMatch: from.etag } : {}),
  };
  const target = { Bucket: to.bucket, Key: to.key };
  const label = {
    Metadata: labels.metadata,
    ...(labels.contentType === undefined ? {} : { ContentType: labels.contentType }),
  };
  if (from.bytes <= partBytes) {
    await client.send(
      new CopyObjectCommand({ ...target, ...source, ...label, MetadataDirective: 'REPLACE' }),
    );
    return;
  }
  const { UploadId } = await client.send(new CreateMultipartUploadCommand({ ...target, ...label }));
  const upload = { ...target, UploadId };
  try {
    const limit = pLimit(PARTS_AT_A_TIME);
    const copies = Array.from({ length: Math.ceil(from.bytes / partBytes) }, (_, i) =>
      limit(async () => {
        const range = `bytes=${i * partBytes}-${Math.min(from.bytes, (i + 1) * partBytes) - 1}`;
        const part = { ...upload, ...source, CopySourceRange: range, PartNumber: i + 1 };
        const { CopyPartResult } = await client.send(new UploadPartCopyCommand(part));
        return { PartNumber: i + 1, ETag: CopyPartResult?.ETag };
      }),
    );
    const Parts = await Promise.all(copies).finally(() => limit.clearQueue());
    await client.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } }));
  } catch (error) {
    await dropParts(client, to, UploadId);
    throw error;
  }
}
