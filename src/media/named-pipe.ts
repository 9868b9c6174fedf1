import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Run } from './run.js';

const MAKE_MS = 10_000;
const POLL_MS = 5;

function hasCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code;
}

/** Opens a named pipe to write once somebody reads it; undefined where `done` aborts before. */
async function openForReader(path: string, done: AbortSignal): Promise<FileHandle | undefined> {
  while (!done.aborted) {
    try {
      return await open(path, constants.O_WRONLY | constants.O_NONBLOCK);
    } catch (error) {
      if (!hasCode(error, 'ENXIO')) throw error; // ENXIO: nobody has it open for reading yet
      await sleep(POLL_MS);
    }
  }
  return undefined;
}

async function writeAll(file: FileHandle, content: Uint8Array, done: AbortSignal): Promise<void> {
  for (let at = 0; at < content.length && !done.aborted;) {
    try {
      at += (await file.write(content, at)).bytesWritten;
    } catch (error) {
      if (hasCode(error, 'EPIPE')) return; // who read it has ended, and says why
      if (!hasCode(error, 'EAGAIN')) throw error; // EAGAIN: the pipe is full
      await sleep(POLL_MS);
    }
  }
}

/**
 * Gives `content` to the one reader of a file that `use` starts: through a named pipe at `path`, so that it is on no disk and
 * in no argument. For programs that open a file by name: their standard input, which from Node is a socket, cannot be opened
 * as /dev/stdin. Throws what `use` throws.
 */
export async function withNamedPipe<T>(
  run: Run,
  path: string,
  content: Uint8Array,
  use: () => Promise<T>,
): Promise<T> {
  await run({ file: 'mkfifo', args: ['-m', '600', path], timeoutMs: MAKE_MS });
  const ended = new AbortController();
  const feed = async (): Promise<void> => {
    const file = await openForReader(path, ended.signal);
    try {
      if (file) await writeAll(file, content, ended.signal);
    } finally {
      await file?.close();
    }
  };
  const feeding = feed();
  try {
    return await use();
  } finally {
    ended.abort();
    await feeding;
  }
}
