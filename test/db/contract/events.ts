import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/db/index.js';
import { type Opened, ISO, newTitle, pause, until } from '../support.js';

export function eventsContract(opened: () => Opened): void {
  let db: Database;
  beforeEach(() => {
    db = opened().db;
  });

  const submit = async (on: Database = db): Promise<string> => (await on.titles.create(newTitle())).title.id;

  describe('events', () => {
    it('are there for who asks later: all, those after one, those of one title', async () => {
      expect(await db.events.last()).toBe(0);
      expect(await db.events.after(0, { limit: 10 })).toEqual([]);
      const [a, b] = [await submit(), await submit()];
      await db.titles.started(a);
      await db.titles.requestCancel(b);
      const all = await db.events.after(0, { limit: 10 });
      expect(all.map(({ type, titleId }) => [type, titleId])).toEqual([
        ['title.submitted', a],
        ['title.submitted', b],
        ['title.started', a],
        ['title.cancelling', b],
      ]);
      expect(all.map(({ id }) => id)).toEqual(all.map(({ id }) => id).sort((x, y) => x - y));
      for (const { at, data, titleId } of all) {
        expect(at).toMatch(ISO);
        expect(data.id).toBe(titleId);
      }
      expect(await db.events.last()).toBe(all[3]!.id);
      expect(await db.events.after(all[1]!.id, { limit: 10 })).toEqual(all.slice(2));
      expect(await db.events.after(0, { limit: 3 })).toEqual(all.slice(0, 3));
      expect(await db.events.after(0, { titleId: a, limit: 10 })).toEqual([all[0], all[2]]);
      expect(await db.events.after(all[0]!.id, { titleId: a, limit: 10 })).toEqual([all[2]]);
    });

    it('outlive their title', async () => {
      const id = await submit();
      await db.titles.failed(id, { code: 'X', message: 'x' });
      await db.titles.remove(id);
      const types = (await db.events.after(0, { titleId: id, limit: 10 })).map(({ type }) => type);
      expect(types).toEqual(['title.submitted', 'title.failed', 'title.deleted']);
    });

    it('are never missed by who reads on after the last one it saw', async () => {
      const seen: number[] = [];
      let writing = true;
      const read = async (on: Database): Promise<void> => {
        let last = 0;
        for (let more = true; more;) {
          const unfinished = writing; // before it is read: the last event may come while nothing is being found
          const found = await on.events.after(last, { limit: 7 });
          more = unfinished || found.length > 0;
          last = found.at(-1)?.id ?? last;
          seen.push(...found.map(({ id }) => id));
        }
      };
      const reading = read(db);
      const write = async (on: Database): Promise<void> => {
        for (let i = 0; i < 25; i += 1) await submit(on);
      };
      await Promise.all([db, opened().peer, db, opened().peer, db, opened().peer].map(write));
      writing = false;
      await reading;
      const all = await db.events.after(0, { limit: 1000 });
      expect(all).toHaveLength(150);
      expect(seen).toEqual(all.map(({ id }) => id));
    });
  });

  describe('changed', () => {
    it('calls back soon, whoever wrote the event, until it is stopped', async () => {
      let calls = 0;
      let others = 0;
      const stop = db.events.changed(() => (calls += 1));
      const stopOther = db.events.changed(() => (others += 1));
      await pause(300); // it may call once when it begins
      for (const writer of [db, opened().peer, opened().peer]) {
        const before = [calls, others];
        await submit(writer);
        // Well below the two seconds of the look that notifications make unnecessary.
        const start = performance.now();
        await until(() => calls > before[0]! && others > before[1]!, 'a call');
        expect(performance.now() - start).toBeLessThan(1500);
      }
      stop();
      const before = calls;
      const beforeOthers = others;
      await submit();
      await until(() => others > beforeOthers, 'a call');
      expect(calls).toBe(before);
      stopOther();
    });

    it('comes when the event can be read, and not for what was rolled back', async () => {
      let last = await db.events.last();
      const seen: number[] = [];
      const stop = db.events.changed(() => {
        void db.events.after(last, { limit: 100 }).then((found) => {
          last = Math.max(last, found.at(-1)?.id ?? 0);
          seen.push(...found.map(({ id }) => id));
        });
      });
      for (let i = 0; i < 10; i += 1) await submit(i % 2 ? db : opened().peer);
      await until(() => new Set(seen).size === 10, 'ten events');
      stop();
    });

    it('calls the others where one throws', async () => {
      let calls = 0;
      const stops = [
        db.events.changed(() => {
          throw new Error('a fault');
        }),
        db.events.changed(() => (calls += 1)),
      ];
      await submit();
      await until(() => calls > 0, 'a call');
      for (const stop of stops) stop();
    });
  });
}
