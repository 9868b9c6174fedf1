import { HullcastError } from '../../../errors.js';
import { takeLock } from '../../../lock.js';
import { type Patience, WORK_PATIENCE, nextPauseMs, pause } from '../backoff.js';
import { type Connection, send } from '../http.js';
import { type AttemptResult, type Checksum, CHECKSUMS, attempt } from './attempt.js';
import { type KeptUpload, findKept, findOutdated, forget, keep, keptPath, openKept } from './kept.js';
import { type MasterFile, openMasterFile } from './master-file.js';

/** What happens to an upload, for whoever shows it. */
export type UploadEvent =
  | { state: 'started'; bytes: number }
  /** Going on after `done` bytes that an earlier run of the command brought there. */
  | { state: 'resumed'; done: number; bytes: number }
  /** An earlier upload is of no use: the file was changed, or the server has it no longer. */
  | { state: 'anew'; why: 'changed' | 'gone' }
  | { state: 'progress'; done: number; bytes: number }
  | { state: 'interrupted'; error: HullcastError; pauseMs: number }
  | { state: 'finished'; bytes: number };

export interface UploadOptions {
  /** Folder in which uploads are remembered across runs. */
  folder: string;
  onEvent?: (event: UploadEvent) => void;
  /** Bytes of one request, at most. */
  chunkBytes?: number;
  patience?: Patience;
  stallMs?: number;
}

export interface Uploaded {
  /** What a submission names it by. */
  id: string;
  /** It had been finished before: by an earlier run, which perhaps submitted it too. */
  before: boolean;
}

const PATH = '/v1/uploads';
const TUS = { 'tus-resumable': '1.0.0' };
const CHUNK_BYTES = 16 * 2 ** 20;
const LEAST_CHUNK_BYTES = 2 ** 18;
const STALL_MS = 60_000;
/** Uploads begun in one run, at most: a server that forgets them all the time is broken. */
const MOST_UPLOADS = 3;

const idOf = (url: string): string => decodeURIComponent(url.slice(url.lastIndexOf('/') + 1));

/**
 * Uploads a file by tus, going on with what an earlier run of the command began. Connections that are cut, restarts of
 * the server and damaged chunks are lived through as long as it goes on. Throws what the server says no with,
 * SERVER_UNREACHABLE, SERVER_TIMEOUT, UPLOAD_CHANGED, and UPLOAD_RUNNING where another process uploads the file.
 */
export async function uploadFile(
  connection: Connection,
  path: string,
  options: UploadOptions,
): Promise<Uploaded> {
  const file = await openMasterFile(path);
  try {
    await openKept(options.folder);
    const release = await lock(keptPath(options.folder, { server: connection.server, ...file }), file.name);
    try {
      return await uploadLocked(connection, file, options);
    } finally {
      await release();
    }
  } finally {
    await file.close();
  }
}

function lock(path: string, name: string): Promise<() => Promise<void>> {
  return takeLock(
    `${path}.lock`,
    (who) =>
      new HullcastError('UPLOAD_RUNNING', `${who} the upload of ${name}`, {
        hint: 'Wait for it to end: one process at a time uploads a file to a server.',
      }),
  );
}

async function uploadLocked(
  connection: Connection,
  file: MasterFile,
  options: UploadOptions,
): Promise<Uploaded> {
  const { folder, onEvent } = options;
  const checksum = await checksumOf(connection);
  let kept = await findKept(folder, { server: connection.server, ...file });
  if (!kept) await discardOutdated(connection, file, options);
  for (let uploads = 1; ; uploads += 1) {
    const before = kept?.finished === true;
    const resumed = kept !== undefined;
    kept ??= await begin(connection, file, folder);
    if (await sendAll(connection, { kept, file, checksum, resumed }, options)) {
      await keep(folder, { ...kept, finished: true });
      onEvent?.({ state: 'finished', bytes: file.bytes });
      return { id: idOf(kept.url), before };
    }
    await forget(folder, kept);
    kept = undefined;
    if (uploads === MOST_UPLOADS) {
      throw new HullcastError(
        'UPLOAD_FORGOTTEN',
        `${connection.server} has lost ${uploads} uploads of ${file.name}`,
        {
          hint: 'Tell who runs the server: its uploads disappear while they are under way.',
        },
      );
    }
    onEvent?.({ state: 'anew', why: 'gone' });
  }
}

