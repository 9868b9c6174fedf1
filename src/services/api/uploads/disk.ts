import { createWriteStream, mkdirSync } from 'node:fs';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type FileStore, asDiskError } from '../../../storage/index.js';
import { type PartialUpload, type UploadBytes, uploadKey } from './bytes.js';

/** Hidden from the object store, as the name begins with a dot; on its file system, so that finishing is a rename. */
const FOLDER = '.uploads';

function isAbsent(error: unknown): boolean {
  return (error as NodeJS.ErrnoException).code === 'ENOENT';
}

/**
 * Uploads beside an object store in a folder: a growing file each, whose size is the offset, and its metadata. A
 * complete one becomes the object by a rename. (The file store of tus says neither that a disk is full nor that its
 * folder cannot be made, and a file is simple.)
 */
export function diskUploads(store: FileStore): UploadBytes {
  const folder = join(store.root, FOLDER);
  mkdirSync(folder, { recursive: true });
  const data = (id: string): string => join(folder, id);
  const facts = (id: string): string => join(folder, `${id}.json`);
  const writing = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw asDiskError(error, folder);
    }
  };
  return {
    check: () => Promise.resolve(),
    create: (id, _bytes, metadata) =>
      writing(async () => {
        await writeFile(facts(id), JSON.stringify(metadata));
        await writeFile(data(id), '');
      }),
    write: (stream: Readable, id, offset) =>
      writing(async () => {
        let bytes = 0;
        const count = new Transform({
          transform(chunk: Buffer, _encoding, done) {
            bytes += chunk.length;
            done(null, chunk);
          },
        });
        await pipeline(stream, count, createWriteStream(data(id), { flags: 'r+', start: offset }));
        return offset + bytes;
      }),
    async get(id) {
      try {
        const { size } = await stat(data(id));
        const metadata = JSON.parse(await readFile(facts(id), 'utf8')) as PartialUpload['metadata'];
        return { offset: size, metadata };
      } catch (error) {
        if (isAbsent(error)) return undefined;
        throw error;
      }
    },
    async finish(id, bytes) {
      if ((await store.stat(uploadKey(id)))?.bytes === bytes) return;
      await store.putFile(uploadKey(id), data(id), { move: true });
    },
    forget: (id) => rm(facts(id), { force: true }),
    async remove(id) {
      await store.delete(uploadKey(id));
      await Promise.all([rm(data(id), { force: true }), rm(facts(id), { force: true })]);
    },
  };
}
