import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, open, readFile, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import S3Error from 's3rver/lib/models/error.js';
import S3Object from 's3rver/lib/models/object.js';
import FilesystemStore from 's3rver/lib/stores/filesystem.js';

const SUFFIX = '._S3rver_object';

/**
 * What s3rver keeps, with the promises that S3 makes and s3rver's own store does not: an object is there whole or not
 * at all, whoever writes or reads it at the same time; what was written is what the next one reads; listings are in the
 * order of keys. s3rver's part is HTTP, signatures and XML.
 */
export class S3Backend extends FilesystemStore {
  private readonly last = new Map<string, Promise<unknown>>();

  constructor(
    folder: string,
    /** For what is on its way. */
    private readonly incoming: string,
  ) {
    super(folder);
  }

  override async getObject(
    bucket: string,
    key: string,
    { start, end }: { start?: number; end?: number } = {},
  ): Promise<S3Object | null> {
    const path = this.getResourcePath(bucket, key, 'object');
    try {
      const [metadata, file] = await this.inTurn(bucket, key, async () => [
        await this.getMetadata(bucket, key),
        await open(path, 'r'), // what is open stays what it is
      ]);
      const size = Number(metadata['content-length']);
      if (start === undefined) {
        return new S3Object(bucket, key, file.createReadStream(), metadata);
      }
      const range = { start, end: Math.min(end ?? Infinity, size - 1) };
      const fits = range.start <= range.end;
      if (!fits) await file.close();
      const object = new S3Object(bucket, key, fits ? file.createReadStream(range) : null, metadata);
      object.range = range;
      return object;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  }

  override async putObject(object: S3Object): Promise<{ size: number; md5: string }> {
    const { bucket, key, content, metadata } = object;
    const part = await this.receive(Buffer.isBuffer(content) ? Readable.from([content]) : content!);
    await this.commit(bucket, key, part, metadata);
    return part;
  }

  override async copyObject(
    bucket: string,
    key: string,
    toBucket: string,
    toKey: string,
    metadata: object | null,
  ): Promise<Record<string, string>> {
    const copy = join(this.incoming, randomUUID());
    const found = await this.inTurn(bucket, key, async () => {
      await copyFile(this.getResourcePath(bucket, key, 'object'), copy);
      return this.getMetadata(bucket, key);
    });
    const now = new Date();
    await utimes(copy, now, now);
    const md5 = JSON.parse(found['etag']!) as string;
    await this.commit(toBucket, toKey, { path: copy, md5 }, metadata ?? found);
    return this.getMetadata(toBucket, toKey);
  }

  override deleteObject(bucket: string, key: string): Promise<void> {
    return this.inTurn(bucket, key, async () => {
      for (const resource of ['object', 'object.md5', 'metadata.json'])
        await rm(this.getResourcePath(bucket, key, resource), { force: true });
    });
  }

  override async putPart(bucket: string, uploadId: string, part: string, content: Readable) {
    const received = await this.receive(content);
    const folder = this.uploadFolder(bucket, uploadId);
    await stat(folder).catch(noSuchUpload);
    await rename(received.path, join(folder, part));
    return received;
  }

  override async putObjectMultipart(
    bucket: string,
    uploadId: string,
    parts: { number: number }[],
  ): Promise<{ size: number; md5: string }> {
    const folder = this.uploadFolder(bucket, uploadId);
    const key = await readFile(join(folder, 'key'), 'utf8').catch(noSuchUpload);
    const metadata = JSON.parse(await readFile(join(folder, 'metadata'), 'utf8')) as object;
    const numbers = parts.map(({ number }) => number).sort((a, b) => a - b);
    const whole = await this.receive(
      Readable.from(
        (async function* () {
          for (const number of numbers) yield* createReadStream(join(folder, String(number)));
        })(),
      ),
    );
    await this.commit(bucket, key, whole, new S3Object(bucket, key, null, metadata).metadata);
    await rm(folder, { recursive: true });
    return whole;
  }

  async abortUpload(bucket: string, uploadId: string): Promise<void> {
    await rm(this.uploadFolder(bucket, uploadId), { recursive: true }).catch(noSuchUpload);
  }

  override async listObjects(
    bucket: string,
    { startAfter = '', prefix = '', maxKeys }: { startAfter?: string; prefix?: string; maxKeys: number },
  ) {
    const root = this.getBucketPath(bucket);
    const files = await readdir(root, { recursive: true, withFileTypes: true });
    const keys = files
      .filter((file) => file.isFile() && file.name.endsWith(SUFFIX))
      .map((file) => join(file.parentPath, file.name).slice(root.length + 1, -SUFFIX.length))
      .filter((key) => key.startsWith(prefix) && key > startAfter)
      .sort();
    const objects: S3Object[] = [];
    for (const key of keys.slice(0, maxKeys)) {
      const metadata = await this.inTurn(bucket, key, () => this.getMetadata(bucket, key)).catch(() => null);
      if (metadata) objects.push(new S3Object(bucket, key, null, metadata)); // else deleted meanwhile
    }
    return { objects, commonPrefixes: [], isTruncated: keys.length > maxKeys };
  }

  private uploadFolder(bucket: string, uploadId: string): string {
    return join(this.getResourcePath(bucket, undefined, 'uploads'), uploadId);
  }

  /** Takes a body in, to its end: one that breaks off leaves nothing. */
  private async receive(content: Readable): Promise<{ path: string; size: number; md5: string }> {
    const path = join(this.incoming, randomUUID());
    const hash = createHash('md5');
    let size = 0;
    try {
      await pipeline(
        content,
        async function* (source: AsyncIterable<Buffer>) {
          for await (const data of source) {
            hash.update(data);
            size += data.length;
            yield data;
          }
        },
        createWriteStream(path),
      );
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
    return { path, size, md5: hash.digest('hex') };
  }

  private commit(
    bucket: string,
    key: string,
    { path, md5 }: { path: string; md5: string },
    metadata: object,
  ): Promise<void> {
    return this.inTurn(bucket, key, async () => {
      const target = this.getResourcePath(bucket, key, 'object');
      await mkdir(dirname(target), { recursive: true });
      await rename(path, target);
      await this.putMetadata(bucket, key, metadata, md5);
    });
  }

  /** Runs what touches an object's files one after the other. */
  private async inTurn<T>(bucket: string, key: string, work: () => Promise<T>): Promise<T> {
    const name = `${bucket}/${key}`;
    const before = this.last.get(name) ?? Promise.resolve();
    const now = before.then(work, work);
    this.last.set(name, now);
    try {
      return await now;
    } finally {
      if (this.last.get(name) === now) this.last.delete(name);
    }
  }
}

function noSuchUpload(error: NodeJS.ErrnoException): never {
  if (error.code !== 'ENOENT') throw error;
  throw new S3Error('NoSuchUpload', 'The specified upload does not exist.');
}
