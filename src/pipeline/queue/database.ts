import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';
import {
  DEFAULT_SCHEMA,
  LATEST_SCHEMA_VERSION,
  SchemaMigrationRequiredError,
  assertSchemaCompatibility,
  runMigrations,
} from 'bullmq';
import { pglitePool } from './pglite-pool.js';

/**
 * Opens the queue's database in a folder, or makes it: from a template where one is given, else by initdb. In memory
 * where the folder is undefined.
 */
export async function openDatabase(folder: string | undefined, template?: Blob): Promise<PGlite> {
  // A queue's statements run for milliseconds: to optimise PGlite's WebAssembly costs a third more than it ever saves.
  setFlagsFromString('--liftoff-only');
  const db = await PGlite.create({
    ...(folder === undefined ? {} : { dataDir: folder }),
    ...(template === undefined ? {} : { loadDataDir: template }),
  });
  try {
    await prepare(db);
    return db;
  } catch (error) {
    await db.close().catch(() => undefined); // a database that is broken need not close cleanly
    throw error;
  }
}

/** Brings the schema up to date, and makes it the one in which BullMQ's unqualified names are looked up. */
async function prepare(db: PGlite): Promise<void> {
  const client = await pglitePool(db).connect();
  try {
    if ((await schemaVersion(client)) < LATEST_SCHEMA_VERSION) await runMigrations(client);
    await db.exec(`SET search_path TO ${DEFAULT_SCHEMA}`);
  } finally {
    client.release();
  }
}

/** 0 for a database without the schema. */
async function schemaVersion(client: Parameters<typeof assertSchemaCompatibility>[0]): Promise<number> {
  try {
    return await assertSchemaCompatibility(client);
  } catch (error) {
    if (error instanceof SchemaMigrationRequiredError) return 0;
    throw error;
  }
}

/** Past events, bytes: beyond this the tables are emptied though no job is left. Nothing else shrinks them here. */
const MAX_EVENT_BYTES = 8 * 1024 * 1024;

/** Empties every table of the schema but the ledger of its migrations, where there is something worth the time. */
export async function emptyTables(db: PGlite): Promise<void> {
  const state = await db.query<{ used: boolean }>(
    `SELECT EXISTS (SELECT FROM job) OR pg_total_relation_size('event') > $1 AS used`,
    [MAX_EVENT_BYTES],
  );
  if (!state.rows[0]?.used) return;
  const tables = await db.query<{ name: string }>(
    `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = $1 AND tablename <> 'migration'`,
    [DEFAULT_SCHEMA],
  );
  await db.exec(`TRUNCATE ${tables.rows.map((row) => row.name).join(', ')}`);
}
