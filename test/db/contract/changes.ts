import { beforeEach, describe, expect, it } from 'vitest';
import {
  type Database,
  type EventType,
  type Title,
  type TitleState,
  TITLE_STATES,
} from '../../../src/db/index.js';
import { type Opened, FAILURE, ISO, RESULT, newTitle } from '../support.js';

type Operation = 'started' | 'finished' | 'failed' | 'requestCancel' | 'cancelled' | 'retry' | 'remove';

const OPERATIONS: Record<Operation, (db: Database, id: string) => Promise<unknown>> = {
  started: (db, id) => db.titles.started(id),
  finished: (db, id) => db.titles.finished(id, RESULT),
  failed: (db, id) => db.titles.failed(id, FAILURE),
  requestCancel: async (db, id) => (await db.titles.requestCancel(id)).state,
  cancelled: (db, id) => db.titles.cancelled(id),
  retry: async (db, id) => (await db.titles.retry(id)).state,
  remove: (db, id) => db.titles.remove(id),
};

/** How a new title gets to each state. */
const WAYS: Record<TitleState, Operation[]> = {
  queued: [],
  running: ['started'],
  cancelling: ['started', 'requestCancel'],
  done: ['started', 'finished'],
  failed: ['started', 'failed'],
  cancelled: ['started', 'requestCancel', 'cancelled'],
};

type Outcome = [answer: unknown, state: TitleState | 'gone', event?: EventType];

/** What every operation answers in every state, which state follows, and the event where there is a change. */
const TABLE: Record<Operation, Record<TitleState, Outcome>> = {
  started: {
    queued: [true, 'running', 'title.started'],
    running: [true, 'running'],
    cancelling: [false, 'cancelling'],
    done: [false, 'done'],
    failed: [false, 'failed'],
    cancelled: [false, 'cancelled'],
  },
  finished: {
    queued: [false, 'queued'],
    running: [true, 'done', 'title.published'],
    cancelling: [false, 'cancelling'],
    done: [true, 'done'],
    failed: [false, 'failed'],
    cancelled: [false, 'cancelled'],
  },
  failed: {
    queued: [true, 'failed', 'title.failed'],
    running: [true, 'failed', 'title.failed'],
    cancelling: [false, 'cancelling'],
    done: [false, 'done'],
    failed: [true, 'failed'],
    cancelled: [false, 'cancelled'],
  },
  requestCancel: {
    queued: ['cancelling', 'cancelling', 'title.cancelling'],
    running: ['cancelling', 'cancelling', 'title.cancelling'],
    cancelling: ['cancelling', 'cancelling'],
    done: ['TITLE_ENDED', 'done'],
    failed: ['TITLE_ENDED', 'failed'],
    cancelled: ['TITLE_ENDED', 'cancelled'],
  },
  cancelled: {
    queued: [false, 'queued'],
    running: [false, 'running'],
    cancelling: [true, 'cancelled', 'title.cancelled'],
    done: [false, 'done'],
    failed: [false, 'failed'],
    cancelled: [true, 'cancelled'],
  },
  retry: {
    queued: ['TITLE_NOT_ENDED', 'queued'],
    running: ['TITLE_NOT_ENDED', 'running'],
    cancelling: ['TITLE_NOT_ENDED', 'cancelling'],
    done: ['TITLE_DONE', 'done'],
    failed: ['queued', 'queued', 'title.retried'],
    cancelled: ['queued', 'queued', 'title.retried'],
  },
  remove: {
    queued: ['TITLE_NOT_ENDED', 'queued'],
    running: ['TITLE_NOT_ENDED', 'running'],
    cancelling: ['TITLE_NOT_ENDED', 'cancelling'],
    done: [true, 'gone', 'title.deleted'],
    failed: [true, 'gone', 'title.deleted'],
    cancelled: [true, 'gone', 'title.deleted'],
  },
};

/** The answer, or the code of what was thrown. */
function answer(promise: Promise<unknown>): Promise<unknown> {
  return promise.catch((error: unknown) => (error as { code?: string }).code ?? error);
}

