import { type FileHandle, open, realpath } from 'node:fs/promises';
import { basename } from 'node:path';
import { HullcastError, masterRejected } from '../../../errors.js';

/** What a file was when its upload began: another size or time later means another content. */
export interface FileIdentity {
  /** Absolute, without symbolic links. */
  path: string;
  bytes: number;
  /** Time of its last change, nanoseconds since 1970; as text, for JSON has no such numbers. */
  mtimeNs: string;
}

/** A local master, open for reading. */
export interface MasterFile extends FileIdentity {
  name: string;
  /** The bytes from `start` up to `end`. Throws UPLOAD_CHANGED where the file is no longer what it was. */
  read(start: number, end: number): Promise<Buffer>;
  close(): Promise<void>;
}

async function stateOf(handle: FileHandle): Promise<Omit<FileIdentity, 'path'>> {
  const { size, mtimeNs } = await handle.stat({ bigint: true });
  return { bytes: Number(size), mtimeNs: String(mtimeNs) };
}

/** Opens a file that is there (whoever calls has looked at it). */
export async function openMasterFile(path: string): Promise<MasterFile> {
  const resolved = await realpath(path);
  const handle = await open(resolved, 'r');
  const name = basename(path);
  const before = await stateOf(handle);

  const refuseChange = async (): Promise<void> => {
    const now = await stateOf(handle);
    if (now.bytes === before.bytes && now.mtimeNs === before.mtimeNs) return;
    throw new HullcastError('UPLOAD_CHANGED', `${name} was changed while it was being uploaded`, {
      hint: 'Submit it again once nothing writes to it any more: its upload then begins anew.',
    });
  };

  return {
    ...{ path: resolved, name, ...before },
    read: async (start, end) => {
      const buffer = await readRange(handle, start, end).catch((cause: NodeJS.ErrnoException) => {
        throw masterRejected('MASTER_UNREADABLE', `${name} cannot be read (${cause.code ?? cause.message})`);
      });
      // After reading, so that a change before or during it is seen; one that comes later is seen by the next read.
      await refuseChange();
      return buffer;
    },
    close: () => handle.close(),
  };
}

/** The bytes that are there from `start` up to `end`. */
async function readRange(handle: FileHandle, start: number, end: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafe(end - start);
  let filled = 0;
  while (filled < buffer.length) {
    const { bytesRead } = await handle.read(buffer, filled, buffer.length - filled, start + filled);
    if (bytesRead === 0) break;
    filled += bytesRead;
  }
  return buffer.subarray(0, filled);
}
