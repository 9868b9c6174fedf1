import { type IncomingMessage, type ServerResponse, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Files } from './memory.js';

/** What a server does at a path instead of giving its file. */
export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

export interface StreamServer {
  /** With a slash at the end. */
  url: string;
  /** Paths in the order in which they were asked for, with their queries. */
  asked: string[];
  /** The most requests that were under way at once. */
  busiest: () => number;
  /** By path, without a slash at the start. */
  behaviours: Map<string, Behaviour>;
  close: () => Promise<void>;
}

function send(bytes: Buffer, ranges: boolean, request: IncomingMessage, response: ServerResponse): void {
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
  if (!ranges || first === undefined) {
    response.writeHead(200).end(bytes);
    return;
  }
  const part = bytes.subarray(Number(first), Number(last) + 1);
  if (part.length === 0) {
    response.writeHead(416, { 'content-range': `bytes */${bytes.length}` }).end();
    return;
  }
  const range = `bytes ${first}-${Number(first) + part.length - 1}/${bytes.length}`;
  response.writeHead(206, { 'content-range': range }).end(part);
}

/** Serves a package, with or without byte ranges. */
export async function serveFiles(files: Files, ranges = true): Promise<StreamServer> {
  const asked: string[] = [];
  const behaviours = new Map<string, Behaviour>();
  let [running, busiest] = [0, 0];
  const server = createServer((request, response) => {
    const target = (request.url ?? '/').slice(1);
    const path = decodeURIComponent(target.replace(/\?.*/, ''));
    asked.push(target);
    running += 1;
    busiest = Math.max(busiest, running);
    response.on('close', () => (running -= 1));
    const behaviour = behaviours.get(path);
    const bytes = files.get(path);
    // Long enough for requests to meet.
    void sleep(2).then(() => {
      if (behaviour) behaviour(request, response);
      else if (bytes) send(bytes, ranges, request, response);
      else response.writeHead(404).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    ...{ asked, behaviours, busiest: () => busiest },
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
