import { join } from 'node:path';
import type { OpenOptions } from './connect.js';
import type { Database } from './types.js';

/** Folder of the embedded database. */
export function databaseFolder(home: string): string {
  return join(home, 'db');
}

/** The name of a database in memory, for tests: it is gone when it is closed. */
export const IN_MEMORY = 'memory:';

/**
 * Opens the database and brings its schema up to date: PGlite in `<home>/db` where `spec` (HULLCAST_DB) is undefined or
 * empty, else the PostgreSQL that `postgres://…` names. Waits for a server that is away, saying so in the log.
 *
 * Throws DB_URL, DB_DENIED, DB_MISSING, DB_TLS and DB_NEWER (exit code 2), DB_BUSY and DB_DAMAGED (embedded), DB_UNREACHABLE
 * after `waitSeconds`, and the signal's reason.
 */
export async function openDatabase(spec: string | undefined, options: OpenOptions): Promise<Database> {
  // Not before it is needed: most commands have no database.
  const { openFolder, openServer } = await import('./connect.js');
  if (!spec) return openFolder(databaseFolder(options.home), options.log);
  return spec === IN_MEMORY ? openFolder(undefined, options.log) : openServer(spec, options);
}
