import { type ClientRequest, type IncomingHttpHeaders, request } from 'node:http';

export interface TusAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

export interface HeldRequest {
  close(): void;
  /** Resolves when the connection is closed, by whomever. */
  closed: Promise<void>;
}

export interface TusClient {
  /** Begins an upload; gives its path. */
  create(bytes: number, headers?: Record<string, string>): Promise<string>;
  offset(path: string): Promise<number>;
  send(method: string, path: string, headers?: Record<string, string>, body?: Uint8Array): Promise<TusAnswer>;
  patch(path: string, offset: number, body: Uint8Array, headers?: Record<string, string>): Promise<TusAnswer>;
  /** Like send(), but the body goes in pieces, over so many milliseconds. */
  trickle(
    method: string,
    path: string,
    headers: Record<string, string>,
    body: Uint8Array,
    ms: number,
  ): Promise<TusAnswer>;
  /** Sends a part of what it says that it sends, and nothing more. */
  hold(path: string, offset: number, announced: number, body: Uint8Array): Promise<HeldRequest>;
  /** Sends a part of what it says that it sends, and cuts the connection. */
  cut(
    path: string,
    offset: number,
    announced: number,
    body: Uint8Array,
    headers?: Record<string, string>,
  ): Promise<void>;
}

/** A client of tus without any manners, so that a test can break what it likes. */
export function tusClient(url: string, secret: string): TusClient {
  const base = { authorization: `Bearer ${secret}`, 'tus-resumable': '1.0.0' };
  const patchHeaders = (offset: number, headers?: Record<string, string>): Record<string, string> => ({
    ...base,
    'content-type': 'application/offset+octet-stream',
    'upload-offset': String(offset),
    ...headers,
  });
  const begin = (
    method: string,
    path: string,
    headers: Record<string, string>,
    body: Uint8Array | undefined,
    write: (sent: ClientRequest) => void,
  ): Promise<TusAnswer> =>
    new Promise((resolve, reject) => {
      const length = body === undefined ? {} : { 'content-length': String(body.length) };
      const all = Object.entries({ ...base, ...length, ...headers }).filter(([, value]) => value !== '');
      const sent = request(
        url + path,
        { method, headers: Object.fromEntries(all), agent: false },
        (response) => {
          let text = '';
          response.setEncoding('utf8');
          response.on('data', (chunk: string) => (text += chunk));
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }),
          );
        },
      );
      sent.on('error', reject);
      write(sent);
    });
  const send: TusClient['send'] = (method, path, headers = {}, body) =>
    begin(method, path, headers, body, (sent) => void sent.end(body));
  return {
    send,
    trickle: (method, path, headers, body, ms) =>
      begin(method, path, headers, body, (sent) => {
        const pieces = 10;
        const at = (piece: number): number => Math.floor((body.length * piece) / pieces);
        let piece = 0;
        sent.flushHeaders();
        const timer = setInterval(() => {
          sent.write(body.subarray(at(piece), at(piece + 1)));
          piece += 1;
          if (piece < pieces) return;
          clearInterval(timer);
          sent.end();
        }, ms / pieces);
        sent.on('close', () => clearInterval(timer));
      }),
    async create(bytes, headers = {}) {
      const answer = await send('POST', '/v1/uploads', { 'upload-length': String(bytes), ...headers });
      if (answer.status !== 201) throw new Error(`${answer.status} ${answer.body}`);
      return answer.headers.location!;
    },
    async offset(path) {
      const answer = await send('HEAD', path);
      if (answer.status !== 200) throw new Error(`HEAD: ${answer.status}`);
      return Number(answer.headers['upload-offset']);
    },
    patch: (path, offset, body, headers) => send('PATCH', path, patchHeaders(offset, headers), body),
    hold: (path, offset, announced, body) =>
      new Promise((resolve) => {
        const headers = { ...patchHeaders(offset), 'content-length': String(announced) };
        const sent = request(url + path, { method: 'PATCH', agent: false, headers });
        sent.on('error', () => undefined);
        const closed = new Promise<void>((done) => sent.once('close', done));
        sent.write(body, () => setTimeout(resolve, 50, { close: () => sent.destroy(), closed }));
      }),
    cut: (path, offset, announced, body, headers) =>
      new Promise((resolve) => {
        const sent = request(url + path, {
          ...{ method: 'PATCH', agent: false },
          headers: { ...patchHeaders(offset, headers), 'content-length': String(announced) },
        });
        sent.on('error', () => resolve());
        sent.on('close', () => resolve());
        // The last byte has left before the connection goes.
        sent.write(body, () => setTimeout(() => sent.destroy(), 20));
      }),
  };
}
