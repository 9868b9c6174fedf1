import { sql as expression } from 'drizzle-orm';
import type { Logger } from 'pino';
import type { Engine } from './engine/engine.js';
import { databaseEvents } from './events.js';
import { databaseHistory } from './history.js';
import { databaseOutbox } from './outbox.js';
import { databaseTitles } from './titles.js';
import { databaseTokens } from './tokens.js';
import type { Database } from './types.js';
import { databaseUploads } from './uploads.js';
import { watchEvents } from './watch.js';

/** The database on an engine whose schema is up to date. */
export function databaseOn(engine: Engine, log: Logger): Database {
  const watch = watchEvents(engine, log);
  return {
    titles: databaseTitles(engine),
    events: databaseEvents(engine, watch.changed),
    outbox: databaseOutbox(engine),
    history: databaseHistory(engine),
    tokens: databaseTokens(engine),
    uploads: databaseUploads(engine),
    ping: () => engine.run(async (sql) => void (await sql.execute(expression`SELECT 1`))),
    async close() {
      await watch.close();
      await engine.close();
    },
  };
}
