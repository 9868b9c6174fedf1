import type { Stats } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { type HullcastError, masterRejected } from '../errors.js';
import { type Container, HEADER_BYTES, sniffContainer } from './container.js';
import { hasMovieBox } from './mp4-boxes.js';

/**
 * Looks at a file before any tool does: is it there, is it a file, which container is it. `label` names it in errors
 * (the path unless given). Throws MASTER_UNREADABLE, MASTER_EMPTY, MASTER_UNKNOWN_CONTAINER or MASTER_NO_MOOV.
 */
export async function examineFile(path: string, label = path): Promise<Container> {
  // The kind is looked at before the file is opened: opening a named pipe would wait for a writer without end.
  const stats = await describe(path, label);
  if (!stats.isFile()) {
    throw masterRejected('MASTER_UNREADABLE', `${label} is not a file`, 'Give the path of one video file.');
  }
  if (stats.size === 0) {
    throw masterRejected('MASTER_EMPTY', `${label} is empty (0 bytes)`, 'Copy or export the master again.');
  }
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw unreadable(cause, label);
  });
  try {
    return await examineContent(file, stats.size, label);
  } finally {
    await file.close();
  }
}

async function examineContent(file: FileHandle, size: number, label: string): Promise<Container> {
  const header = Buffer.alloc(Math.min(HEADER_BYTES, size));
  const { bytesRead } = await file.read(header, 0, header.length, 0);
  const container = sniffContainer(header.subarray(0, bytesRead));
  if (!container) {
    throw masterRejected(
      'MASTER_UNKNOWN_CONTAINER',
      `${label} is in no container that hullcast reads, whatever its name says`,
      'Use MP4, MOV, MKV, WebM, MPEG-TS, MPEG-PS, AVI, MXF, FLV, Ogg, IVF or Y4M.',
    );
  }
  if (container.demuxer === 'mov' && !(await hasMovieBox(file, size))) {
    throw masterRejected(
      'MASTER_NO_MOOV',
      `${label} has no index (moov box): it is cut off, or its recording was never finished`,
      'Copy the file again and compare the sizes, or export it again.',
    );
  }
  return container;
}

async function describe(path: string, label: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    throw unreadable(cause, label);
  }
}

function unreadable(cause: unknown, label: string): HullcastError {
  const code = (cause as NodeJS.ErrnoException).code ?? 'unknown error';
  const why = code === 'ENOENT' ? 'does not exist' : `cannot be opened (${code})`;
  return masterRejected('MASTER_UNREADABLE', `${label} ${why}`, 'Check the path and who may read it.');
}
