import { type SQL, and, asc, eq, getTableColumns, inArray, lte, sql as expression } from 'drizzle-orm';
import { NOW, inSeconds, present } from './columns.js';
import type { Engine, Sql } from './engine/engine.js';
import { deliveries, events } from './schema.js';
import type { Delivery, Outbox, TakenDelivery } from './types.js';

const isPending = eq(deliveries.state, 'pending');
/** Neither replayed nor taken by another since: both give it another due time. */
const isHeld = ({ id, nextAttemptAt }: TakenDelivery): SQL | undefined =>
  and(eq(deliveries.id, id), eq(deliveries.nextAttemptAt, nextAttemptAt));
const counted = expression`${deliveries.attempts} + 1`;

/** Deliveries with their events, by id. */
async function read(sql: Sql, condition: SQL | undefined): Promise<Delivery[]> {
  const rows = await sql
    .select({ ...getTableColumns(deliveries), type: events.type, at: events.at, data: events.data })
    .from(deliveries)
    .innerJoin(events, eq(events.id, deliveries.eventId))
    .where(condition)
    .orderBy(asc(deliveries.id));
  return rows.map(present);
}

/**
 * The lease of a delivery is its next due time: who takes it puts that off. So what a dead taker held falls due by
 * itself, and everything is timed by the database's clock alone.
 */
export function databaseOutbox({ run, transaction }: Engine): Outbox {
  return {
    take: (limit, leaseSeconds) =>
      transaction(async (sql) => {
        const due = await sql
          .select({ id: deliveries.id })
          .from(deliveries)
          .where(and(isPending, lte(deliveries.nextAttemptAt, NOW)))
          .orderBy(asc(deliveries.nextAttemptAt), asc(deliveries.id))
          .limit(limit)
          .for('update', { skipLocked: true });
        if (due.length === 0) return [];
        const ids = due.map(({ id }) => id);
        const taken = inArray(deliveries.id, ids);
        await sql
          .update(deliveries)
          .set({ nextAttemptAt: inSeconds(leaseSeconds) })
          .where(taken);
        const found = new Map((await read(sql, taken)).map((delivery) => [delivery.id, delivery]));
        return ids.map((id) => found.get(id)!);
      }),

    delivered: (taken, status) =>
      run(async (sql) => {
        await sql
          .update(deliveries)
          .set({
            state: 'delivered',
            attempts: counted,
            lastStatus: status,
            lastError: null,
            deliveredAt: NOW,
          })
          .where(isHeld(taken));
      }),

    missed: (taken, { status, error, retryInSeconds }) =>
      run(async (sql) => {
        const next =
          retryInSeconds === undefined
            ? { state: 'failed' as const }
            : { nextAttemptAt: inSeconds(retryInSeconds) };
        await sql
          .update(deliveries)
          .set({ ...next, attempts: counted, lastStatus: status ?? null, lastError: error })
          .where(and(isHeld(taken), isPending));
      }),

    of: (titleId) => run((sql) => read(sql, eq(deliveries.titleId, titleId))),

    replay: (id) =>
      run(async (sql) => {
        const replayed = await sql
          .update(deliveries)
          .set({ state: 'pending', attempts: 0, nextAttemptAt: NOW, deliveredAt: null })
          .where(eq(deliveries.id, id))
          .returning({ id: deliveries.id });
        return replayed.length > 0;
      }),
  };
}
