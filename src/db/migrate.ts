import { badUsage } from '../errors.js';
import type { Session } from './engine/engine.js';
import { LOCKS } from './locks.js';
import { MIGRATIONS, type Migration } from './migrations.js';

const VERSION = 'SELECT coalesce(max(version), 0)::int AS version FROM hullcast.migration';

/** The schema may be there before its tables, where the user of the program may not make it. */
const FOUND = `SELECT to_regnamespace('hullcast') IS NOT NULL AS schema, to_regclass('hullcast.migration') IS NOT NULL AS ledger`;

const LEDGER = `
CREATE TABLE hullcast.migration (
  version integer PRIMARY KEY,
  name text NOT NULL,
  applied_at timestamp with time zone NOT NULL DEFAULT now()
)`;

/**
 * Brings the schema up to date, each step in a transaction of its own, one program at a time; gives the number of steps
 * that were run. Throws DB_NEWER where the schema is of a later version of the program.
 */
export async function migrate(
  session: Session,
  where: string,
  migrations: readonly Migration[] = MIGRATIONS,
): Promise<number> {
  for (let steps = 0; ; steps += 1) {
    await session.query('BEGIN');
    try {
      const stepped = await step(session, where, migrations);
      await session.query('COMMIT');
      if (!stepped) return steps;
    } catch (error) {
      // Where the connection broke, the transaction is gone with it: the first error is the one to tell.
      await session.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}

/** Runs the next step, if there is one. */
async function step(session: Session, where: string, migrations: readonly Migration[]): Promise<boolean> {
  await session.query(`SELECT pg_advisory_xact_lock(${LOCKS.space}, ${LOCKS.migrations})`);
  const [found] = await session.query(FOUND);
  if (!found?.['schema']) await session.query('CREATE SCHEMA hullcast');
  if (!found?.['ledger']) await session.query(LEDGER);
  const version = Number((await session.query(VERSION))[0]?.['version']);
  if (version > migrations.length) {
    throw badUsage(
      'DB_NEWER',
      `the database ${where} has schema ${version}, this program knows schemas up to ${migrations.length}`,
      'Use the version of hullcast that the other processes of this database use, or a later one.',
    );
  }
  const next = migrations[version];
  if (!next) return false;
  await session.query(next.sql);
  const name = next.name.replaceAll("'", "''");
  await session.query(`INSERT INTO hullcast.migration (version, name) VALUES (${version + 1}, '${name}')`);
  return true;
}
