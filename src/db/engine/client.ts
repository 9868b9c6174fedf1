import { Socket } from 'node:net';
import pg from 'pg';

/** A connection outside the pool. */
export interface Connection {
  client: pg.Client;
  /** Ends it at once, whatever it waits for: a server that is silent answers no farewell either. */
  destroy: () => void;
}

const CONNECT_MS = 10_000;

/** A client that is not connected yet. Errors of its connection are those of connect() and of what runs then. */
export function connection(config: pg.ClientConfig): Connection {
  const socket = new Socket();
  const client = new pg.Client({
    ...config,
    ...{ connectionTimeoutMillis: CONNECT_MS, keepAlive: true, stream: () => socket },
  });
  client.on('error', () => undefined);
  return { client, destroy: () => socket.destroy() };
}
