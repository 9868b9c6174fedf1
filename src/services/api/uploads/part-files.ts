import { randomUUID } from 'node:crypto';
import { type FileHandle, open, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';

/** Bytes of an upload on their way, in a file. */
export interface PartFile {
  path: string;
  bytes: number;
}

/**
 * A stream cut into files of `partBytes` each below `folder`, and one with what is left over; none where there are no
 * bytes. The stream is read on only when the next file is asked for. Who takes a file removes it; one that is not full when
 * the stream fails is removed here.
 */
export async function* partFiles(
  stream: Readable,
  folder: string,
  partBytes: number,
): AsyncGenerator<PartFile> {
  let growing: (PartFile & { file: FileHandle }) | undefined;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      for (let at = 0; at < chunk.length;) {
        growing ??= await begin(folder);
        const piece = chunk.subarray(at, at + partBytes - growing.bytes);
        await growing.file.appendFile(piece);
        growing.bytes += piece.length;
        at += piece.length;
        if (growing.bytes < partBytes) continue;
        const { path, bytes, file } = growing;
        await file.close();
        growing = undefined;
        yield { path, bytes };
      }
    }
    if (growing) {
      const { path, bytes, file } = growing;
      await file.close();
      growing = undefined;
      yield { path, bytes };
    }
  } finally {
    await growing?.file.close();
    if (growing) await rm(growing.path, { force: true });
  }
}

async function begin(folder: string): Promise<PartFile & { file: FileHandle }> {
  const path = join(folder, `part-${randomUUID()}`);
  return { path, bytes: 0, file: await open(path, 'wx') };
}
