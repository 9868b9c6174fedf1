import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

/** Bytes and lower-case hex SHA-256 of a stream, which is read to its end. */
export async function digestStream(stream: Readable): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const data of stream) {
    hash.update(data as Buffer);
    bytes += (data as Buffer).length;
  }
  return { bytes, sha256: hash.digest('hex') };
}
