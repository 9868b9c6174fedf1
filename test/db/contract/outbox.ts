import { beforeEach, describe, expect, it } from 'vitest';
import type { Database, Delivery } from '../../../src/db/index.js';
import { type Opened, FAILURE, ISO, newTitle, pause, until } from '../support.js';

const URL = 'https://example.com/hook?a=b';

export function outboxContract(opened: () => Opened): void {
  let db: Database;
  beforeEach(() => {
    db = opened().db;
  });

  /** A title of which one delivery is pending. */
  const submit = async (on: Database = db): Promise<string> =>
    (await on.titles.create(newTitle({ callbackUrl: URL }))).title.id;

  const ids = (deliveries: Delivery[]): number[] => deliveries.map(({ id }) => id);

  describe('outbox', () => {
    it('has what is to be sent for every event of a title with a callback URL', async () => {
      await db.titles.create(newTitle());
      const id = await submit();
      const [event] = await db.events.after(0, { titleId: id, limit: 1 });
      const [delivery, ...rest] = await db.outbox.take(10, 60);
      expect(rest).toEqual([]);
      expect(delivery).toEqual({
        ...{ id: delivery?.id, eventId: event?.id, titleId: id, type: 'title.submitted', url: URL },
        ...{ state: 'pending', attempts: 0, nextAttemptAt: delivery?.nextAttemptAt, at: event?.at },
        data: event?.data,
      });
      expect(delivery?.nextAttemptAt).toMatch(ISO);
    });

    it('gives the longest due first, at most as many as asked for, and each once', async () => {
      const titles = [await submit(), await submit(), await submit()];
      const [a, b, c] = await Promise.all(titles.map(async (id) => (await db.outbox.of(id))[0]!));
      await db.outbox.missed(a!, { error: 'later', retryInSeconds: 0.001 });
      await pause(20);
      expect(ids(await db.outbox.take(2, 60))).toEqual([b!.id, c!.id]);
      expect(ids(await opened().peer.outbox.take(2, 60))).toEqual([a!.id]);
      expect(await db.outbox.take(2, 60)).toEqual([]);
    });

    it('never gives one delivery to two takers', async () => {
      const titles = await Promise.all(
        Array.from({ length: 60 }, (_, i) => submit(i % 2 ? db : opened().peer)),
      );
      const taken: number[] = [];
      const drain = async (on: Database): Promise<void> => {
        for (let found = [1]; found.length > 0; taken.push(...found))
          found = ids(await on.outbox.take(4, 60));
      };
      const { peer } = opened();
      await Promise.all([db, peer, db, peer, db, peer, db, peer].map(drain));
      expect(taken).toHaveLength(titles.length);
      expect(new Set(taken).size).toBe(titles.length);
    });

    it('gives back what a dead taker held when its lease ends', async () => {
      await submit();
      const [held] = await db.outbox.take(1, 0.5);
      expect(await opened().peer.outbox.take(1, 60)).toEqual([]);
      let again: Delivery[] = [];
      await until(async () => (again = await opened().peer.outbox.take(1, 60)).length > 0, 'the lease ends');
      expect(ids(again)).toEqual([held?.id]);
      expect(again[0]?.attempts).toBe(0);
    });

    it('knows what was delivered, and does not give it again', async () => {
      const title = await submit();
      const [taken] = await db.outbox.take(1, 0.01);
      await db.outbox.delivered(taken!, 204);
      await pause(30);
      expect(await db.outbox.take(1, 60)).toEqual([]);
      const [found] = await db.outbox.of(title);
      expect(found).toMatchObject({ state: 'delivered', attempts: 1, lastStatus: 204 });
      expect(found?.deliveredAt).toMatch(ISO);
    });

    it('tries again when it is told to, counting, and forgets the error when it succeeds', async () => {
      const title = await submit();
      const [first] = await db.outbox.take(1, 60);
      await db.outbox.missed(first!, { status: 503, error: 'busy\0', retryInSeconds: 0.3 });
      expect(await db.outbox.take(1, 60)).toEqual([]);
      expect(await db.outbox.of(title)).toMatchObject([
        { state: 'pending', attempts: 1, lastStatus: 503, lastError: 'busy\uFFFD' },
      ]);
      let again: Delivery[] = [];
      await until(async () => (again = await db.outbox.take(1, 60)).length === 1, 'it is due');
      await db.outbox.missed(again[0]!, { error: 'ECONNRESET', retryInSeconds: 60 });
      const [found] = await db.outbox.of(title);
      expect(found).toMatchObject({ attempts: 2, lastError: 'ECONNRESET' });
      expect('lastStatus' in found!).toBe(false);
      await db.outbox.delivered(found!, 200);
      expect('lastError' in (await db.outbox.of(title))[0]!).toBe(false);
    });

    it('gives up when it is told to, until somebody replays it', async () => {
      const title = await submit();
      const [taken] = await db.outbox.take(1, 0.01);
      const { id } = taken!;
      await db.outbox.missed(taken!, { status: 410, error: 'gone', retryInSeconds: undefined });
      await pause(30);
      expect(await db.outbox.take(1, 60)).toEqual([]);
      expect(await db.outbox.of(title)).toMatchObject([{ state: 'failed', attempts: 1 }]);
      expect(await db.outbox.replay(id)).toBe(true);
      expect(await db.outbox.take(1, 60)).toMatchObject([
        { id, state: 'pending', attempts: 0, lastStatus: 410 },
      ]);
    });

    it('replays what was delivered, and what is not due', async () => {
      const title = await submit();
      const [{ id } = { id: 0 }] = await db.outbox.take(1, 3600);
      expect(await db.outbox.replay(id)).toBe(true);
      const [again] = await db.outbox.take(1, 3600);
      expect(again?.id).toBe(id);
      await db.outbox.delivered(again!, 200);
      expect(await db.outbox.replay(id)).toBe(true);
      expect('deliveredAt' in (await db.outbox.of(title))[0]!).toBe(false);
      expect(ids(await db.outbox.take(1, 3600))).toEqual([id]);
      expect(await db.outbox.replay(id + 1000)).toBe(false);
    });

    it('what one has delivered another cannot miss', async () => {
      const title = await submit();
      const [taken] = await db.outbox.take(1, 0.01);
      await db.outbox.delivered(taken!, 200);
      await opened().peer.outbox.missed(taken!, { error: 'timeout', retryInSeconds: 0 });
      expect(await db.outbox.of(title)).toMatchObject([{ state: 'delivered', attempts: 1 }]);
    });

    it('sends once more what is replayed while it is sent, whatever becomes of that', async () => {
      const title = await submit();
      const note = [
        (taken: Delivery) => db.outbox.delivered(taken, 200),
        (taken: Delivery) => db.outbox.missed(taken, { error: 'gone', retryInSeconds: undefined }),
      ];
      for (const say of note) {
        const [taken] = await db.outbox.take(1, 60);
        expect(await opened().peer.outbox.replay(taken!.id)).toBe(true);
        await say(taken!);
        expect(await db.outbox.of(title)).toMatchObject([{ state: 'pending', attempts: 0 }]);
        // Also where somebody sends it again by now.
        const [again] = await opened().peer.outbox.take(1, 0.01);
        await say(taken!);
        expect(await db.outbox.of(title)).toMatchObject([{ id: again!.id, state: 'pending', attempts: 0 }]);
        await pause(30);
      }
      const [last] = await db.outbox.take(1, 60);
      await db.outbox.delivered(last!, 200);
      expect(await db.outbox.of(title)).toMatchObject([{ state: 'delivered', attempts: 1 }]);
    });

    it('delivers what happened to a title that is gone, in order', async () => {
      const id = await submit();
      await db.titles.failed(id, FAILURE);
      await db.titles.remove(id);
      const types = ['title.submitted', 'title.failed', 'title.deleted'];
      expect((await db.outbox.of(id)).map(({ type }) => type)).toEqual(types);
      expect((await db.outbox.take(10, 60)).map(({ type }) => type)).toEqual(types);
    });
  });
}
