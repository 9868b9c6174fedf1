import { eq, sql as expression } from 'drizzle-orm';
import { HullcastError, badUsage } from '../errors.js';
import { CLOCK, present } from './columns.js';
import type { Engine, Sql } from './engine/engine.js';
import { writeEvent } from './events.js';
import { titles } from './schema.js';
import type { EventType, Title, TitleState, Titles } from './types.js';

type Row = typeof titles.$inferSelect;

/** One change of a title's state. */
interface Change {
  from: readonly TitleState[];
  to: TitleState;
  type: EventType;
  /** Only while the title is at this attempt; at any unless given. */
  attempt?: number | undefined;
  /** Columns that change with it. */
  set?: Parameters<ReturnType<Sql['update']>['set']>[0];
}

function isAt(title: { attempt: number }, { attempt }: Pick<Change, 'attempt'>): boolean {
  return attempt === undefined || attempt === title.attempt;
}

const ENDS: readonly TitleState[] = ['done', 'failed', 'cancelled'];

/** A title as others may know it. */
export function titleOf({ requestDigest: _digest, uploadId: _upload, ...row }: Row): Title {
  return present(row);
}

/** The changes of a title's state; how a title comes to be, and is found, is in titles.ts. */
export function databaseChanges(
  engine: Engine,
): Pick<Titles, 'started' | 'finished' | 'failed' | 'requestCancel' | 'cancelled' | 'retry' | 'remove'> {
  const reaches = async (id: string, change: Change): Promise<boolean> => {
    const title = (await make(engine, id, change))?.title;
    return title?.state === change.to && isAt(title, change);
  };
  return {
    started: (id) =>
      reaches(id, { from: ['queued'], to: 'running', type: 'title.started', set: { startedAt: CLOCK } }),
    finished: (id, result, attempt) =>
      reaches(id, {
        ...{ attempt, from: ['running'] },
        to: 'done',
        type: 'title.published',
        set: { finishedAt: CLOCK, result },
      }),
    failed: (id, error, attempt) =>
      reaches(id, {
        ...{ attempt, from: ['queued', 'running'], to: 'failed', type: 'title.failed' },
        set: { finishedAt: CLOCK, error },
      }),
    cancelled: (id, attempt) =>
      reaches(id, {
        ...{ attempt, from: ['cancelling'] },
        to: 'cancelled',
        type: 'title.cancelled',
        set: { finishedAt: CLOCK },
      }),
    requestCancel: (id) => requestCancel(engine, id),
    retry: (id) => retry(engine, id),
    remove: (id) => remove(engine, id),
  };
}

/**
 * Makes a change where the title's state allows it; gives the title as it is then. Undefined where there is none. Whoever
 * asks for another change of the title meanwhile waits, and then finds it changed.
 */
function make(
  { transaction }: Engine,
  id: string,
  { from, to, type, attempt, set }: Change,
): Promise<{ title: Title; changed: boolean } | undefined> {
  return transaction(async (sql) => {
    const row = await held(sql, id);
    if (!row) return undefined;
    if (!isAt(row, { attempt }) || !from.includes(row.state)) return { title: titleOf(row), changed: false };
    const [changed] = await sql
      .update(titles)
      .set({ ...set, state: to, updatedAt: CLOCK })
      .where(eq(titles.id, id))
      .returning();
    const title = titleOf(changed!);
    await writeEvent(sql, type, title);
    return { title, changed: true };
  });
}

/** The title's row, which nobody else can change until this transaction has ended. */
async function held(sql: Sql, id: string): Promise<Row | undefined> {
  const [row] = await sql.select().from(titles).where(eq(titles.id, id)).for('update');
  return row;
}

async function requestCancel(engine: Engine, id: string): Promise<Title> {
  const found = await make(engine, id, {
    ...{ from: ['queued', 'running'], to: 'cancelling', type: 'title.cancelling' },
  });
  if (!found) throw notFound(id);
  const { title } = found;
  if (title.state !== 'cancelling') {
    throw new HullcastError('TITLE_ENDED', `title ${id} is ${title.state}: there is nothing to cancel`, {
      hint: 'Delete it, if it is not wanted.',
    });
  }
  return title;
}

async function retry(engine: Engine, id: string): Promise<Title> {
  const found = await make(engine, id, {
    ...{ from: ['failed', 'cancelled'], to: 'queued', type: 'title.retried' },
    set: { attempt: expression`${titles.attempt} + 1`, startedAt: null, finishedAt: null, error: null },
  });
  if (!found) throw notFound(id);
  const { title, changed } = found;
  if (changed) return title;
  if (title.state === 'done') {
    throw new HullcastError('TITLE_DONE', `title ${id} is done: there is nothing to do again`, {
      hint: 'Submit the master again to make another title of it.',
    });
  }
  throw notEnded(title);
}

function remove({ transaction }: Engine, id: string): Promise<boolean> {
  return transaction(async (sql) => {
    const row = await held(sql, id);
    if (!row) return false;
    const title = titleOf(row);
    if (!ENDS.includes(title.state)) throw notEnded(title);
    await sql.delete(titles).where(eq(titles.id, id));
    await writeEvent(sql, 'title.deleted', title);
    return true;
  });
}

function notFound(id: string): HullcastError {
  return badUsage(
    'TITLE_NOT_FOUND',
    `there is no title ${id}`,
    'See the list of titles; it may have been deleted.',
  );
}

function notEnded({ id, state }: Title): HullcastError {
  return new HullcastError('TITLE_NOT_ENDED', `title ${id} is ${state}`, {
    hint: 'Wait for its end, or cancel it first.',
  });
}
