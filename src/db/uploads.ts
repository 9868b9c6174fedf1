import { and, asc, eq, isNull, lte, notExists, sql as expression } from 'drizzle-orm';
import { NOW, inSeconds, present } from './columns.js';
import type { Engine, Sql } from './engine/engine.js';
import { removedUploads, titles, uploads } from './schema.js';
import type { Uploads } from './types.js';

/** True of an upload that no title names. */
const unnamed = (sql: Sql) =>
  notExists(sql.select({ id: titles.id }).from(titles).where(eq(titles.uploadId, uploads.id)));

/** True of an upload whose time is over. */
const expired = lte(uploads.expiresAt, NOW);

export function databaseUploads({ run, transaction }: Engine): Uploads {
  return {
    create: ({ lifetimeSeconds, ...upload }) =>
      run(async (sql) => {
        const row = { ...upload, expiresAt: inSeconds(lifetimeSeconds) };
        const [made] = await sql.insert(uploads).values(row).returning();
        return present(made!);
      }),

    get: (id) =>
      run(async (sql) => {
        const [row] = await sql.select().from(uploads).where(eq(uploads.id, id));
        return row && present(row);
      }),

    finished: (id) =>
      run(async (sql) => {
        const lifetime = expression`${uploads.expiresAt} - ${uploads.createdAt}`;
        await sql
          .update(uploads)
          .set({ finishedAt: NOW, expiresAt: expression`${NOW} + (${lifetime})` })
          .where(and(eq(uploads.id, id), isNull(uploads.finishedAt)));
      }),

    remove: (id, { onlyExpired = false } = {}) =>
      transaction(async (sql) => {
        // A title that is being added holds its upload until it is committed. Only a statement that begins after that
        // sees the title; so first the lock, then the look. So it is with an upload that is just being finished.
        const [found] = await sql.select().from(uploads).where(eq(uploads.id, id)).for('update');
        const gone = await sql
          .delete(uploads)
          .where(and(eq(uploads.id, id), unnamed(sql), onlyExpired ? expired : undefined))
          .returning({ id: uploads.id });
        if (found && gone.length === 0) return false;
        await sql
          .insert(removedUploads)
          .values({ id })
          .onConflictDoUpdate({ target: removedUploads.id, set: { triedAt: NOW } });
        return true;
      }),

    removed: (id) =>
      run(async (sql) => {
        await sql.delete(removedUploads).where(eq(removedUploads.id, id));
      }),

    expired: (limit) =>
      run(async (sql) => {
        const over = await sql
          .select({ id: uploads.id })
          .from(uploads)
          .where(and(expired, unnamed(sql)))
          .orderBy(asc(uploads.expiresAt), asc(uploads.id))
          .limit(limit);
        const removed = await sql
          .select({ id: removedUploads.id })
          .from(removedUploads)
          .orderBy(asc(removedUploads.triedAt), asc(removedUploads.id))
          .limit(limit - over.length);
        return [...over, ...removed].map(({ id }) => id);
      }),
  };
}
