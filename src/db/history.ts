import {
  type SQL,
  and,
  asc,
  eq,
  exists,
  gt,
  inArray,
  lte,
  ne,
  not,
  notExists,
  sql as expression,
} from 'drizzle-orm';
import { alias } from 'drizzle-orm/pg-core';
import { NOW } from './columns.js';
import type { Engine, Sql } from './engine/engine.js';
import { deliveries, events, pruned, titles } from './schema.js';
import type { History } from './types.js';

/** Rows that are looked at, and removed, in one transaction. */
const PAGE = 1000;

/** Of a page of rows: the last one that was looked at, and which of them are to go. */
interface Page {
  /** Undefined where no row was left to look at. */
  last: number | undefined;
  ids: number[];
}

type ReadPage = (sql: Sql, after: number) => Promise<Page>;

export function databaseHistory({ run, transaction }: Engine): History {
  /** Goes through a table by id. */
  const removed = async (
    read: ReadPage,
    remove: ((sql: Sql, ids: number[]) => Promise<void>) | undefined,
    signal: AbortSignal | undefined,
  ): Promise<number> => {
    let total = 0;
    for (let after = 0; ;) {
      signal?.throwIfAborted();
      const step = async (sql: Sql): Promise<Page> => {
        const page = await read(sql, after);
        if (page.ids.length > 0) await remove?.(sql, page.ids);
        return page;
      };
      const { last, ids } = await (remove ? transaction(step) : run(step));
      total += ids.length;
      if (last === undefined) return total;
      after = last;
    }
  };
  return {
    async prune({ olderThanSeconds, dryRun = false, signal }) {
      if (!(olderThanSeconds >= 0)) throw new RangeError(`not an age: ${olderThanSeconds} s`);
      // Of one moment for all pages: a delivery that comes of age later would keep the event that went without it.
      const until = await run((sql) => timeBefore(sql, olderThanSeconds));
      const old = isOldDelivery(until);
      return {
        deliveries: await removed(oldDeliveries(old), dryRun ? undefined : removeDeliveries(old), signal),
        // Nothing is left of deliveries that go, unless nothing goes.
        events: await removed(
          oldEvents(until, dryRun ? not(old) : undefined),
          dryRun ? undefined : removeEvents,
          signal,
        ),
      };
    },
  };
}

/** The database's time so many seconds ago. */
async function timeBefore(sql: Sql, seconds: number): Promise<string> {
  const [row] = await sql
    .select({ at: expression<Date | string>`${NOW} - make_interval(secs => ${seconds})` })
    .from(expression`(SELECT 1) AS one`);
  return new Date(row!.at).toISOString();
}

/** Made or given up, the last attempt by then. */
function isOldDelivery(until: string): SQL {
  const last = expression`coalesce(${deliveries.deliveredAt}, ${deliveries.nextAttemptAt})`;
  return and(ne(deliveries.state, 'pending'), lte(last, expression`${until}::timestamptz`))!;
}

function oldDeliveries(old: SQL): ReadPage {
  return async (sql, after) =>
    pageOf(
      await sql
        .select({ id: deliveries.id, goes: expression<boolean>`${old}` })
        .from(deliveries)
        .where(gt(deliveries.id, after))
        .orderBy(asc(deliveries.id))
        .limit(PAGE),
    );
}

/** Not one that somebody replays at this moment. */
function removeDeliveries(old: SQL) {
  return async (sql: Sql, ids: number[]): Promise<void> => {
    await sql.delete(deliveries).where(and(inArray(deliveries.id, ids), old));
  };
}

/** Events until then of titles that have ended by then; `keeping` says which deliveries keep their event, all unless given. */
function oldEvents(until: string, keeping: SQL | undefined): ReadPage {
  return async (sql, after) => {
    const later = alias(events, 'later');
    const ended = and(
      inArray(titles.state, ['done', 'failed', 'cancelled']),
      lte(titles.finishedAt, until),
      exists(
        sql
          .select({ id: later.id })
          .from(later)
          .where(and(eq(later.titleId, events.titleId), gt(later.id, events.id))),
      ),
    );
    const delivery = sql
      .select({ id: deliveries.id })
      .from(deliveries)
      .where(and(eq(deliveries.eventId, events.id), keeping));
    const goes = expression<boolean>`(${titles.id} IS NULL OR ${ended}) AND ${notExists(delivery)}`;
    return pageOf(
      await sql
        .select({ id: events.id, goes })
        .from(events)
        .leftJoin(titles, eq(titles.id, events.titleId))
        .where(and(gt(events.id, after), lte(events.at, until)))
        .orderBy(asc(events.id))
        .limit(PAGE),
    );
  };
}

/** With a note of it, so that who comes for them can be told. */
async function removeEvents(sql: Sql, ids: number[]): Promise<void> {
  await sql.delete(events).where(inArray(events.id, ids));
  const through = Math.max(...ids);
  await sql
    .insert(pruned)
    .values({ through })
    .onConflictDoUpdate({
      target: pruned.one,
      set: { through: expression`greatest(${pruned.through}, ${through})` },
    });
}

function pageOf(rows: { id: number; goes: boolean }[]): Page {
  return { last: rows.at(-1)?.id, ids: rows.filter(({ goes }) => goes).map(({ id }) => id) };
}
