import { rename, rm, stat } from 'node:fs/promises';
import type { PGlite } from '@electric-sql/pglite';
import { type PgPool, type Telemetry, createPostgresBackend } from 'bullmq';
import type { Logger } from 'pino';
import { HullcastError } from '../../errors.js';
import { asDiskError } from '../../storage/index.js';
import { type QueueBackend, queueClasses } from './backend.js';
import { emptyTables, openDatabase } from './database.js';
import { pglitePool } from './pglite-pool.js';
import { readTemplate } from './template.js';

/**
 * A queue in a folder, for one process: BullMQ on an embedded PostgreSQL (PGlite). A database that does not open, as
 * after a power cut, is moved to `<folder>.broken` and made anew, since a queue holds nothing that cannot be recomputed.
 */
export function embeddedQueue(folder: string, log: Logger, telemetry?: Telemetry): QueueBackend {
  let opened: { db: PGlite; pool: PgPool } | undefined;
  const use = (): { db: PGlite; pool: PgPool } => {
    if (!opened) throw new HullcastError('QUEUE_CLOSED', `the queue in ${folder} is not open`);
    return opened;
  };
  return {
    ...queueClasses(createPostgresBackend, () => use().pool, { log, telemetry }),
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
  if (await exists(folder)) {
    try {
      return await openDatabase(folder);
    } catch (error) {
      const disk = asDiskError(error, folder);
      if (disk !== error) throw disk;
      const aside = `${folder}.broken`;
      log.warn({ folder, aside, error: String(error) }, 'the queue database does not open: it is made anew');
      await rm(aside, { recursive: true, force: true });
      await rename(folder, aside);
    }
  }
  return openDatabase(folder, await readTemplate());
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
