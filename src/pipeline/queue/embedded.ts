import { rename, rm, stat } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';
import {
  DEFAULT_SCHEMA,
  LATEST_SCHEMA_VERSION,
  type PgPool,
  SchemaMigrationRequiredError,
  assertSchemaCompatibility,
  createPostgresBackend,
  runMigrations,
} from 'bullmq';
import type { Logger } from 'pino';
import { HullcastError } from '../../errors.js';
import { asDiskError } from '../../storage/index.js';
import { type QueueBackend, queueClasses } from './backend.js';
import { pglitePool } from './pglite-pool.js';

/**
 * A queue in a folder, for one process: BullMQ on an embedded PostgreSQL (PGlite). A database that does not open, as
 * after a power cut, is moved to `<folder>.broken` and made anew, since a queue holds nothing that cannot be recomputed.
 */
export function embeddedQueue(folder: string, log: Logger): QueueBackend {
  let opened: { db: PGlite; pool: PgPool } | undefined;
  const use = (): { db: PGlite; pool: PgPool } => {
    if (!opened) throw new HullcastError('QUEUE_CLOSED', `the queue in ${folder} is not open`);
    return opened;
  };
  return {
    ...queueClasses(createPostgresBackend, () => use().pool),
    exclusive: true,
    async start() {
      const db = await openOrReplace(folder, log);
      opened = { db, pool: pglitePool(db) };
    },
    purge: () => emptyTables(use().db),
    async stop() {
      const db = opened?.db;
      opened = undefined;
      await db?.close();
    },
  };
}

async function openOrReplace(folder: string, log: Logger): Promise<PGlite> {
  if (!(await exists(folder))) return open(folder);
  try {
    return await open(folder);
  } catch (error) {
    const disk = asDiskError(error, folder);
    if (disk !== error) throw disk;
    const aside = `${folder}.broken`;
    log.warn({ folder, aside, error: String(error) }, 'the queue database does not open: it is made anew');
    await rm(aside, { recursive: true, force: true });
    await rename(folder, aside);
    return open(folder);
  }
}

async function open(folder: string): Promise<PGlite> {
  // A queue's statements run for milliseconds: to optimise PGlite's WebAssembly costs a third more than it ever saves.
  setFlagsFromString('--liftoff-only');
  const db = await PGlite.create(folder);
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
async function emptyTables(db: PGlite): Promise<void> {
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

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
