import { beforeEach, describe, expect, it } from 'vitest';
import type { Database } from '../../../src/db/index.js';
import { type Opened, FAILURE, RESULT, newTitle } from '../support.js';

const DAY = 86_400;
const URL = 'https://example.com/hook';

export function historyContract(opened: () => Opened): void {
  let db: Database;
  beforeEach(() => {
    db = opened().db;
  });

  const submit = async (callbackUrl?: string): Promise<string> =>
    (await db.titles.create(newTitle(callbackUrl === undefined ? {} : { callbackUrl }))).title.id;
  const done = async (id: string): Promise<string> => {
    await db.titles.started(id);
    await db.titles.finished(id, RESULT);
    return id;
  };
  /** Makes everything of a title as if it had happened so many days ago. */
  const age = async (id: string, days: number): Promise<void> => {
    const sooner = `- interval '${days} days'`;
    for (const statement of [
      `UPDATE hullcast.title SET created_at = created_at ${sooner}, updated_at = updated_at ${sooner},
         started_at = started_at ${sooner}, finished_at = finished_at ${sooner} WHERE id = '${id}'`,
      `UPDATE hullcast.event SET at = at ${sooner} WHERE title_id = '${id}'`,
      `UPDATE hullcast.delivery SET next_attempt_at = next_attempt_at ${sooner},
         delivered_at = delivered_at ${sooner} WHERE title_id = '${id}'`,
    ])
      await opened().query(statement);
  };
  const typesOf = async (titleId: string): Promise<string[]> =>
    (await db.events.after(0, { titleId, limit: 100 })).map(({ type }) => type);
  const prune = (days: number, dryRun = false) => db.history.prune({ olderThanSeconds: days * DAY, dryRun });
  const deliverAll = async (status?: number): Promise<void> => {
    for (const delivery of await db.outbox.take(1000, 60)) {
      if (status !== undefined) await db.outbox.delivered(delivery, status);
      else await db.outbox.missed(delivery, { error: 'gone', retryInSeconds: undefined });
    }
  };

  describe('history', () => {
    it('of titles that ended long ago is removed but for their end; the titles stay', async () => {
      const [old, young] = [await done(await submit()), await done(await submit())];
      const failed = await submit();
      await db.titles.failed(failed, FAILURE);
      await age(old, 91);
      await age(failed, 200);
      await age(young, 89);
      const title = await db.titles.get(old);
      const all = await db.events.after(0, { limit: 100 });
      const kept = all.filter(({ titleId, type }) => titleId === young || /published|failed/.test(type));
      expect(await prune(90, true)).toEqual({ deliveries: 0, events: 3 });
      expect(await db.events.after(0, { limit: 100 })).toEqual(all);
      expect(await db.events.pruned()).toBe(0);
      expect(await prune(90)).toEqual({ deliveries: 0, events: 3 });
      expect(await db.events.after(0, { limit: 100 })).toEqual(kept);
      expect(await typesOf(old)).toEqual(['title.published']);
      expect(await db.titles.get(old)).toEqual(title);
      expect(await prune(90)).toEqual({ deliveries: 0, events: 0 });
    });

    it('of titles that have not ended stays, however old, and of those that run again', async () => {
      const [queued, running, cancelling, again] = [
        ...[await submit(), await submit(), await submit(), await submit()],
      ];
      await db.titles.started(running!);
      await db.titles.requestCancel(cancelling!);
      await db.titles.failed(again!, FAILURE);
      await db.titles.retry(again!);
      for (const id of [queued!, running!, cancelling!, again!]) await age(id, 1000);
      const all = await db.events.after(0, { limit: 100 });
      expect(await prune(0)).toEqual({ deliveries: 0, events: 0 });
      expect(await db.events.after(0, { limit: 100 })).toEqual(all);
    });

    it('of a title that ended lately stays, though it began long ago', async () => {
      const id = await submit();
      await age(id, 100);
      await done(id);
      expect(await prune(90)).toEqual({ deliveries: 0, events: 0 });
      expect(await typesOf(id)).toHaveLength(3);
    });

    it('of titles that are deleted goes altogether', async () => {
      const id = await submit();
      await db.titles.failed(id, FAILURE);
      await db.titles.remove(id);
      await age(id, 91);
      const other = await submit();
      expect(await prune(90)).toEqual({ deliveries: 0, events: 3 });
      expect(await typesOf(id)).toEqual([]);
      expect(await typesOf(other)).toHaveLength(1);
    });

    it('has what was delivered or given up removed by age, and what is undelivered never', async () => {
      const [sent, lost, waits] = [await submit(URL), await submit(URL), await submit(URL)];
      for (const id of [sent, lost, waits]) await db.titles.failed(id, FAILURE);
      for (const delivery of await db.outbox.take(100, 60)) {
        const { titleId } = delivery;
        if (titleId === sent) await db.outbox.delivered(delivery, 200);
        if (titleId === lost) await db.outbox.missed(delivery, { error: 'gone', retryInSeconds: undefined });
        if (titleId === waits) await db.outbox.missed(delivery, { error: 'busy', retryInSeconds: 60 });
      }
      for (const id of [sent, lost, waits]) await age(id, 400);
      const both = { deliveries: 4, events: 2 };
      expect(await prune(90, true)).toEqual(both);
      expect(await prune(90)).toEqual(both);
      expect(await db.outbox.of(sent)).toEqual([]);
      expect(await db.outbox.of(lost)).toEqual([]);
      expect(await typesOf(sent)).toEqual(['title.failed']);
      // Both are still to be sent, with their events.
      expect(await db.outbox.of(waits)).toMatchObject([{ state: 'pending' }, { state: 'pending' }]);
      expect(await db.outbox.take(10, 60)).toHaveLength(2);
      await deliverAll(200);
      for (const delivery of await db.outbox.of(waits)) await db.outbox.delivered(delivery, 200);
      // They were delivered now.
      expect(await prune(90)).toEqual({ deliveries: 0, events: 0 });
      expect(await prune(0)).toEqual({ deliveries: 2, events: 1 });
    });

    it('keeps an event as long as a delivery of it is young, and what was replayed', async () => {
      const id = await submit(URL);
      await db.titles.failed(id, FAILURE);
      await deliverAll();
      await age(id, 400);
      const [first, second] = await db.outbox.of(id);
      await db.outbox.replay(first!.id);
      expect(await prune(90)).toEqual({ deliveries: 1, events: 0 });
      expect(await db.outbox.of(id)).toMatchObject([{ id: first!.id, state: 'pending' }]);
      expect(await db.outbox.replay(second!.id)).toBe(false);
      expect(await typesOf(id)).toHaveLength(2);
    });

    it('says how far what is gone reached, and where the log is, though its end was removed', async () => {
      const kept = await submit();
      const id = await submit();
      await db.titles.failed(id, FAILURE);
      await db.titles.remove(id);
      const last = await db.events.last();
      await age(id, 91);
      await prune(90);
      expect(await db.events.pruned()).toBe(last);
      expect(await db.events.last()).toBe(last);
      expect(await opened().peer.events.pruned()).toBe(last);
      const [first] = await db.events.after(0, { limit: 10 });
      expect(first).toMatchObject({ titleId: kept });
      // What comes is newer than all that was, and going further back moves nothing back.
      await done(kept);
      expect((await db.events.after(last, { limit: 10 })).map(({ type }) => type)).toEqual([
        ...['title.started', 'title.published'],
      ]);
      await age(kept, 91);
      await prune(90);
      expect(await db.events.pruned()).toBe(last + 1);
      expect(await typesOf(kept)).toEqual(['title.published']);
    });

    it('is removed page by page, while others write, and stops when it is told to', async () => {
      const old = await done(await submit());
      await opened().query(
        `INSERT INTO hullcast.event (type, title_id, at, data) SELECT 'title.started', '${old}', now(), '{}'
           FROM generate_series(1, 2500)`,
      );
      await age(old, 91);
      const stop = new AbortController();
      stop.abort(new Error('enough'));
      const aborted = db.history.prune({ olderThanSeconds: 90 * DAY, signal: stop.signal });
      await expect(aborted).rejects.toThrow('enough');
      const [{ events }] = await Promise.all([prune(90), ...Array.from({ length: 20 }, () => submit())]);
      expect(events).toBe(2502);
      expect(await db.events.after(0, { limit: 100 })).toHaveLength(21);
    });

    it('has no negative age', async () => {
      await expect(prune(-1)).rejects.toThrow(RangeError);
      await expect(prune(Number.NaN)).rejects.toThrow(RangeError);
    });
  });
}
