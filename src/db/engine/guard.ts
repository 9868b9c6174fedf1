import type { Logger } from 'pino';
import { HullcastError } from '../../errors.js';
import type { Engine } from './engine.js';
import { asDatabaseError, isLost } from './errors.js';

/**
 * An engine whose errors are HullcastErrors, that says in the log when the database went away and when it is back, once
 * each, and that is used no more after it was closed. `where` names the database, without its password.
 */
export function guarded(engine: Engine, where: string, log: Logger): Engine {
  let away = false;
  let closed = false;
  const attempt = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closed) throw new HullcastError('DB_CLOSED', `the database ${where} was used after it was closed`);
    try {
      const result = await work();
      if (away) log.warn({ database: where }, 'the database answers again');
      away = false;
      return result;
    } catch (thrown) {
      const error = asDatabaseError(thrown, where);
      if (isLost(error) && !away) log.warn({ database: where, error: error.message }, 'the database is away');
      away ||= isLost(error);
      throw error;
    }
  };
  return {
    run: (work) => attempt(() => engine.run(work)),
    transaction: (work) => attempt(() => engine.transaction(work)),
    listen: (channel, listener) => engine.listen(channel, listener),
    async close() {
      if (closed) return;
      closed = true;
      await engine.close();
    },
  };
}
