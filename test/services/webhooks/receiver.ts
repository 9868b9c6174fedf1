import { type IncomingHttpHeaders, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Received {
  headers: IncomingHttpHeaders;
  body: string;
  path: string;
}

export interface Receiver {
  port: number;
  received: Received[];
  /** What it answers from now on; 200 unless told. */
  answer: (response: ServerResponse, index: number) => void;
  close(): Promise<void>;
}

/** A server that takes webhooks, on one of the loopback addresses. */
export async function startReceiver(host = '127.0.0.1', port = 0): Promise<Receiver> {
  const receiver: Omit<Receiver, 'port' | 'close'> = {
    received: [],
    answer: (response) => response.end('ok'),
  };
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8');
    request.on('data', (chunk: string) => (body += chunk));
    request.on('end', () => {
      const index = receiver.received.push({ headers: request.headers, body, path: request.url ?? '' }) - 1;
      receiver.answer(response, index);
    });
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  return Object.assign(receiver, {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  });
}
