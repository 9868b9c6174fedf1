import { randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import type { Part } from '@aws-sdk/client-s3';
import { type MetadataValue, S3Store } from '@tus/s3-store';
import { HullcastError } from '../../../errors.js';
import { type Timing, s3Config, s3Limits, statusOf } from '../../../storage/index.js';
import { uploadOffset } from './bytes.js';
import { type PartFile, partFiles } from './part-files.js';

export interface MultipartOptions {
  bucket: string;
  /** Folder in which parts lie on their way; the system's temporary one unless given. */
  scratch?: string | undefined;
  /** AWS_… variables; the process's own unless given. */
  env?: NodeJS.ProcessEnv | undefined;
  /** Size of parts, at least 5 MiB; 8 MiB unless given. */
  partBytes?: number | undefined;
  /** Limits of time on connections. */
  timing?: Partial<Timing> | undefined;
}

/** Parts of all uploads that are on their way to the server at once. */
const PARTS_AT_ONCE = 6;

/**
 * The parts that make up an upload so far: those from the first on, up to one that is missing, or that is empty because
 * another has to take its place.
 */
function unbroken(parts: Part[]): Part[] {
  const end = parts.findIndex(({ PartNumber, Size }, i) => PartNumber !== i + 1 || !Size);
  return end === -1 ? parts : parts.slice(0, end);
}

function bytesOf(parts: Part[]): number {
  return parts.reduce((bytes, { Size = 0 }) => bytes + Size, 0);
}

/**
 * The multipart uploads of tus, made safe: its own sends parts of one upload side by side and adds up whatever has got
 * through, so that one part that fails leaves a hole in the object.
 */
export class Multipart extends S3Store {
  private readonly scratch: string;

  /** `ours` says in our words what a request failed with. */
  constructor(
    { bucket, env, partBytes, timing, scratch = tmpdir() }: MultipartOptions,
    private readonly ours: (error: unknown) => unknown,
  ) {
    super({
      s3ClientConfig: {
        ...s3Config(env),
        bucket,
        requestChecksumCalculation: 'WHEN_REQUIRED',
        responseChecksumValidation: 'WHEN_REQUIRED',
        requestHandler: s3Limits(timing),
      },
      useTags: false,
      maxConcurrentPartUploads: PARTS_AT_ONCE,
      ...(partBytes === undefined ? {} : { partSize: partBytes }),
    });
    this.scratch = scratch;
  }

  /** Gives up what is not finished. (The store's own remove also deletes objects by a call that needs checksums of old.) */
  async abort(key: string): Promise<void> {
    const { 'upload-id': uploadId } = await this.getMetadata(key);
    await this.client.abortMultipartUpload({ Bucket: this.bucket, Key: key, UploadId: uploadId });
    await this.clearCache(key);
  }

  /** Asks for the parts of an upload that there is not; rejects unless the server says just that. */
  async askForParts(key: string): Promise<void> {
    const nobodys = { Bucket: this.bucket, Key: key, UploadId: 'nobodys' };
    await this.client.listParts(nobodys).catch((error: unknown) => {
      if (![400, 404].includes(statusOf(error) ?? 0)) throw error;
    });
  }

  /** Of the rest of the chunk before, which begins the next part. */
  protected override uniqueTmpFileName(name: string): Promise<string> {
    return Promise.resolve(join(this.scratch, `${name}${randomUUID()}`));
  }

  protected override async retrieveParts(key: string, after?: string): Promise<Part[]> {
    const parts = await super.retrieveParts(key, after);
    return after === undefined ? unbroken(parts) : parts; // else one page of a list, asked for by the line above
  }

  /**
   * Sends parts one after the other, each when it has come as a whole, while the next one comes. So a slow client holds
   * up nobody, and an upload has two files at most on its way.
   */
  protected override async uploadParts(
    metadata: MetadataValue,
    stream: Readable,
    first: number,
    offset: number,
  ): Promise<number> {
    const { id, size } = metadata.file;
    await this.makeRoom(metadata, offset);
    let sent = 0;
    let sending = Promise.resolve();
    try {
      let number = first;
      for await (const part of partFiles(stream, this.scratch, this.calcOptimalPartSize(size))) {
        await sending.catch(async (error: unknown) => {
          await rm(part.path, { force: true });
          throw error;
        });
        sent += part.bytes;
        const isPart = part.bytes >= this.minPartSize || offset + sent === size;
        const partNumber = number++;
        sending = this.send(part, (body) =>
          isPart ? this.uploadPart(metadata, body, partNumber) : this.uploadIncompletePart(id, body),
        );
        // Nothing more is taken from the client then. (The tus server tells what its stream ended with.)
        sending.catch((error: Error) => stream.destroy(error));
      }
    } finally {
      await sending;
    }
    return sent;
  }

  protected override async finishMultipartUpload(
    metadata: MetadataValue,
    parts: Part[],
  ): Promise<string | undefined> {
    const { id, size } = metadata.file;
    if (bytesOf(parts) === size) return super.finishMultipartUpload(metadata, parts);
    // Which of its bytes are wrong cannot be said any more, so nobody shall go on with it.
    await this.abort(id);
    await this.client.deleteObject({ Bucket: this.bucket, Key: this.infoKey(id) });
    throw new HullcastError('UPLOAD_NOT_FOUND', 'the parts of the upload are not the bytes that were sent', {
      hint: 'Begin a new one.',
    });
  }

  /**
   * Sees to it that bytes from `offset` on continue the parts that there are, and empties those that lie behind a gap
   * (S3 cannot delete a single one): they would count again once the gap is filled by parts of other sizes.
   */
  private async makeRoom(metadata: MetadataValue, offset: number): Promise<void> {
    const parts = await super.retrieveParts(metadata.file.id);
    const kept = unbroken(parts);
    if (bytesOf(kept) !== offset) throw uploadOffset();
    for (const { PartNumber, Size } of parts.slice(kept.length))
      if (Size) await this.uploadPart(metadata, Buffer.alloc(0), PartNumber!);
  }

  /** Sends a file when its turn has come, and removes it. */
  private async send(part: PartFile, upload: (body: Readable) => Promise<unknown>): Promise<void> {
    const permit = await this.partUploadSemaphore.acquire();
    const body = createReadStream(part.path);
    try {
      // The SDK does not see that a file cannot be read.
      const unreadable = new Promise<never>((_, reject) => void body.once('error', reject));
      await Promise.race([upload(body), unreadable]);
    } catch (error) {
      throw this.ours(error);
    } finally {
      body.destroy();
      await rm(part.path, { force: true });
      await permit.release();
    }
  }
}