const EXCLUDING: [TitleState, Operation[]][] = [
  ['running', ['finished', 'requestCancel']],
  ['running', ['finished', 'failed', 'requestCancel']],
  ['queued', ['failed', 'requestCancel']],
  ['cancelling', ['cancelled', 'finished', 'failed']],
  ['failed', ['retry', 'remove']],
  ['cancelled', ['retry', 'retry', 'remove', 'remove']],
];

export function changesContract(opened: () => Opened): void {
  let db: Database;
  beforeEach(() => {
    db = opened().db;
  });

  /** A new title in a state. */
  async function titleIn(state: TitleState): Promise<Title> {
    const { title } = await db.titles.create(newTitle({ callbackUrl: 'https://example.com/hook' }));
    for (const operation of WAYS[state]) await OPERATIONS[operation](db, title.id);
    const found = await db.titles.get(title.id);
    expect(found?.state).toBe(state);
    return found!;
  }

  describe('changes of state', () => {
    it.each(Object.keys(TABLE) as Operation[])('%s does what it may, from every state', async (operation) => {
      for (const state of TITLE_STATES) {
        const title = await titleIn(state);
        const last = await db.events.last();
        const [expected, after, event] = TABLE[operation][state];
        expect(await answer(OPERATIONS[operation](db, title.id)), `${operation} of ${state}`).toBe(expected);
        const now = await db.titles.get(title.id);
        expect(now?.state ?? 'gone').toBe(after);
        if (!event) expect(now).toEqual(title);
        // Each change has one event, which holds the title as it is then, and the event has one delivery.
        const events = await db.events.after(last, { limit: 10 });
        expect(events).toEqual(
          event
            ? [{ id: events[0]?.id, type: event, titleId: title.id, at: events[0]?.at, data: now ?? title }]
            : [],
        );
        const deliveries = await db.outbox.of(title.id);
        expect(deliveries.filter(({ eventId }) => eventId > last)).toMatchObject(
          event ? [{ type: event, data: now ?? title, state: 'pending', url: title.callbackUrl }] : [],
        );
      }
    });

    it.each(Object.keys(TABLE) as Operation[])('%s knows none that there is not', async (operation) => {
      const expected = ['requestCancel', 'retry'].includes(operation) ? 'TITLE_NOT_FOUND' : false;
      expect(await answer(OPERATIONS[operation](db, 'nobody'))).toBe(expected);
      expect(await db.events.last()).toBe(0);
    });

    it('tells what came of a title, and when', async () => {
      const done = await titleIn('done');
      expect(done.result).toEqual(RESULT);
      const times = [done.createdAt, done.startedAt, done.finishedAt];
      for (const time of times) expect(time).toMatch(ISO);
      expect(times).toEqual([...times].sort());
      expect((await titleIn('failed')).error).toEqual(FAILURE);
      expect('startedAt' in (await titleIn('queued'))).toBe(false);
    });

    it('a retry begins anew, and counts', async () => {
      const { id, createdAt } = await titleIn('failed');
      for (const attempt of [2, 3]) {
        const title = await db.titles.retry(id);
        expect(title).toMatchObject({ attempt, createdAt, state: 'queued' });
        expect(['startedAt', 'finishedAt', 'error'].filter((name) => name in title)).toEqual([]);
        await db.titles.failed(id, FAILURE);
      }
    });

    it('of an attempt leaves later ones alone', async () => {
      const { id, attempt } = await titleIn('failed');
      await db.titles.retry(id);
      const late = () =>
        Promise.all([
          db.titles.finished(id, RESULT, attempt),
          db.titles.failed(id, FAILURE, attempt),
          db.titles.cancelled(id, attempt),
        ]);
      for (const state of ['queued', 'running', 'cancelling', 'cancelled']) {
        expect(await late()).toEqual([false, false, false]);
        expect(await db.titles.get(id)).toMatchObject({ state, attempt: attempt + 1 });
        if (state === 'queued') await db.titles.started(id);
        if (state === 'running') await db.titles.requestCancel(id);
        if (state === 'cancelling') expect(await db.titles.cancelled(id, attempt + 1)).toBe(true);
      }
    });

    it('is nothing where its event cannot be written', async () => {
      const title = await titleIn('running');
      const failed = await titleIn('failed');
      const last = await db.events.last();
      await opened().query(`CREATE FUNCTION hullcast.refuse() RETURNS trigger LANGUAGE plpgsql
        AS 'BEGIN RAISE EXCEPTION ''no event today''; END'`);
      await opened().query(
        `CREATE TRIGGER refuse BEFORE INSERT ON hullcast.event EXECUTE FUNCTION hullcast.refuse()`,
      );
      try {
        const wanted = newTitle({ idempotencyKey: 'k' });
        const answers = await Promise.all(
          [
            db.titles.finished(title.id, RESULT),
            db.titles.requestCancel(title.id),
            db.titles.retry(failed.id),
            db.titles.remove(failed.id),
            db.titles.create(wanted),
          ].map(answer),
        );
        expect(answers).toEqual(answers.map(() => 'DB_FAILED'));
        expect(await db.titles.get(title.id)).toEqual(title);
        expect(await db.titles.get(failed.id)).toEqual(failed);
        expect(await db.titles.get(wanted.id)).toBeUndefined();
      } finally {
        await opened().query('DROP FUNCTION hullcast.refuse() CASCADE');
      }
      expect(await db.titles.finished(title.id, RESULT)).toBe(true);
      expect(await db.events.after(last, { limit: 10 })).toMatchObject([{ type: 'title.published' }]);
    });

    it.each(EXCLUDING)('from %s, of %j at once exactly one is done', async (state, operations) => {
      for (let round = 0; round < 8; round += 1) {
        const { id } = await titleIn(state);
        const last = await db.events.last();
        // Each one is asked by both control planes; a change that was made already may be confirmed.
        const asked = [db, opened().peer].flatMap((one) =>
          operations.map((operation) => ({ one, operation })),
        );
        const shift = round % asked.length;
        const order = [...asked.slice(shift), ...asked.slice(0, shift)];
        await Promise.all(order.map(({ one, operation }) => answer(OPERATIONS[operation](one, id))));
        const events = await db.events.after(last, { limit: 10 });
        expect(events).toHaveLength(1);
        const { type, data } = events[0]!;
        const now = await db.titles.get(id);
        if (type === 'title.deleted') expect(now).toBeUndefined();
        else expect(now).toEqual(data);
        const winner = operations.find((operation) => TABLE[operation][state][2] === type)!;
        expect(now?.state ?? 'gone').toBe(TABLE[winner][state][1]);
      }
    });

    it('whatever is asked at once, one after the other is done', async () => {
      const all = Object.keys(TABLE) as Operation[];
      for (let round = 0; round < 10; round += 1) {
        const { id } = await titleIn('queued');
        const last = await db.events.last();
        const asked = [...all, ...all].map((operation, i) => ({ operation, rank: (i * 7 + round * 5) % 14 }));
        asked.sort((a, b) => a.rank - b.rank);
        await Promise.all(
          asked.map(({ operation }, i) => answer(OPERATIONS[operation](i % 2 ? db : opened().peer, id))),
        );
        let state: TitleState | 'gone' = 'queued';
        for (const { type } of await db.events.after(last, { limit: 100 })) {
          expect(state, `${type} after the end`).not.toBe('gone');
          const changes: Outcome[] = all.map((operation) => TABLE[operation][state as TitleState]);
          const change = changes.find((outcome) => outcome[2] === type);
          expect(change, `${type} where the title was ${state}`).toBeDefined();
          state = change![1];
        }
        expect((await db.titles.get(id))?.state ?? 'gone').toBe(state);
      }
    });

    it('finished() and requestCancel() at once agree on who won', async () => {
      for (let round = 0; round < 15; round += 1) {
        const { id } = await titleIn('running');
        const [finished, cancel] = await Promise.all([
          db.titles.finished(id, RESULT),
          answer(
            opened()
              .peer.titles.requestCancel(id)
              .then(({ state }) => state),
          ),
        ]);
        expect([finished, cancel]).toEqual(finished ? [true, 'TITLE_ENDED'] : [false, 'cancelling']);
        expect((await db.titles.get(id))?.state).toBe(finished ? 'done' : 'cancelling');
      }
    });
  });
}
