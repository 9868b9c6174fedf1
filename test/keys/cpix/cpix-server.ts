import { createHmac, randomBytes } from 'node:crypto';
import { type IncomingHttpHeaders, type RequestListener, type ServerResponse, createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import type { TestCertificate } from '../../support/certificate.js';
import { parse, problemsOf } from './demands.js';
import { type Given, answerTo, written } from './provider.js';

export interface CpixRequest {
  headers: IncomingHttpHeaders;
  path: string;
  body: string;
}

/** One answer that is none of a good provider. */
export interface Reply {
  status?: number;
  headers?: Record<string, string>;
  body?: string | Buffer;
  /** `all`: it never answers. `body`: it stops after half of it. `cut`: it breaks off there. */
  hang?: 'all' | 'body' | 'cut';
}

/** A DRM provider that speaks SPEKE 2.0, and looks closely at what it is asked. */
export interface CpixServer {
  url: string;
  requests: CpixRequest[];
  /** What was wrong with any request. */
  problems: string[];
  keyOf(contentId: string, kid: string): Buffer;
  /** The next requests get these, one each; instead of what is left of earlier ones. */
  next(...replies: Reply[]): void;
  /** Every answer is changed so before it is written; by default not at all. */
  change: (given: Given) => void;
  /** How the answer is written down. */
  write: (given: Given) => string;
  stop(): Promise<void>;
}

export interface CpixServerOptions {
  /** The Authorization that it wants. */
  authorization?: string;
  tls?: TestCertificate;
  /** Certificates of clients that it lets in; of others it lets none in then. */
  clients?: TestCertificate;
}

export async function startCpixServer(options: CpixServerOptions = {}): Promise<CpixServer> {
  const secret = randomBytes(32);
  const replies: Reply[] = [];
  const state: CpixServer = {
    ...{ url: '', requests: [], problems: [], change: () => undefined, write: (given) => written(given) },
    keyOf: (contentId, kid) =>
      createHmac('sha256', secret)
        .update(`${contentId} ${kid.replaceAll('-', '')}`)
        .digest()
        .subarray(0, 16),
    next: (...more) => void replies.splice(0, Infinity, ...more),
    stop: () => {
      server.closeAllConnections();
      return new Promise((done) => server.close(() => done()));
    },
  };
  const listener: RequestListener = (request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const body = Buffer.concat(parts).toString('utf8');
      state.requests.push({ headers: request.headers, path: request.url ?? '', body });
      const reply = replies.shift();
      if (reply) send(response, reply);
      else if (request.method !== 'POST') send(response, { status: 405 });
      else if (options.authorization && request.headers.authorization !== options.authorization)
        send(response, { status: 401, body: `no such account: ${request.headers.authorization}` });
      else send(response, rightReply(state, request.headers, body));
    });
  };
  const server = options.tls
    ? createTlsServer(
        {
          ...{ cert: options.tls.certificate, key: options.tls.privateKey },
          ...(options.clients ? { ca: options.clients.certificate, requestCert: true } : {}),
        },
        listener,
      )
    : createServer(listener);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  state.url = `${options.tls ? 'https' : 'http'}://127.0.0.1:${port}/speke/v2.0`;
  return state;
}

function rightReply(state: CpixServer, headers: IncomingHttpHeaders, body: string): Reply {
  const found = problemsOf(headers, body);
  state.problems.push(...found);
  if (found.length > 0) return { status: 422, body: found.join('; ') };
  const given = answerTo(parse(body), state.keyOf);
  state.change(given);
  return {
    body: state.write(given),
    headers: {
      'content-type': 'application/xml',
      'x-speke-version': String(headers['x-speke-version']),
      'x-speke-user-agent': 'test',
    },
  };
}

function send(response: ServerResponse, { status = 200, headers = {}, body = '', hang }: Reply): void {
  if (hang === 'all') return;
  const bytes = Buffer.from(body);
  response.writeHead(status, { ...headers, 'content-length': String(bytes.length) });
  if (hang === undefined) return void response.end(bytes);
  response.write(bytes.subarray(0, bytes.length / 2), () => {
    if (hang === 'cut') response.destroy();
  });
}
