import { createHash, randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { HullcastError } from '../../../errors.js';
import { asDiskError } from '../../../storage/index.js';

/** Algorithms of Upload-Checksum, and the bytes of their digests. */
const DIGEST_BYTES = { sha1: 20, sha256: 32, sha512: 64, md5: 16 } as const;
type Algorithm = keyof typeof DIGEST_BYTES;

export const CHECKSUM_ALGORITHMS = Object.keys(DIGEST_BYTES);

export interface Checksum {
  algorithm: Algorithm;
  digest: Buffer;
}

function invalid(what: string): HullcastError {
  return new HullcastError('CHECKSUM_INVALID', `Upload-Checksum: ${what}`, {
    hint: `Write the algorithm (${CHECKSUM_ALGORITHMS.join(', ')}), a space, and the digest in base64.`,
  });
}

/** Reads the header Upload-Checksum: `sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=`. Throws CHECKSUM_INVALID. */
export function parseChecksum(header: string): Checksum {
  const [algorithm = '', text = '', ...rest] = header.split(' ');
  if (!Object.hasOwn(DIGEST_BYTES, algorithm))
    throw invalid(`unknown algorithm ${JSON.stringify(algorithm)}`);
  const digest = Buffer.from(text, 'base64');
  if (rest.length > 0 || digest.toString('base64') !== text) throw invalid('the digest is no base64');
  const bytes = DIGEST_BYTES[algorithm as Algorithm];
  if (digest.length !== bytes) throw invalid(`a digest of ${algorithm} has ${bytes} bytes`);
  return { algorithm: algorithm as Algorithm, digest };
}

/** How a stream of a request says that its connection is gone. */
const LOST = ['ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'];

/** A chunk that has arrived whole and is what its checksum says. */
export interface CheckedChunk {
  path: string;
  bytes: number;
}

/**
 * Keeps a chunk in a file below `folder` until it is known to be right, so that nothing of a wrong one, or of one that
 * was cut off, ever gets to its upload. The caller removes the file. Throws UPLOAD_CHECKSUM and, for more than
 * `limit` bytes, UPLOAD_TOO_LARGE.
 */
export async function checkedChunk(
  body: Readable,
  { algorithm, digest }: Checksum,
  folder: string,
  limit: number,
  signal: AbortSignal,
): Promise<CheckedChunk> {
  const path = join(folder, `chunk-${randomUUID()}`);
  const hash = createHash(algorithm);
  let bytes = 0;
  const measure = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length;
      hash.update(chunk);
      if (bytes <= limit) return done(null, chunk);
      done(
        new HullcastError('UPLOAD_TOO_LARGE', `a chunk with a checksum may have ${limit} bytes`, {
          hint: 'Send smaller chunks, each with its checksum.',
        }),
      );
    },
  });
  try {
    await pipeline(body, measure, createWriteStream(path, { flags: 'wx' }), { signal });
    if (hash.digest().equals(digest)) return { path, bytes };
    throw new HullcastError('UPLOAD_CHECKSUM', `the chunk's ${algorithm} is not the one of Upload-Checksum`, {
      hint: 'Send the chunk again, from the same offset.',
    });
  } catch (error) {
    await rm(path, { force: true });
    if (signal.aborted)
      throw new HullcastError('SHUTTING_DOWN', 'the server is shutting down', { transient: true });
    // Nobody is there to read the answer: it is for the log, where a broken line is no failure of ours.
    if (LOST.includes((error as NodeJS.ErrnoException).code ?? ''))
      throw new HullcastError('UPLOAD_CHECKSUM', 'the connection was lost before the whole chunk had come');
    throw asDiskError(error, folder);
  }
}
