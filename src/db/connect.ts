import { setTimeout as delay } from 'node:timers/promises';
import type { Logger } from 'pino';
import { type Engine } from './engine/engine.js';
import { openEmbedded } from './engine/embedded.js';
import { asDatabaseError, isLost } from './engine/errors.js';
import { guarded } from './engine/guard.js';
import { postgresEngine, withSession } from './engine/postgres.js';
import { parseTarget } from './engine/target.js';
import { databaseOn } from './database.js';
import { migrate } from './migrate.js';
import type { Database } from './types.js';

export interface OpenOptions {
  /** HULLCAST_HOME: the embedded database is its folder `db`. */
  home: string;
  log: Logger;
  /** Ends the waiting for a server that is away. */
  signal: AbortSignal;
  /** Longest wait for a server that is away, seconds; without end unless given. */
  waitSeconds?: number;
}

/** PGlite in a folder, or in memory. */
export async function openFolder(folder: string | undefined, log: Logger): Promise<Database> {
  const name = folder ?? 'in memory';
  const { engine, session } = await openEmbedded(folder);
  return ready(engine, name, log, () => migrate(session, name));
}

/** The PostgreSQL that `spec` (postgres://…) names. */
export async function openServer(spec: string, options: OpenOptions): Promise<Database> {
  const target = parseTarget(spec);
  const { log, signal } = options;
  await untilItAnswers(target.name, options, () =>
    withSession(target, signal, async (session) => void (await migrate(session, target.name))),
  );
  return databaseOn(guarded(postgresEngine(target, log), target.name, log), log);
}

/** An engine is closed again where the database on it cannot be made ready. */
async function ready(
  engine: Engine,
  name: string,
  log: Logger,
  prepare: () => Promise<unknown>,
): Promise<Database> {
  try {
    await prepare();
    return databaseOn(guarded(engine, name, log), log);
  } catch (error) {
    await engine.close();
    throw asDatabaseError(error, name);
  }
}

/** Pauses between attempts to reach a server that is away, milliseconds. */
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;

/** Tries again, ever more slowly, as long as the server is what is missing. */
async function untilItAnswers(
  name: string,
  options: OpenOptions,
  attempt: () => Promise<void>,
): Promise<void> {
  const { log, signal, waitSeconds = Infinity } = options;
  const deadline = performance.now() + waitSeconds * 1000;
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    try {
      signal.throwIfAborted();
      await attempt();
      if (pause > FIRST_PAUSE_MS) log.warn({ database: name }, 'the database answers');
      return;
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asDatabaseError(thrown, name);
      if (!isLost(error) || performance.now() + pause > deadline) throw error;
      log.warn(
        { database: name, error: error.message, retryInSeconds: pause / 1000 },
        'waiting for the database',
      );
    }
    await delay(pause, undefined, { signal }).catch(() => undefined); // aborted: the next turn throws its reason
  }
}
