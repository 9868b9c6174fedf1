import { type FileHandle, open } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { GetObjectCommand, type GetObjectCommandOutput } from '@aws-sdk/client-s3';
import pLimit from 'p-limit';
import type { S3Access } from './client.js';
import { ObjectChanged, Truncated, isBadRange, isPreconditionFailed } from './errors.js';

/** An object as it was when somebody looked. */
export interface RemoteObject {
  bucket: string;
  key: string;
  bytes: number;
  /** With its quotation marks, as the server gives it. */
  etag: string;
}

export interface DownloadOptions {
  signal?: AbortSignal | undefined;
  /** Size of the ranges that are asked for, bytes. */
  partBytes?: number | undefined;
  /** Told of the bytes that came in. */
  onBytes?: ((bytes: number) => void) | undefined;
}

const PART_BYTES = 16 * 1024 * 1024;
/** Ranges at a time: one connection to an object store is seldom as fast as the network. */
const PARTS_AT_A_TIME = 4;

interface Part {
  start: number;
  /** The first byte after it. */
  end: number;
}

/**
 * Writes the object to a new file and flushes it. A range that breaks off is continued where it was. Throws
 * ObjectChanged where the object is not that one any more: the server is asked to say so (If-Match), and where it does
 * not understand, its answers tell.
 */
export async function download(
  { client, patience }: S3Access,
  object: RemoteObject,
  path: string,
  { signal, partBytes = PART_BYTES, onBytes }: DownloadOptions = {},
): Promise<void> {
  const file = await open(path, 'wx');
  try {
    const fetch = async (part: Part, stop: AbortSignal): Promise<void> => {
      let at = part.start;
      await patience.retry(async (progress) => {
        const body = await openPart(client, object, { start: at, end: part.end }, stop);
        for await (const data of body) {
          at = await writeAt(file, data as Buffer, at, part.end);
          onBytes?.((data as Buffer).length);
          progress();
        }
        if (at < part.end) throw new Truncated(`bytes ${at} to ${part.end} are missing`);
      }, stop);
    };
    await allOrNone(partsOf(object.bytes, partBytes), fetch, signal);
    await file.sync();
  } finally {
    await file.close();
  }
}

function partsOf(bytes: number, partBytes: number): Part[] {
  return Array.from({ length: Math.ceil(bytes / partBytes) }, (_, i) => ({
    start: i * partBytes,
    end: Math.min(bytes, (i + 1) * partBytes),
  }));
}

async function openPart(
  client: S3Access['client'],
  { bucket, key, bytes, etag }: RemoteObject,
  { start, end }: Part,
  abortSignal: AbortSignal,
): Promise<Readable> {
  const request = { Bucket: bucket, Key: key, IfMatch: etag, Range: `bytes=${start}-${end - 1}` };
  let answer: GetObjectCommandOutput;
  try {
    answer = await client.send(new GetObjectCommand(request), { abortSignal });
  } catch (error) {
    if (!isPreconditionFailed(error) && !isBadRange(error)) throw error;
    throw new ObjectChanged(`${key} is not ${etag} any more`, { cause: error });
  }
  const body = answer.Body as Readable;
  if (answer.ETag === etag && answer.ContentRange === `bytes ${start}-${end - 1}/${bytes}`) return body;
  body.destroy();
  throw new ObjectChanged(`${key} is ${answer.ETag}, ${answer.ContentRange}, instead of ${etag}`);
}

/** Gives the position after the data. */
async function writeAt(file: FileHandle, data: Buffer, at: number, end: number): Promise<number> {
  if (at + data.length > end) throw new Truncated('more bytes came than were asked for');
  let written = 0;
  while (written < data.length) {
    const { bytesWritten } = await file.write(data, written, data.length - written, at + written);
    written += bytesWritten;
  }
  return at + written;
}

/** Does the work for every part; the first failure ends all, and nothing goes on when this returns. */
async function allOrNone<P>(
  parts: readonly P[],
  work: (part: P, signal: AbortSignal) => Promise<void>,
  signal?: AbortSignal,
): Promise<void> {
  signal?.throwIfAborted();
  const stop = new AbortController();
  const abort = (): void => stop.abort(signal?.reason);
  signal?.addEventListener('abort', abort, { once: true });
  const limit = pLimit(PARTS_AT_A_TIME);
  const works = parts.map((part) =>
    limit(async () => {
      stop.signal.throwIfAborted();
      await work(part, stop.signal).catch((error: unknown) => stop.abort(error));
    }),
  );
  await Promise.allSettled(works);
  signal?.removeEventListener('abort', abort);
  stop.signal.throwIfAborted();
}
