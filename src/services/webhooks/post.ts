import type { IncomingMessage, RequestOptions } from 'node:http';
import type { LookupFunction } from 'node:net';
import { answerTo } from '../outgoing/index.js';
import type { Target } from './policy.js';

/** Answers are of no interest but may be of any size: this much is read before the connection is dropped. */
const MAX_ANSWER_BYTES = 64 * 1024;

/** Gives the checked addresses instead of asking DNS once more, which might say something else now. */
function pinned(addresses: Target['addresses']): LookupFunction {
  return (_host, options, callback) => {
    const [first] = addresses;
    if (options.all) callback(null, [...addresses]);
    else callback(null, first!.address, first!.family);
  };
}

function drain(response: IncomingMessage): void {
  let bytes = 0;
  response.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > MAX_ANSWER_BYTES) response.destroy();
  });
  // The status is known; what happens to the rest of the answer changes nothing.
  response.on('error', () => undefined);
}

/**
 * Sends a POST to one of the target's checked addresses, on a connection of its own; gives the status. Redirects are not
 * followed. Rejects where the connection fails or no status has come after `timeoutMs`.
 */
export async function post(
  target: Target,
  headers: Record<string, string>,
  body: string,
  timeoutMs: number,
): Promise<number> {
  const options: RequestOptions = {
    method: 'POST',
    agent: false,
    lookup: pinned(target.addresses),
    signal: AbortSignal.timeout(timeoutMs),
    headers: { ...headers, 'content-length': String(Buffer.byteLength(body)) },
  };
  let response: IncomingMessage;
  try {
    response = await answerTo(target.url, options, body);
  } catch (error) {
    throw (error as Error).name === 'AbortError'
      ? new Error(`no answer within ${timeoutMs / 1000} s`)
      : error;
  }
  drain(response);
  return response.statusCode ?? 0;
}
