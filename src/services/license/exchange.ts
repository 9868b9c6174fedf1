import type { IncomingMessage } from 'node:http';
import { answerTo } from '../outgoing/index.js';

export interface ExchangeRequest {
  method: 'GET' | 'POST';
  url: URL;
  headers: Readonly<Record<string, string>>;
  body?: Uint8Array | undefined;
  /** For everything, the answer's last byte included, milliseconds. */
  timeoutMs: number;
  /** Most bytes of an answer. */
  maxBytes: number;
  signal: AbortSignal;
}

export interface ExchangeAnswer {
  status: number;
  contentType: string | undefined;
  body: Buffer;
}

/**
 * One request on a connection of its own. Redirects are not followed, nothing compressed is asked for or taken. Rejects with
 * an error that may be logged: it tells neither headers nor more of the URL than its host.
 */
export async function exchange(request: ExchangeRequest): Promise<ExchangeAnswer> {
  const { timeoutMs, signal } = request;
  const late = AbortSignal.timeout(timeoutMs);
  try {
    const response = await responseTo(request, AbortSignal.any([signal, late]));
    const { statusCode: status = 0, headers } = response;
    const body = await bodyOf(response, request.maxBytes);
    if (!['identity', undefined].includes(headers['content-encoding']))
      throw new Error('the answer is compressed, which was not asked for');
    return { status, contentType: headers['content-type'], body };
  } catch (error) {
    if (signal.aborted) throw new Error('the player has gone away');
    throw late.aborted ? new Error(`no whole answer within ${timeoutMs / 1000} s`) : error;
  }
}

function responseTo(
  { method, url, headers, body }: ExchangeRequest,
  signal: AbortSignal,
): Promise<IncomingMessage> {
  const length = body === undefined ? {} : { 'content-length': String(body.length) };
  const options = {
    ...{ method, agent: false, signal },
    headers: { ...headers, ...length, 'accept-encoding': 'identity' },
  };
  return answerTo(url, options, body);
}

async function bodyOf(response: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response) {
    parts.push(part as Buffer);
    bytes += (part as Buffer).length;
    // Leaving the loop drops the connection.
    if (bytes > maxBytes) throw new Error(`the answer has more than ${maxBytes} bytes`);
  }
  return Buffer.concat(parts);
}
