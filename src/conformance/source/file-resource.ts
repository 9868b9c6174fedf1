import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import { SOURCE_MISSING } from './rules.js';
import { type Refusal, ReadRefused, type Resource } from './source.js';

/** Without waiting: a named pipe would keep whoever opens it until somebody writes to it. */
const READ = constants.O_RDONLY | constants.O_NONBLOCK;

function refuse(found: string): Refusal {
  return { rule: SOURCE_MISSING, expected: 'a file', found };
}

/**
 * A file on disk, opened for every read: a title has thousands, and each is read once or twice. `url` is what it is
 * called by.
 */
export async function fileResource(path: string, url: string): Promise<Resource | Refusal> {
  try {
    const file = await open(path, READ);
    try {
      const stats = await file.stat();
      if (!stats.isFile()) return refuse('something else');
      return { url, size: stats.size, read: (offset, length) => readAt(path, offset, length) };
    } finally {
      await file.close();
    }
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return refuse(
      code === 'ENOENT' || code === 'ENOTDIR' ? 'nothing' : `no file that can be read (${code ?? 'error'})`,
    );
  }
}

async function readAt(path: string, offset: number, length: number): Promise<Buffer> {
  const file = await open(path, READ).catch((error: NodeJS.ErrnoException) => {
    throw new ReadRefused(refuse(`a file that can no longer be opened (${error.code ?? error.message})`));
  });
  try {
    const buffer = Buffer.allocUnsafe(length);
    const { bytesRead } = await file.read(buffer, 0, length, offset);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
