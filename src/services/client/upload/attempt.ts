import { createHash } from 'node:crypto';
import { type DetailedError, type HttpRequest, Upload } from 'tus-js-client';
import { HullcastError } from '../../../errors.js';
import { retryAfterMs } from '../backoff.js';
import { type Connection, authorization } from '../http.js';
import { timedOut, unreachable } from '../network-error.js';
import { problemOf } from '../problem.js';
import type { MasterFile } from './master-file.js';

/** Algorithms that this client can compute, the best first, by the names that tus gives them. */
export const CHECKSUMS = ['sha256', 'sha1'] as const;
export type Checksum = (typeof CHECKSUMS)[number];

export interface AttemptOptions {
  url: string;
  file: MasterFile;
  /** Bytes of one request: what is lost at most where a connection is cut. */
  chunkBytes: number;
  /** Undefined where the server does not compare checksums. */
  checksum: Checksum | undefined;
  /** Longest time in which nothing moves, milliseconds. */
  stallMs: number;
  /** Bytes on their way or there, of the whole file; the first time what the server has already. */
  onBytes: (bytes: number) => void;
}

export type AttemptResult =
  | { state: 'finished' }
  /** The server has no such upload any more. */
  | { state: 'gone' }
  | {
      state: 'failed';
      error: HullcastError;
      /** Whether trying again may help. */ again: boolean;
      askedMs?: number | undefined;
    };

/** Not there, expired, or another token's: whatever it was, it cannot be gone on with. */
const GONE: ReadonlySet<number> = new Set([403, 404, 410]);
/** Offsets that differ are agreed on again at the beginning of every attempt. */
const OFFSET_CONFLICT = 409;

/** Asks the server how far it is, and sends the rest, until the end or the first thing that goes wrong. */
export function attempt(connection: Connection, options: AttemptOptions): Promise<AttemptResult> {
  const { server, signal } = connection;
  const { url, file, chunkBytes, checksum, stallMs, onBytes } = options;
  let digest = '';
  const source = {
    size: file.bytes,
    slice: async (start: number, end: number) => {
      const value = await file.read(start, end);
      if (checksum) digest = createHash(checksum).update(value).digest('base64');
      return { value: Object.assign(value, { size: value.length }), done: end >= file.bytes };
    },
    close: () => undefined,
  };
  return new Promise((resolve, reject) => {
    const stall = (): void => {
      void upload.abort();
      finish({ state: 'failed', error: timedOut(server, stallMs), again: true });
    };
    let timer = setTimeout(stall, stallMs);
    const moved = (): void => {
      clearTimeout(timer);
      timer = setTimeout(stall, stallMs);
    };
    // What is sent comes from `fileReader`; the first argument only has to be there.
    const upload = new Upload(Buffer.alloc(0), {
      ...{ uploadUrl: url, endpoint: null, retryDelays: null, storeFingerprintForResuming: false },
      chunkSize: chunkBytes,
      headers: authorization(connection),
      fileReader: { openFile: () => Promise.resolve(source) },
      onBeforeRequest: (request: HttpRequest) => {
        moved();
        if (checksum && request.getMethod() === 'PATCH')
          request.setHeader('Upload-Checksum', `${checksum} ${digest}`);
      },
      onProgress: (sent) => {
        moved();
        onBytes(sent);
      },
      onSuccess: () => finish({ state: 'finished' }),
      onError: (error) => finish(resultOf(server, error)),
    });
    const release = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', stop);
    };
    const stop = (): void => {
      void upload.abort();
      release();
      reject(signal.reason as Error);
    };
    const finish = (result: AttemptResult): void => {
      release();
      resolve(result);
    };
    if (signal.aborted) return stop();
    signal.addEventListener('abort', stop, { once: true });
    upload.start();
  });
}

function resultOf(server: string, thrown: Error): AttemptResult {
  const { originalResponse: response, causingError } = thrown as Partial<DetailedError>;
  if (!response) {
    const cause = causingError ?? thrown;
    // Reading the file failed, and not the network.
    if (cause instanceof HullcastError) return { state: 'failed', error: cause, again: false };
    const error = unreachable(server, cause);
    return { state: 'failed', error, again: error.transient };
  }
  const status = response.getStatus();
  if (GONE.has(status)) return { state: 'gone' };
  const header = (name: string): string | undefined => response.getHeader(name);
  const error = problemOf(server, { status, body: response.getBody(), header });
  const again = error.transient || status === OFFSET_CONFLICT;
  return { state: 'failed', error, again, askedMs: retryAfterMs(header('retry-after')) };
}
