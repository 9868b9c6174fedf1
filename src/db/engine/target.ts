import pg from 'pg';
import { badUsage } from '../../errors.js';

/** A PostgreSQL database as HULLCAST_DB names it. */
export interface Target {
  /** For messages and logs, without user and password, e.g. `postgres://db.example:5432/hullcast`. */
  name: string;
  /** How to connect, with the password. */
  config: pg.ClientConfig;
}

const FORM = 'Write postgres://user:password@host:5432/database, with %-escapes for special characters.';

/**
 * Reads a connection string; what it leaves out is taken from PGHOST, PGUSER, PGPASSWORD and their like. Throws DB_URL,
 * whose message does not repeat it, as it may hold a password.
 */
export function parseTarget(url: string): Target {
  if (!/^postgres(ql)?:\/\//.test(url)) {
    throw badUsage('DB_URL', 'HULLCAST_DB is not the URL of a PostgreSQL database', FORM);
  }
  const config = { connectionString: url, application_name: 'hullcast' };
  const { host, port, database } = read(config);
  return { name: `postgres://${host.includes(':') ? `[${host}]` : host}:${port}/${database ?? ''}`, config };
}

/** A client that has not connected knows where it would. */
function read(config: pg.ClientConfig): pg.Client {
  try {
    return new pg.Client(config);
  } catch (error) {
    // Of a certificate's file that cannot be read the path is worth telling; anything else may quote the URL.
    const { path } = error as NodeJS.ErrnoException;
    const why = path === undefined ? 'cannot be read as a URL' : `names ${path}, which cannot be read`;
    throw badUsage('DB_URL', `HULLCAST_DB ${why}`, FORM);
  }
}
