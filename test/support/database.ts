import { sql as expression } from 'drizzle-orm';
import pino from 'pino';
import { databaseOn } from '../../src/db/database.js';
import { openEmbedded } from '../../src/db/engine/embedded.js';
import { guarded } from '../../src/db/engine/guard.js';
import type { Database } from '../../src/db/index.js';
import { migrate } from '../../src/db/migrate.js';

/** Removes everything, but not the tables: much cheaper than another database. */
export const EMPTY =
  'TRUNCATE hullcast.title, hullcast.event, hullcast.delivery, hullcast.pruned, hullcast.token, hullcast.upload, hullcast.removed_upload';

export interface TestDatabase {
  db: Database;
  /** Removes everything that is in it. */
  empty(): Promise<void>;
  /** Runs a statement behind the program's back; gives its rows. */
  query(statement: string): Promise<Record<string, unknown>[]>;
}

/** A database in memory. To make one takes 3 s of CPU: one a test file, emptied between tests. `db.close()` ends it. */
export async function memoryDatabase(): Promise<TestDatabase> {
  const log = pino({ level: 'silent' });
  const { engine, session } = await openEmbedded(undefined);
  await migrate(session, 'in memory');
  const query = (statement: string): Promise<Record<string, unknown>[]> =>
    engine.run(async (sql) => {
      const { rows } = (await sql.execute(expression.raw(statement))) as { rows: Record<string, unknown>[] };
      return rows;
    });
  return {
    db: databaseOn(guarded(engine, 'in memory', log), log),
    empty: async () => void (await query(EMPTY)),
    query,
  };
}
