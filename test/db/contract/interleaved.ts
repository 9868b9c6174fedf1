import { drizzle } from 'drizzle-orm/node-postgres';
import pg from 'pg';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/db/index.js';
import { writeEvent } from '../../../src/db/events.js';
import { type Opened, newTitle, pause } from '../support.js';

/** For databases with several sessions: transactions that overlap, step by step. */
export function interleavedContract(opened: () => Opened): void {
  let db: Database;
  beforeEach(() => {
    db = opened().db;
  });

  describe('transactions that overlap', () => {
    it('commit their events in the order of their ids', async () => {
      const { title } = await db.titles.create(newTitle());
      const last = await db.events.last();
      const slow = new pg.Client(opened().url);
      await slow.connect();
      try {
        await slow.query('BEGIN');
        await writeEvent(drizzle({ client: slow }), 'title.started', title);

        // Another one that would be quicker has to wait; so no reader can see its event and pass over the slow one's.
        let done = false;
        const quick = opened()
          .peer.titles.create(newTitle())
          .then(() => (done = true));
        await pause(300);
        expect(done).toBe(false);
        expect(await db.events.after(last, { limit: 10 })).toEqual([]);

        await slow.query('COMMIT');
        await quick;
        const seen = await db.events.after(last, { limit: 10 });
        expect(seen.map(({ type }) => type)).toEqual(['title.started', 'title.submitted']);
      } finally {
        await slow.end();
      }
    });

    it('make nobody wait for one that has gone', async () => {
      const { title } = await db.titles.create(newTitle());
      const last = await db.events.last();
      const slow = new pg.Client(opened().url);
      await slow.connect();
      await slow.query('BEGIN');
      await writeEvent(drizzle({ client: slow }), 'title.started', title);
      const quick = db.titles.started(title.id);
      await pause(100);
      await slow.end(); // without COMMIT
      expect(await quick).toBe(true);
      const seen = await db.events.after(last, { limit: 10 });
      expect(seen.map(({ type }) => type)).toEqual(['title.started']);
      expect(seen[0]!.id).toBeGreaterThan(last + 1); // the other one's id is not used again
    });

    it('read without waiting', async () => {
      const { title } = await db.titles.create(newTitle());
      const slow = new pg.Client(opened().url);
      await slow.connect();
      try {
        await slow.query('BEGIN');
        await slow.query(`SELECT FROM hullcast.title WHERE id = '${title.id}' FOR UPDATE`);
        await writeEvent(drizzle({ client: slow }), 'title.started', title);
        expect(await db.titles.get(title.id)).toEqual(title);
        expect((await db.titles.list({ limit: 1 })).titles).toEqual([title]);
        expect(await db.events.last()).toBeGreaterThan(0);
        await db.outbox.take(1, 1);
        await slow.query('ROLLBACK');
      } finally {
        await slow.end();
      }
    });
  });
}
