import { type SQL, and, count, desc, eq, inArray, sql as expression } from 'drizzle-orm';
import { badUsage } from '../errors.js';
import { databaseChanges, titleOf } from './changes.js';
import { cursorOf, placeOf } from './cursor.js';
import type { Engine, Sql } from './engine/engine.js';
import { violatedConstraint } from './engine/errors.js';
import { writeEvent } from './events.js';
import { titles } from './schema.js';
import {
  TITLE_STATES,
  type NewTitle,
  type Submission,
  type Title,
  type TitleFilter,
  type TitleState,
  type Titles,
} from './types.js';

const MOST = 200;

export function databaseTitles(engine: Engine): Titles {
  const { run, transaction } = engine;
  return {
    ...databaseChanges(engine),
    create: (title) => transaction((sql) => create(sql, title)),
    submitted: (submission) => run((sql) => firstOf(sql, submission)),
    get: (id) =>
      run(async (sql) => {
        const [row] = await sql.select().from(titles).where(eq(titles.id, id));
        return row && titleOf(row);
      }),
    list: (filter) => list(engine, filter),
    count: () =>
      run(async (sql) => {
        const rows = await sql.select({ state: titles.state, n: count() }).from(titles).groupBy(titles.state);
        const none = TITLE_STATES.map((state) => [state, 0] as const);
        return Object.fromEntries([...none, ...rows.map(({ state, n }) => [state, n] as const)]) as Record<
          TitleState,
          number
        >;
      }),
  };
}

async function create(sql: Sql, title: NewTitle): Promise<{ title: Title; created: boolean }> {
  for (;;) {
    const made = await insert(sql, title);
    if (made) {
      await writeEvent(sql, 'title.submitted', made);
      return { title: made, created: true };
    }
    const { idempotencyKey = '' } = title;
    const first = await firstOf(sql, { ...title, idempotencyKey });
    if (first) return { title: first, created: false };
    // The first one was removed between the two statements: now there is room for this one.
  }
}

/** Undefined where this token's idempotency key made a title before, or does so now: then this waits for its commit. */
async function insert(sql: Sql, title: NewTitle): Promise<Title | undefined> {
  const uploadId = title.source.kind === 'upload' ? title.source.id : null;
  try {
    const [row] = await sql
      .insert(titles)
      .values({ ...title, uploadId })
      .onConflictDoNothing({
        target: [titles.tokenId, titles.idempotencyKey],
        where: expression`idempotency_key IS NOT NULL`,
      })
      .returning();
    return row && titleOf(row);
  } catch (error) {
    if (violatedConstraint(error) !== 'title_upload') throw error;
    throw badUsage(
      'UPLOAD_MISSING',
      `there is no upload ${uploadId}`,
      'Uploads expire: upload the master again.',
    );
  }
}

async function firstOf(
  sql: Sql,
  { tokenId, idempotencyKey, requestDigest }: Submission,
): Promise<Title | undefined> {
  const [row] = await sql
    .select()
    .from(titles)
    .where(and(eq(titles.tokenId, tokenId), eq(titles.idempotencyKey, idempotencyKey)));
  if (!row) return undefined;
  if (row.requestDigest !== requestDigest) {
    throw badUsage(
      'IDEMPOTENCY_MISMATCH',
      `this idempotency key was used for another request, which made the title ${row.id}`,
      'Use a new key for a new request, and the same request with the same key.',
    );
  }
  return titleOf(row);
}

async function list(
  { run }: Engine,
  { states, externalId, cursor, limit }: TitleFilter,
): Promise<{ titles: Title[]; next?: string }> {
  if (!(Number.isInteger(limit) && limit >= 1 && limit <= MOST)) {
    throw new RangeError(`limit is ${limit}, allowed is 1 to ${MOST}`);
  }
  const conditions = [
    states && inArray(titles.state, [...states]),
    externalId === undefined ? undefined : eq(titles.externalId, externalId),
    cursor === undefined ? undefined : isAfter(cursor),
  ];
  const rows = await run((sql) =>
    sql
      .select()
      .from(titles)
      .where(and(...conditions))
      .orderBy(desc(titles.createdAt), desc(titles.id))
      .limit(limit + 1),
  );
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  const next = rows.length > limit && last ? { next: cursorOf(last) } : {};
  return { titles: page.map(titleOf), ...next };
}

/** Further down the list than where the cursor's page ended. */
function isAfter(cursor: string): SQL {
  const { createdAt, id } = placeOf(cursor);
  const place = expression`(${expression.param(createdAt, titles.createdAt)}, ${expression.param(id, titles.id)})`;
  return expression`(${titles.createdAt}, ${titles.id}) < ${place}`;
}
