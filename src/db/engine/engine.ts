import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core';

/** Statements for either engine. */
export type Sql = PgDatabase<PgQueryResultHKT, Record<string, never>>;

/** A PostgreSQL, embedded or a server: all that the rest of the database needs of it. */
export interface Engine {
  /** Runs single statements, each a transaction of its own. Throws DB_… errors only, and what `work` throws. */
  readonly run: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;
  /** Runs statements as one transaction (read committed). Nothing of it remains where `work` throws. */
  readonly transaction: <T>(work: (sql: Sql) => Promise<T>) => Promise<T>;
  /**
   * Calls back on every notification of a channel (a name of lower-case letters and `_`), and when some may have been
   * missed: it connects, and connects again, by itself. Gives what stops it.
   */
  listen(channel: string, listener: () => void): () => Promise<void>;
  /** Waits for what runs; afterwards everything throws DB_CLOSED. */
  close(): Promise<void>;
}

/** One session that nobody else uses meanwhile, for migrations. */
export interface Session {
  /** Runs a list of statements; gives the rows of the last one. */
  query(statements: string): Promise<Record<string, unknown>[]>;
}
