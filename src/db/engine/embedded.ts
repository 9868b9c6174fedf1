import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { PGlite } from '@electric-sql/pglite';
import { drizzle } from 'drizzle-orm/pglite';
import { HullcastError } from '../../errors.js';
import { takeLock } from '../../lock.js';
import type { Engine, Session } from './engine.js';
import { asDatabaseError } from './errors.js';

/** An embedded PostgreSQL that is open. */
export interface Embedded {
  engine: Engine;
  /** The one session that there is; only for before the engine is used. */
  session: Session;
}

/**
 * Opens the database in a folder for this process alone, making it where there is none; in memory where the folder is
 * undefined. Throws DB_BUSY where another process uses it, or another part of this one, DB_DAMAGED where it does not open.
 */
export async function openEmbedded(folder: string | undefined): Promise<Embedded> {
  if (folder === undefined) return embedded(await start(undefined), () => Promise.resolve());
  const release = await hold(folder);
  try {
    return embedded(await start(folder), release);
  } catch (error) {
    await release();
    throw error;
  }
}

/** Takes the lock beside the folder: PGlite itself lets two processes ruin one database. */
async function hold(folder: string): Promise<() => Promise<void>> {
  const lock = `${folder}.lock`;
  try {
    await mkdir(dirname(folder), { recursive: true });
    return await takeLock(
      lock,
      (who) =>
        new HullcastError('DB_BUSY', `${who} the database ${folder} (lock file ${lock})`, {
          hint: 'Ask that process (the API of `hullcast serve`), wait for it to end, or share a PostgreSQL: HULLCAST_DB.',
        }),
    );
  } catch (error) {
    throw asDatabaseError(error, folder);
  }
}

async function start(folder: string | undefined): Promise<PGlite> {
  // Statements run for milliseconds: to optimise PGlite's WebAssembly costs more than it ever saves.
  setFlagsFromString('--liftoff-only');
  try {
    return await PGlite.create(folder === undefined ? {} : { dataDir: folder });
  } catch (thrown) {
    const error = asDatabaseError(thrown, folder ?? 'in memory');
    if (error.code === 'DISK_FULL') throw error;
    throw new HullcastError('DB_DAMAGED', `the database ${folder} does not open: ${error.message}`, {
      hint: 'Put back a copy of the folder, or move it away to begin anew: titles and tokens are lost then, files are not.',
      cause: thrown,
    });
  }
}

function embedded(db: PGlite, release: () => Promise<void>): Embedded {
  const sql = drizzle({ client: db });
  return {
    session: { query: async (text) => (await db.exec(text)).at(-1)?.rows as Record<string, unknown>[] },
    engine: {
      run: (work) => work(sql),
      transaction: (work) => sql.transaction(work),
      listen(channel, listener) {
        const listening = db.listen(channel, listener).then((stop) => {
          listener(); // what was notified until now was missed
          return stop;
        });
        return async () => (await listening)();
      },
      async close() {
        await db.close();
        await release();
      },
    },
  };
}
