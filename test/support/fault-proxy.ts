import { type IncomingMessage, type ServerResponse, createServer, request } from 'node:http';
import {
  type AddressInfo,
  type Server as TcpServer,
  type Socket,
  connect,
  createServer as createTcpServer,
} from 'node:net';
import { Transform } from 'node:stream';

/** What becomes of a connection, or of an HTTP request. */
export type Fault =
  /** Nothing: it goes through. */
  | 'pass'
  /** Nothing is taken and nothing answered, while it is so and for as long as the connection lasts. */
  | 'hang'
  /** The connection breaks. */
  | 'cut'
  /** The connection breaks after that many bytes of the answer's body. Of HTTP only. */
  | { cutAfter: number }
  /** Nothing more comes after that many bytes of the answer's body. Of HTTP only. */
  | { hangAfter: number }
  /** The answer is that status, without asking the server. Of HTTP only. */
  | { status: number }
  /** The server does its work, but the connection breaks before it has answered. Of HTTP only. */
  | 'lose answer'
  /** The first byte of the request's body is changed. Of HTTP only. */
  | 'corrupt';

export interface ProxiedRequest {
  method: string;
  /** Path and query. */
  url: string;
}

/** A proxy on the loopback in front of a server, that can be told to behave badly. */
export interface FaultProxy {
  port: number;
  /** For HTTP. */
  endpoint: string;
  /** What becomes of everything from now on; TCP connections that are open break, hang or go on with it. */
  set(fault: Fault): void;
  /** Decides for single HTTP requests; undefined leaves it to what was set. */
  decide(rule: (request: ProxiedRequest) => Fault | undefined): void;
  /** HTTP requests so far. */
  readonly requests: readonly ProxiedRequest[];
  stop(): Promise<void>;
}

/** In front of an HTTP server: faults befall requests. */
export async function startHttpProxy(target: { port: number; host?: string }): Promise<FaultProxy> {
  const requests: ProxiedRequest[] = [];
  let fault: Fault = 'pass';
  let rule: (request: ProxiedRequest) => Fault | undefined = () => undefined;
  const server = createServer((req, res) => {
    const seen = { method: req.method ?? '', url: req.url ?? '' };
    requests.push(seen);
    answer(rule(seen) ?? fault, req, res, target);
  });
  const port = await listening(server);
  return {
    ...{ port, endpoint: `http://127.0.0.1:${port}`, requests },
    set: (next) => (fault = next),
    decide: (next) => (rule = next),
    async stop() {
      server.closeAllConnections();
      await closed(server);
    },
  };
}

function answer(
  fault: Fault,
  req: IncomingMessage,
  res: ServerResponse,
  target: { port: number; host?: string },
): void {
  if (fault === 'hang') return void req.pause();
  if (fault === 'cut') return void req.socket.destroy();
  if (typeof fault === 'object' && 'status' in fault) {
    req.resume().on('end', () => {
      res.writeHead(fault.status, { 'content-type': 'application/xml' });
      res.end(
        `<?xml version="1.0"?><Error><Code>Fault${fault.status}</Code><Message>told to</Message></Error>`,
      );
    });
    return;
  }
  const { host = '127.0.0.1', port } = target;
  const upstream = request(
    { host, port, method: req.method, path: req.url, headers: req.headers },
    (from) => {
      if (fault === 'lose answer') return void from.resume().on('end', () => req.socket.destroy());
      res.writeHead(from.statusCode ?? 502, from.rawHeaders);
      (typeof fault === 'object' ? from.pipe(shortened(fault, req.socket)) : from).pipe(res);
      from.on('error', () => req.socket.destroy());
    },
  );
  // After the answer's head it is the answer that fails; or it was one to HEAD, to which Swift adds a body.
  upstream.on('error', () => {
    if (!res.headersSent) req.socket.destroy();
  });
  res.on('close', () => upstream.destroy());
  (fault === 'corrupt' ? req.pipe(changingFirstByte()) : req).pipe(upstream);
}

function shortened(fault: { cutAfter: number } | { hangAfter: number }, socket: Socket): Transform {
  let left = 'cutAfter' in fault ? fault.cutAfter : fault.hangAfter;
  return new Transform({
    transform(data: Buffer, _encoding, done) {
      const part = data.subarray(0, left);
      left -= part.length;
      this.push(part);
      if (left > 0) return done();
      if ('cutAfter' in fault) setTimeout(() => socket.destroy(), 20); // what was passed on shall arrive before
    },
  });
}

function changingFirstByte(): Transform {
  let first = true;
  return new Transform({
    transform(data: Buffer, _encoding, done) {
      const copy = Buffer.from(data);
      if (first && copy.length > 0) copy[0]! ^= 1;
      first = false;
      done(null, copy);
    },
  });
}

/** In front of any server: faults befall connections. */
export async function startTcpProxy(target: { port: number; host?: string }): Promise<FaultProxy> {
  const pairs = new Set<[Socket, Socket]>();
  let fault: Fault = 'pass';
  const server = createTcpServer((near) => {
    if (fault === 'cut') return void near.destroy();
    const far = connect({ host: target.host ?? '127.0.0.1', port: target.port });
    const pair: [Socket, Socket] = [near, far];
    pairs.add(pair);
    for (const [one, other] of [pair, [far, near]] as const) {
      one.on('error', () => other.destroy());
      one.on('close', () => {
        pairs.delete(pair);
        other.destroy();
      });
    }
    if (fault === 'pass') join(pair);
  });
  const port = await listening(server);
  return {
    ...{ port, endpoint: `tcp://127.0.0.1:${port}`, requests: [] },
    set(next) {
      fault = next;
      for (const pair of pairs) {
        if (next === 'cut') pair.forEach((socket) => socket.destroy());
        else if (next === 'pass') join(pair);
        else pair.forEach((socket) => socket.unpipe().pause());
      }
    },
    decide() {
      throw new Error('a TCP proxy sees no requests');
    },
    async stop() {
      for (const pair of pairs) pair.forEach((socket) => socket.destroy());
      await closed(server);
    },
  };
}

function join([near, far]: [Socket, Socket]): void {
  near.unpipe().pipe(far);
  far.unpipe().pipe(near);
}

function listening(server: TcpServer): Promise<number> {
  return new Promise((done) => {
    server.listen(0, '127.0.0.1', () => done((server.address() as AddressInfo).port));
  });
}

function closed(server: TcpServer): Promise<void> {
  return new Promise((done) => server.close(() => done()));
}
