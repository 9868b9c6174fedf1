import { type FileHandle, open, realpath } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { mimeType } from './mime.js';
import { parseRange } from './range.js';

/**
 * Segments of an encoded URL path below a folder; undefined for anything that could point elsewhere: bad encoding,
 * `.` and `..`, empty names, separators and NUL inside of names.
 */
export function safeSegments(encoded: string): string[] | undefined {
  try {
    const segments = encoded.split('/').map(decodeURIComponent);
    return segments.every(
      (segment) => segment !== '' && segment !== '.' && segment !== '..' && !/[/\\\0]/.test(segment),
    )
      ? segments
      : undefined;
  } catch {
    return undefined; // not valid percent-encoding: names no file
  }
}

/** Absolute path of a file below `root`, symbolic links resolved; undefined where there is none or it is outside. */
export async function fileBelow(root: string, encoded: string): Promise<string | undefined> {
  const segments = safeSegments(encoded);
  if (segments === undefined) return undefined;
  try {
    const folder = await realpath(root);
    const path = await realpath(join(folder, ...segments));
    return path.startsWith(folder.endsWith(sep) ? folder : folder + sep) ? path : undefined;
  } catch {
    return undefined; // does not exist, or may not be read: both are 404 to the outside
  }
}

/** Answers with a text that has no file of its own. */
export function sendText(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  type: string,
  text: string,
): void {
  const body = Buffer.from(text, 'utf8');
  response.writeHead(status, { 'content-type': type, 'content-length': body.length });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/**
 * Sends a file, or the part that the Range header asks for: 200, 206, 416; 404 for what is no regular file. A range
 * that depends on a validator (If-Range) is answered with the whole file, as no validators are given out.
 */
export async function sendFile(
  request: IncomingMessage,
  response: ServerResponse,
  path: string,
): Promise<void> {
  let file: FileHandle | undefined;
  try {
    file = await open(path, 'r');
    const stat = await file.stat();
    if (!stat.isFile()) return sendText(request, response, 404, mimeType('.txt'), 'Not found\n');
    const { size } = stat;
    const header = request.headers['if-range'] === undefined ? request.headers.range : undefined;
    const range = parseRange(header, size);
    if (range === 'unsatisfiable') {
      response.writeHead(416, { 'content-range': `bytes */${size}`, 'content-length': 0 });
      response.end();
      return;
    }
    const { start, end } = range === 'whole' ? { start: 0, end: size - 1 } : range;
    response.writeHead(range === 'whole' ? 200 : 206, {
      'content-type': mimeType(path),
      'content-length': end - start + 1,
      'accept-ranges': 'bytes',
      ...(range === 'whole' ? {} : { 'content-range': `bytes ${start}-${end}/${size}` }),
    });
    if (request.method === 'HEAD' || size === 0) response.end();
    else await pipeline(file.createReadStream({ start, end, autoClose: false }), response);
  } finally {
    await file?.close();
  }
}
