import { and, asc, eq, gt, max, sql as expression } from 'drizzle-orm';
import { CLOCK } from './columns.js';
import type { Engine, Sql } from './engine/engine.js';
import { LOCKS } from './locks.js';
import { deliveries, events, pruned } from './schema.js';
import type { EventType, Events, Title } from './types.js';

/** The channel on which every event is told, from all processes to all. */
export const EVENT_CHANNEL = 'hullcast_event';

/**
 * Writes what happened to a title into the transaction that made it so, the last thing in it: the event, its delivery
 * where there is a callback URL, and a notification for when it is committed.
 *
 * An event gets its id under a lock that is held until it is committed, so ids become visible in their order: a reader
 * who has seen one will find none below it later. Locks are taken in one order, the title's before this one.
 */
export async function writeEvent(sql: Sql, type: EventType, title: Title): Promise<void> {
  await sql.execute(expression`SELECT pg_advisory_xact_lock(${LOCKS.space}, ${LOCKS.events})`);
  const [event] = await sql
    .insert(events)
    .values({ type, titleId: title.id, at: CLOCK, data: title })
    .returning({ id: events.id });
  if (title.callbackUrl !== undefined) {
    await sql.insert(deliveries).values({ eventId: event!.id, titleId: title.id, url: title.callbackUrl });
  }
  await sql.execute(expression`SELECT pg_notify(${EVENT_CHANNEL}, '')`);
}

/** Id of the newest event, be it kept or not; 0 where there was none. */
export async function lastEvent(sql: Sql): Promise<number> {
  const [row] = await sql.select({ last: max(events.id) }).from(events);
  return Math.max(row?.last ?? 0, await prunedThrough(sql));
}

async function prunedThrough(sql: Sql): Promise<number> {
  const [row] = await sql.select().from(pruned);
  return row?.through ?? 0;
}

export function databaseEvents({ run }: Engine, changed: Events['changed']): Events {
  return {
    after: (id, { titleId, limit }) =>
      run((sql) =>
        sql
          .select()
          .from(events)
          .where(and(gt(events.id, id), titleId === undefined ? undefined : eq(events.titleId, titleId)))
          .orderBy(asc(events.id))
          .limit(limit),
      ),
    last: () => run(lastEvent),
    pruned: () => run(prunedThrough),
    changed,
  };
}