/** What the server compares chunks by; undefined where it does not, or does not say. */
async function checksumOf(connection: Connection): Promise<Checksum | undefined> {
  const options = send(connection, { method: 'OPTIONS', path: PATH, idempotent: true });
  const answer = await options.catch((error: unknown) => {
    // A server that is down is told of now. What is wrong otherwise shows when the upload begins.
    if (!(error instanceof HullcastError) || error.transient || connection.signal.aborted) throw error;
    return undefined;
  });
  const list = (name: string): string[] =>
    (answer?.headers.get(name) ?? '').split(',').map((one) => one.trim());
  if (!list('tus-extension').includes('checksum')) return undefined;
  const known = list('tus-checksum-algorithm');
  return CHECKSUMS.find((one) => known.includes(one));
}

/** Begins an upload and remembers it. Sent twice, the first is left over, and expires. */
async function begin(connection: Connection, file: MasterFile, folder: string): Promise<KeptUpload> {
  const { path, bytes, mtimeNs, name } = file;
  const { headers } = await send(connection, {
    method: 'POST',
    path: PATH,
    headers: {
      ...TUS,
      'upload-length': String(bytes),
      'upload-metadata': `filename ${Buffer.from(name).toString('base64')}`,
    },
    idempotent: true,
  });
  const id = idOf(headers.get('location') ?? '');
  if (id === '') {
    throw new HullcastError('SERVER_ANSWER', `${connection.server} did not say where the upload goes`);
  }
  // Its own address, whatever a proxy made of the one in the answer: the token goes nowhere else.
  const url = `${connection.server}${PATH}/${encodeURIComponent(id)}`;
  const kept = { server: connection.server, path, bytes, mtimeNs, url, finished: false };
  await keep(folder, kept);
  return kept;
}

/** Ends unfinished uploads of what the file was before it was changed. */
async function discardOutdated(
  connection: Connection,
  file: MasterFile,
  { folder, onEvent }: UploadOptions,
): Promise<void> {
  const outdated = await findOutdated(folder, { server: connection.server, ...file });
  const unfinished = outdated.filter(({ finished }) => !finished);
  for (const one of outdated) await forget(folder, one);
  if (unfinished.length > 0) onEvent?.({ state: 'anew', why: 'changed' });
  for (const { url } of unfinished) {
    const path = `${PATH}/${encodeURIComponent(idOf(url))}`;
    await send(connection, { method: 'DELETE', path, headers: TUS, idempotent: true }).catch(
      (error: unknown) => {
        // It expires by itself; what is wrong with the server shows with the next request.
        if (connection.signal.aborted || !(error instanceof HullcastError)) throw error;
      },
    );
  }
}

interface Sending {
  kept: KeptUpload;
  file: MasterFile;
  checksum: Checksum | undefined;
  resumed: boolean;
}

/** Sends what is missing; false where the server has the upload no longer. */
async function sendAll(
  connection: Connection,
  { kept, file, checksum, resumed }: Sending,
  { onEvent, chunkBytes = CHUNK_BYTES, patience = WORK_PATIENCE, stallMs = STALL_MS }: UploadOptions,
): Promise<boolean> {
  const { bytes } = file;
  let chunk = chunkBytes;
  let most = 0;
  let failures = 0;
  let told = false;
  for (;;) {
    let from: number | undefined;
    const onBytes = (done: number): void => {
      if (!told) onEvent?.(resumed ? { state: 'resumed', done, bytes } : { state: 'started', bytes });
      told = true;
      from ??= done;
      onEvent?.({ state: 'progress', done, bytes });
    };
    const options = { url: kept.url, file, chunkBytes: chunk, checksum, stallMs, onBytes };
    const result: AttemptResult = await attempt(connection, options);
    if (result.state === 'gone') return false;
    if (result.state === 'finished') return true;
    const { error, again, askedMs } = result;
    if (from !== undefined) {
      // What the server had when the attempt began is what earlier ones have brought there. A line that is cut more
      // often than a chunk takes gets smaller chunks.
      failures = from > most ? 0 : failures;
      chunk =
        from > most ? Math.min(chunkBytes, chunk * 2) : Math.max(LEAST_CHUNK_BYTES, Math.floor(chunk / 2));
      most = Math.max(most, from);
    }
    failures += 1;
    const pauseMs = again ? nextPauseMs(patience, failures, askedMs) : undefined;
    if (pauseMs === undefined) throw error;
    onEvent?.({ state: 'interrupted', error, pauseMs });
    await pause(pauseMs, connection.signal);
  }
}
