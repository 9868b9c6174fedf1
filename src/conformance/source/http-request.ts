import { LIMITS } from '../limits.js';

export type Answer =
  | { kind: 'bytes'; url: string; size: number; bytes: Buffer }
  | { kind: 'refused'; why: 'missing' | 'silent' | 'limit' | 'outside'; found: string; transient: boolean };

type Refused = Extract<Answer, { kind: 'refused' }>;

function refused(why: Refused['why'], found: string, transient = false): Refused {
  return { kind: 'refused', why, found, transient };
}

/** Reads a body to its end, or to `most` bytes; undefined where there are more and `whole` is asked for. */
async function readBody(response: Response, most: number, whole: boolean): Promise<Buffer | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  const reader = response.body?.getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    chunks.push(part.value);
    bytes += part.value.length;
    if (bytes <= most) continue;
    await reader?.cancel();
    if (whole) return undefined;
    break;
  }
  return Buffer.concat(chunks).subarray(0, most);
}

/** First byte and total size in `Content-Range: bytes 0-99/1234`. */
function rangeOf(header: string | null): { first: number; total: number } | undefined {
  const match = /^bytes (\d{1,15})-\d+\/(\d{1,15})$/i.exec(header ?? '');
  return match ? { first: Number(match[1]), total: Number(match[2]) } : undefined;
}

async function answerOf(response: Response, url: string, offset: number, length: number): Promise<Answer> {
  if (response.status === 206) {
    const range = rangeOf(response.headers.get('content-range'));
    if (range?.first !== offset) {
      await response.body?.cancel();
      return refused('missing', 'a partial answer, not of what was asked for');
    }
    const bytes = await readBody(response, length, false);
    return { kind: 'bytes', url, size: range.total, bytes: bytes ?? Buffer.alloc(0) };
  }
  if (response.status === 200) {
    const all = await readBody(response, LIMITS.wholeBytes, true);
    if (!all) return refused('limit', `more than ${LIMITS.wholeBytes} bytes from a server without ranges`);
    return { kind: 'bytes', url, size: all.length, bytes: all.subarray(offset) };
  }
  await response.body?.cancel();
  // Nothing can be satisfied of an empty file.
  if (response.status === 416 && offset === 0) return { kind: 'bytes', url, size: 0, bytes: Buffer.alloc(0) };
  const transient = response.status >= 500 || response.status === 429;
  return refused('missing', `status ${response.status}`, transient);
}

/** Follows redirects itself, so that each is looked at. */
async function follow(
  start: string,
  headers: Record<string, string>,
  signal: AbortSignal,
): Promise<Response | Refused> {
  let url = start;
  for (let redirects = 0; redirects <= LIMITS.redirects; redirects += 1) {
    const parsed = new URL(url);
    if (!/^https?:$/.test(parsed.protocol)) return refused('outside', `a URL of ${parsed.protocol}`);
    if (parsed.username !== '' || parsed.password !== '')
      return refused('outside', 'a URL with a password in it');
    const response = await fetch(url, { headers, signal, redirect: 'manual' });
    const location = response.headers.get('location');
    if (response.status < 300 || response.status >= 400 || location === null) return response;
    await response.body?.cancel();
    url = new URL(location, url).href;
  }
  return refused('missing', `more than ${LIMITS.redirects} redirects`);
}

/** Why fetch failed: the cause says it, where there is one. */
function reasonOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: string; message?: string }; message: string };
  return cause?.code ?? cause?.message ?? message;
}

/**
 * Asks for bytes of a URL. A server that knows no ranges gives all of them, and then `bytes` is the rest of the file.
 * Rejects only where `signal` is aborted.
 */
export async function fetchRange(
  url: string,
  offset: number,
  length: number,
  signal: AbortSignal,
): Promise<Answer> {
  const timeout = AbortSignal.timeout(LIMITS.requestSeconds * 1000);
  // Ranges are of the file's own bytes; what is compressed on the way has others.
  const headers = { range: `bytes=${offset}-${offset + length - 1}`, 'accept-encoding': 'identity' };
  try {
    const response = await follow(url, headers, AbortSignal.any([signal, timeout]));
    if ('kind' in response) return response;
    return await answerOf(response, response.url === '' ? url : response.url, offset, length);
  } catch (error) {
    signal.throwIfAborted();
    if (timeout.aborted) return refused('silent', `no answer within ${LIMITS.requestSeconds} s`, true);
    return refused('silent', `no answer (${reasonOf(error)})`, true);
  }
}
