import { and, desc, eq, isNull, lt, or, sql as expression } from 'drizzle-orm';
import { NOW, inSeconds, present } from './columns.js';
import type { Engine } from './engine/engine.js';
import { tokens } from './schema.js';
import type { Token, Tokens } from './types.js';

/** A token's use is noted at most this often. */
const NOTE_SECONDS = 60;

const VALID = expression<boolean>`${tokens.revokedAt} IS NULL AND coalesce(${tokens.expiresAt} > now(), true)`;

type Row = typeof tokens.$inferSelect;

function tokenOf({ digest: _, ...row }: Row): Token {
  return present(row);
}

export function databaseTokens({ run }: Engine): Tokens {
  return {
    create: (token) =>
      run(async (sql) => {
        const [row] = await sql.insert(tokens).values(token).returning();
        return tokenOf(row!);
      }),

    find: (digest) =>
      run(async (sql) => {
        const [found] = await sql
          .select({ token: tokens, valid: VALID })
          .from(tokens)
          .where(eq(tokens.digest, digest));
        if (!found) return undefined;
        const unnoted = or(isNull(tokens.lastUsedAt), lt(tokens.lastUsedAt, inSeconds(-NOTE_SECONDS)));
        await sql
          .update(tokens)
          .set({ lastUsedAt: NOW })
          .where(and(eq(tokens.digest, digest), unnoted));
        return { ...tokenOf(found.token), valid: found.valid };
      }),

    list: () =>
      run(async (sql) => {
        const rows = await sql.select().from(tokens).orderBy(desc(tokens.createdAt), desc(tokens.id));
        return rows.map(tokenOf);
      }),

    revoke: (id) =>
      run(async (sql) => {
        const revoked = await sql
          .update(tokens)
          .set({ revokedAt: expression`coalesce(${tokens.revokedAt}, ${NOW})` })
          .where(eq(tokens.id, id))
          .returning({ id: tokens.id });
        return revoked.length > 0;
      }),
  };
}
