import { sql as expression } from 'drizzle-orm';
import { databaseOn } from '../../src/db/database.js';
import { openEmbedded } from '../../src/db/engine/embedded.js';
import { guarded } from '../../src/db/engine/guard.js';
import { migrate } from '../../src/db/migrate.js';
import { databaseContract } from './contract.js';
import { silent } from './support.js';

databaseContract('PGlite', async () => {
  const { engine, session } = await openEmbedded(undefined);
  await migrate(session, 'in memory');
  const db = databaseOn(guarded(engine, 'in memory', silent), silent);
  return {
    ...{ db, peer: db },
    query: (statement) =>
      engine.run(async (sql) => {
        const result = (await sql.execute(expression.raw(statement))) as unknown;
        return (result as { rows: Record<string, unknown>[] }).rows;
      }),
    close: () => db.close(),
  };
});
