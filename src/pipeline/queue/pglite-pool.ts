import { EventEmitter } from 'node:events';
import type { PGlite } from '@electric-sql/pglite';
import type { PgNotification, PgPool, PgPoolClient, PgQueryResult } from 'bullmq';

/**
 * One statement with parameters, or a list of statements without. The rows are those of the last statement.
 * PGlite serialises all queries on its one session.
 */
async function query<R>(
  db: PGlite,
  text: string,
  params: readonly unknown[] = [],
): Promise<PgQueryResult<R>> {
  const result = params.length > 0 ? await db.query<R>(text, [...params]) : (await db.exec(text)).at(-1);
  return { rows: (result?.rows ?? []) as R[], rowCount: result?.affectedRows ?? 0 };
}

/**
 * A pool client over the shared session. Each one hears every notification of the session, so LISTEN goes through like
 * any statement and needs no recognising; BullMQ filters by channel and queue.
 */
class PGliteClient extends EventEmitter {
  private readonly unsubscribe: () => void;

  constructor(private readonly db: PGlite) {
    super();
    this.unsubscribe = db.onNotification((channel, payload) => {
      this.emit('notification', { channel, payload } satisfies PgNotification);
    });
  }

  query<R>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<R>> {
    return query(this.db, text, params);
  }

  release(): void {
    this.unsubscribe();
    this.removeAllListeners();
  }
}

/**
 * The face of a `pg.Pool` on a PGlite, for BullMQ. All clients share one session, so nobody may hold a transaction open
 * across queries; of BullMQ's parts only the migrator does, which therefore runs alone, before anything else.
 */
class PGlitePool extends EventEmitter {
  /** A session within the process cannot drop silently: lets BullMQ wait without polling every 10 s. */
  readonly options = { keepAlive: true };

  constructor(private readonly db: PGlite) {
    super();
    this.setMaxListeners(0); // every queue and worker listens for errors
  }

  query<R>(text: string, params?: readonly unknown[]): Promise<PgQueryResult<R>> {
    return query(this.db, text, params);
  }

  connect(): Promise<PgPoolClient> {
    return Promise.resolve(new PGliteClient(this.db) as PgPoolClient);
  }

  /** The database belongs to who made the pool. */
  end(): Promise<void> {
    return Promise.resolve();
  }
}

export function pglitePool(db: PGlite): PgPool {
  return new PGlitePool(db);
}
