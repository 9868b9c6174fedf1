import { drizzle } from 'drizzle-orm/node-postgres';
import type { Logger } from 'pino';
import pg from 'pg';
import { connection } from './client.js';
import type { Engine, Session, Sql } from './engine.js';
import { isLost } from './errors.js';
import { listenForever } from './listen.js';
import type { Target } from './target.js';

/** How long things may take, milliseconds. */
export interface Timeouts {
  /** To connect, or to get one of the pool's connections. */
  connect: number;
  /** A statement, waiting for locks included. */
  statement: number;
  /** A pause within a transaction: the server ends it then, so that a process that hangs holds no lock for long. */
  idleTransaction: number;
  /** The server should end a statement; where it says nothing at all the connection is given up this much later. */
  silence: number;
}

const TIMEOUTS: Timeouts = { connect: 10_000, statement: 30_000, idleTransaction: 10_000, silence: 5_000 };

const MAX_CONNECTIONS = 10;

/** What this program relies on in its sessions, whatever the database's defaults are. */
function settings({ statement, idleTransaction }: Timeouts): string {
  return (
    `SET TIME ZONE 'UTC'; SET datestyle = 'ISO, YMD'; SET statement_timeout = ${statement}; ` +
    `SET idle_in_transaction_session_timeout = ${idleTransaction}`
  );
}

/** An engine on a server, with a pool of connections, which connects when it is first used. */
export function postgresEngine(target: Target, log: Logger, timeouts: Timeouts = TIMEOUTS): Engine {
  const pool = new pg.Pool({
    ...target.config,
    ...{ max: MAX_CONNECTIONS, idleTimeoutMillis: 60_000, keepAlive: true },
    connectionTimeoutMillis: timeouts.connect,
    query_timeout: timeouts.statement + timeouts.silence,
    // The pool waits for it, and fails with it; its types do not say so.
    onConnect: ((client) => client.query(settings(timeouts))) as (client: pg.ClientBase) => void,
  });
  // A connection may break while nobody uses it, or between two statements. Who uses it next is told; without somebody
  // who listens here, Node would end the process.
  pool.on('error', (error) =>
    log.debug({ error: error.message }, 'an idle connection to the database broke'),
  );
  pool.on('connect', (client) => {
    client.on('error', (error) => log.debug({ error: error.message }, 'a connection to the database broke'));
  });
  const listeners = new Set<() => Promise<void>>();
  return {
    run: (work) => withClient(pool, (client) => work(drizzle({ client }))),
    transaction: (work) => withClient(pool, (client) => inTransaction(client, work)),
    listen(channel, listener) {
      const stop = listenForever(target.config, channel, listener, log);
      listeners.add(stop);
      return async () => {
        listeners.delete(stop);
        await stop();
      };
    },
    async close() {
      await Promise.all([...listeners].map((stop) => stop()));
      await pool.end();
    },
  };
}

/** Lends a connection of the pool; one that is broken does not go back into it. */
async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken = false;
  try {
    return await work(client);
  } catch (error) {
    broken = isLost(error);
    throw error;
  } finally {
    client.release(broken);
  }
}

/** drizzle's own transactions lose a connection of the pool for good where BEGIN fails. */
async function inTransaction<T>(client: pg.PoolClient, work: (sql: Sql) => Promise<T>): Promise<T> {
  await client.query('BEGIN');
  try {
    const result = await work(drizzle({ client }));
    await client.query('COMMIT');
    return result;
  } catch (error) {
    // A connection that broke took its transaction with it. If ROLLBACK is what breaks, that is the news.
    if (!isLost(error)) await client.query('ROLLBACK');
    throw error;
  }
}

/** Runs `work` in a session without timeouts; when `signal` aborts, the session ends at once, and `work` with it. */
export async function withSession(
  target: Target,
  signal: AbortSignal,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const { client, destroy } = connection(target.config);
  signal.addEventListener('abort', destroy);
  try {
    await client.connect();
    signal.throwIfAborted();
    await work({ query: async (statements) => lastRows(await client.query(statements)) });
  } finally {
    signal.removeEventListener('abort', destroy);
    destroy();
  }
}

/** pg gives a list of results for a list of statements. */
function lastRows(result: pg.QueryResult | pg.QueryResult[]): Record<string, unknown>[] {
  const last = Array.isArray(result) ? result.at(-1) : result;
  return (last?.rows ?? []) as Record<string, unknown>[];
}
