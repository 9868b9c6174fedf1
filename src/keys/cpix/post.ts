import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** What a connection shows and trusts, PEM. */
export interface TlsFiles {
  /** Certificate and private key of the client. */
  cert?: string;
  key?: string;
  /** Authorities that are trusted instead of the usual ones. */
  ca?: string;
}

export interface PostRequest {
  url: URL;
  headers: Readonly<Record<string, string>>;
  body: string;
  tls: TlsFiles;
  /** For everything, the answer's last byte included, milliseconds. */
  timeoutMs: number;
  /** Most bytes of an answer. */
  maxBytes: number;
  signal?: AbortSignal | undefined;
}

export interface PostAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  /** Undefined where it was longer than allowed. */
  body: Buffer | undefined;
}

/**
 * One POST on a connection of its own; redirects are not followed, and nothing compressed is asked for. Rejects with the
 * error of the connection, an error that says that the time is over, or the reason of the signal.
 */
export async function post(request: PostRequest): Promise<PostAnswer> {
  const { timeoutMs, signal } = request;
  const late = AbortSignal.timeout(timeoutMs);
  const ended = signal ? AbortSignal.any([signal, late]) : late;
  try {
    const response = await responseTo(request, ended);
    const { statusCode: status = 0, headers } = response;
    return { status, headers, body: await bodyOf(response, request.maxBytes) };
  } catch (error) {
    signal?.throwIfAborted();
    throw late.aborted ? new Error(`no whole answer within ${timeoutMs / 1000} s`) : error;
  }
}

function responseTo({ url, headers, body, tls }: PostRequest, signal: AbortSignal): Promise<IncomingMessage> {
  const length = { 'content-length': String(Buffer.byteLength(body)) };
  const options = { method: 'POST', agent: false, signal, headers: { ...headers, ...length } };
  return new Promise((resolve, reject) => {
    const request =
      url.protocol === 'https:'
        ? httpsRequest(url, { ...options, ...tls, rejectUnauthorized: true })
        : httpRequest(url, options);
    request.on('response', resolve);
    request.on('error', reject);
    request.end(body);
  });
}

async function bodyOf(response: IncomingMessage, maxBytes: number): Promise<Buffer | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of response) {
    parts.push(part as Buffer);
    bytes += (part as Buffer).length;
    if (bytes > maxBytes) return undefined; // leaving the loop drops the connection
  }
  return Buffer.concat(parts);
}
