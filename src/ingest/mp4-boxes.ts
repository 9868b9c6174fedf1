import type { FileHandle } from 'node:fs/promises';

/** Where a box begins and what it is. Sizes are bytes, header included; 0 means "to the end of the file". */
export interface BoxHeader {
  type: string;
  size: number;
}

/** Files with more boxes than this before the first `moov` are not walked to the end. */
const MAX_BOXES = 10_000;

/** Reads the header of an ISO BMFF box from its first 16 bytes; undefined where it is none. */
export function parseBoxHeader(data: Buffer): BoxHeader | undefined {
  if (data.length < 8) return undefined;
  const type = data.toString('latin1', 4, 8);
  const short = data.readUInt32BE(0);
  if (short !== 1) return short === 0 || short >= 8 ? { type, size: short } : undefined;
  if (data.length < 16) return undefined;
  const long = data.readBigUInt64BE(8);
  return long >= 16n && long <= BigInt(Number.MAX_SAFE_INTEGER) ? { type, size: Number(long) } : undefined;
}

/**
 * True unless the walk over the top-level boxes of a whole file finds no `moov`: without it an MP4 says nothing of
 * its streams. A file that is not walked to its end (very many boxes) is given the benefit of the doubt.
 */
export async function hasMovieBox(file: FileHandle, fileBytes: number): Promise<boolean> {
  const header = Buffer.alloc(16);
  let position = 0;
  for (let boxes = 0; boxes < MAX_BOXES; boxes++) {
    if (position >= fileBytes) return false;
    const { bytesRead } = await file.read(header, 0, 16, position);
    const box = parseBoxHeader(header.subarray(0, bytesRead));
    if (!box) return false;
    if (box.type === 'moov') return true;
    if (box.size === 0) return false;
    position += box.size;
  }
  return true;
}
