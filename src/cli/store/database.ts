import { stat } from 'node:fs/promises';
import { type Database, databaseFolder, openDatabase } from '../../db/index.js';
import type { CommandContext } from '../context.js';

/** Longest wait for a PostgreSQL that is away, seconds: somebody sits before it. */
const WAIT_SECONDS = 10;

/** Runs work on the database that HULLCAST_DB names, or that is in the home. */
export async function withDatabase<T>(
  { env, log, signal }: Pick<CommandContext, 'env' | 'log' | 'signal'>,
  home: string,
  work: (db: Database) => Promise<T>,
): Promise<T> {
  const db = await openDatabase(env['HULLCAST_DB'], { home, log, signal, waitSeconds: WAIT_SECONDS });
  try {
    return await work(db);
  } finally {
    await db.close();
  }
}

/** False where HULLCAST_DB names no database and the home has none: to open one would make it. */
export async function hasDatabase({ env }: Pick<CommandContext, 'env'>, home: string): Promise<boolean> {
  if (env['HULLCAST_DB']) return true;
  try {
    return (await stat(databaseFolder(home))).isDirectory();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
