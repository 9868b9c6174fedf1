import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Database, Title } from '../../../src/db/index.js';
import { type Opened, ISO, RESULT, newTitle, submitted } from '../support.js';

export function titlesContract(opened: () => Opened): void {
  let db: Database;
  beforeEach(() => {
    db = opened().db;
  });

  describe('titles', () => {
    it('gives back all that was said of one', async () => {
      const wanted = newTitle({
        ...{ externalId: 'x-1', metadata: { season: '1', ü: '✓' }, callbackUrl: 'https://example.com/hook' },
        ...{ idempotencyKey: 'key', priority: 9 },
      });
      const { title, created } = await db.titles.create(wanted);
      expect(created).toBe(true);
      expect(title).toEqual({ ...submitted(wanted), createdAt: title.createdAt, updatedAt: title.createdAt });
      expect(title.createdAt).toMatch(ISO);
      expect(await db.titles.get(wanted.id)).toEqual(title);
      expect(await opened().peer.titles.get(wanted.id)).toEqual(title);
    });

    it('says nothing of what is not known', async () => {
      const { title } = await db.titles.create(newTitle());
      const absent = [
        'externalId',
        'metadata',
        'callbackUrl',
        'idempotencyKey',
        'startedAt',
        'error',
        'result',
      ];
      expect(absent.filter((name) => name in title)).toEqual([]);
    });

    it('knows none that there is not, whatever it is called', async () => {
      for (const id of ['', 'nobody', "'; DROP TABLE hullcast.title; --", 'a\0b', '\uD800'])
        expect(await db.titles.get(id)).toBeUndefined();
    });

    it('keeps any JSON as options, but for what no text may hold', async () => {
      const clean = (value: unknown): unknown =>
        JSON.parse(
          JSON.stringify(value, (_, inner: unknown) =>
            typeof inner === 'string' ? cleanText(inner) : inner,
          ),
        );
      const json = fc.object({
        key: fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
        values: [
          fc.string({ unit: 'binary' }),
          fc.string(),
          fc.double({ noNaN: true, noDefaultInfinity: true }),
        ],
        withBigInt: false,
      });
      await fc.assert(
        fc.asyncProperty(json, async (options) => {
          const { title } = await db.titles.create(newTitle({ options }));
          expect(title.options).toEqual(clean(options));
        }),
        { numRuns: 40 },
      );
    });

    it('takes names with characters that PostgreSQL cannot keep', async () => {
      const bad = 'a\0b\uD800c\uDC00\u{1F3AC}\\u0000\\\\u0000';
      const good = 'a\uFFFDb\uFFFDc\uFFFD\u{1F3AC}\\u0000\\\\u0000';
      const wanted = newTitle({ name: bad, externalId: bad, metadata: { [bad]: bad }, options: [bad] });
      const { title } = await db.titles.create(wanted);
      expect(title).toMatchObject({
        name: good,
        externalId: good,
        metadata: { [good]: good },
        options: [good],
      });
      await db.titles.failed(title.id, { code: 'X', message: bad });
      expect((await db.titles.get(title.id))?.error).toEqual({ code: 'X', message: good });
    });

    it('counts by state, states without titles too', async () => {
      const none = { queued: 0, running: 0, cancelling: 0, done: 0, failed: 0, cancelled: 0 };
      expect(await db.titles.count()).toEqual(none);
      const ids = await Promise.all([1, 2, 3].map(async () => (await db.titles.create(newTitle())).title.id));
      await db.titles.started(ids[0]!);
      await db.titles.finished(ids[0]!, RESULT);
      await db.titles.requestCancel(ids[1]!);
      expect(await db.titles.count()).toEqual({ ...none, queued: 1, done: 1, cancelling: 1 });
    });
  });

  describe('idempotency', () => {
    it('gives the first title to the same request, whatever became of it', async () => {
      const { title } = await db.titles.create(newTitle({ idempotencyKey: 'k' }));
      await db.titles.started(title.id);
      const again = await opened().peer.titles.create(newTitle({ idempotencyKey: 'k', name: 'other.mov' }));
      expect(again).toEqual({ title: await db.titles.get(title.id), created: false });
      expect(await db.events.after(0, { limit: 10 })).toHaveLength(2);
    });

    it('is looked up without making a title', async () => {
      const asked = { ...newTitle({ requestDigest: 'one' }), idempotencyKey: 'k' };
      expect(await db.titles.submitted(asked)).toBeUndefined();
      const { title } = await db.titles.create(asked);
      expect(await opened().peer.titles.submitted(asked)).toEqual(title);
      expect(await db.titles.submitted({ ...asked, idempotencyKey: 'other' })).toBeUndefined();
      await expect(db.titles.submitted({ ...asked, requestDigest: 'two' })).rejects.toMatchObject({
        code: 'IDEMPOTENCY_MISMATCH',
      });
    });

    it('refuses another request', async () => {
      const { title } = await db.titles.create(newTitle({ idempotencyKey: 'k', requestDigest: 'one' }));
      await expect(
        db.titles.create(newTitle({ idempotencyKey: 'k', requestDigest: 'two' })),
      ).rejects.toMatchObject({
        code: 'IDEMPOTENCY_MISMATCH',
        message: expect.stringContaining(title.id) as string,
      });
      expect(await db.titles.count()).toMatchObject({ queued: 1 });
    });

    it("is each token's own, and nothing without a key", async () => {
      const wanted = [
        newTitle({ idempotencyKey: 'k', tokenId: 'a' }),
        newTitle({ idempotencyKey: 'k', tokenId: 'b' }),
        newTitle({ idempotencyKey: 'K', tokenId: 'a' }),
        newTitle({ tokenId: 'a' }),
        newTitle({ tokenId: 'a' }),
      ];
      const made = await Promise.all(wanted.map((title) => db.titles.create(title)));
      expect(made.map(({ created }) => created)).toEqual([true, true, true, true, true]);
    });

    it('makes one title of fifty submissions at once, on two control planes', async () => {
      const wanted = Array.from({ length: 50 }, () =>
        newTitle({ idempotencyKey: 'k', callbackUrl: 'https://a.b/' }),
      );
      const made = await Promise.all(
        wanted.map((title, i) => (i % 2 ? opened().peer : db).titles.create(title)),
      );
      expect(made.filter(({ created }) => created)).toHaveLength(1);
      const { title } = made.find(({ created }) => created)!;
      expect(made.map((one) => one.title)).toEqual(made.map(() => title));
      expect((await db.titles.list({ limit: 200 })).titles).toEqual([title]);
      expect(await db.events.after(0, { limit: 100 })).toMatchObject([
        { type: 'title.submitted', titleId: title.id },
      ]);
      expect(await db.outbox.of(title.id)).toHaveLength(1);
    });

    it('makes one title, or refuses, where different requests use one key at once', async () => {
      const wanted = Array.from({ length: 20 }, (_, i) =>
        newTitle({ idempotencyKey: 'k', requestDigest: `d${i % 4}` }),
      );
      const made = await Promise.allSettled(
        wanted.map((title, i) => (i % 2 ? opened().peer : db).titles.create(title)),
      );
      expect(made.filter(({ status }) => status === 'fulfilled')).toHaveLength(5);
      expect(await db.titles.count()).toMatchObject({ queued: 1 });
    });

    it('ends with its title: the key of one that was removed makes a new one', async () => {
      const { title } = await db.titles.create(newTitle({ idempotencyKey: 'k' }));
      await db.titles.failed(title.id, { code: 'X', message: 'x' });
      await db.titles.remove(title.id);
      const again = await db.titles.create(newTitle({ idempotencyKey: 'k', requestDigest: 'two' }));
      expect(again.created).toBe(true);
      expect(again.title.id).not.toBe(title.id);
    });

    it('loses none of two hundred different submissions at once', async () => {
      const wanted = Array.from({ length: 200 }, (_, i) => newTitle({ idempotencyKey: `k${i}` }));
      await Promise.all(wanted.map((title, i) => (i % 2 ? opened().peer : db).titles.create(title)));
      const { titles } = await db.titles.list({ limit: 200 });
      expect(titles.map(({ id }) => id).sort()).toEqual(wanted.map(({ id }) => id));
      expect(await db.events.after(0, { limit: 500 })).toHaveLength(200);
    });
  });

  describe('list', () => {
    /** Every page, each seen after `between` ran. */
    async function pages(limit: number, between?: () => Promise<unknown>): Promise<Title[][]> {
      const all: Title[][] = [];
      let cursor: string | undefined;
      do {
        const page = await db.titles.list({ limit, ...(cursor === undefined ? {} : { cursor }) });
        all.push(page.titles);
        cursor = page.next;
        await between?.();
      } while (cursor !== undefined);
      return all;
    }

    /** Titles of which many have the same time. */
    async function many(n: number): Promise<string[]> {
      const ids: string[] = [];
      for (let i = 0; i < n; i += 1) ids.push((await db.titles.create(newTitle())).title.id);
      await opened().query(`
        UPDATE hullcast.title SET created_at = '2026-01-01T00:00:00Z'::timestamptz
          + make_interval(secs => (substring(id from 7)::int % 4) * 0.001)`);
      return ids;
    }

    it('gives each title once, the newest first, in pages that do not overlap', async () => {
      const ids = await many(23);
      const all = await pages(5);
      expect(all.map((page) => page.length)).toEqual([5, 5, 5, 5, 3]);
      const seen = all.flat();
      expect(new Set(seen.map(({ id }) => id))).toEqual(new Set(ids));
      const order = seen.map(({ createdAt, id }) => `${createdAt} ${id}`);
      expect(order).toEqual([...order].sort().reverse());
    });

    it('ends with a full page where nothing follows', async () => {
      await many(10);
      expect((await pages(5)).map((page) => page.length)).toEqual([5, 5]);
      expect((await pages(10)).map((page) => page.length)).toEqual([10]);
    });

    it('misses and repeats nothing while titles come and go', async () => {
      const ids = await many(20);
      const seen: string[] = [];
      const all = await pages(3, async () => {
        await db.titles.create(newTitle());
        // The oldest one, which is on the last page, ends and goes.
        if (seen.length === 0) {
          await db.titles.failed(ids[0]!, { code: 'X', message: 'x' });
          await db.titles.remove(ids[0]!);
        }
        seen.push('a page');
      });
      expect(
        all
          .flat()
          .map(({ id }) => id)
          .sort(),
      ).toEqual(ids.slice(1).sort());
    });

    it('filters by state and by external id', async () => {
      const [a, b, c] = [
        newTitle({ externalId: 'x' }),
        newTitle({ externalId: 'x' }),
        newTitle({ externalId: 'y' }),
      ];
      for (const title of [a, b, c]) await db.titles.create(title);
      await db.titles.started(b.id);
      await db.titles.requestCancel(c.id);
      const found = async (filter: object): Promise<string[]> =>
        (await db.titles.list({ limit: 10, ...filter })).titles.map(({ id }) => id).sort();
      expect(await found({ states: ['queued'] })).toEqual([a.id]);
      expect(await found({ states: ['running', 'cancelling'] })).toEqual([b.id, c.id]);
      expect(await found({ states: [] })).toEqual([]);
      expect(await found({ externalId: 'x' })).toEqual([a.id, b.id]);
      expect(await found({ externalId: 'x', states: ['running'] })).toEqual([b.id]);
      expect(await found({ externalId: 'x%' })).toEqual([]);
    });

    it('refuses what is no cursor of its own', async () => {
      await many(3);
      const { next = '' } = await db.titles.list({ limit: 2 });
      const text = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');
      const bad = ['', 'x', next.slice(0, -4), `${next}=`, `${next} `, text(['2026-01-01T00:00:00Z', 'a'])];
      for (const cursor of [
        ...bad,
        text({ id: 'a' }),
        text(['now', 'a']),
        text([1, 2]),
        text(['2026-13-01T00:00:00.000Z', 'a']),
        // Of our form, but of what the database cannot hold.
        text(['0000-01-01T00:00:00.000Z', 'a']),
        text(['+275760-09-13T00:00:00.000Z', 'a']),
        text(['-000001-01-01T00:00:00.000Z', 'a']),
        text(['2026-01-01T00:00:00.000Z', 'a\0']),
        text(['2026-01-01T00:00:00.000Z', '\uD800']),
      ])
        await expect(db.titles.list({ limit: 2, cursor }), cursor).rejects.toMatchObject({
          ...{ code: 'CURSOR_INVALID', exitCode: 2 },
        });
      expect((await db.titles.list({ limit: 2, cursor: next })).titles).toHaveLength(1);
      // Nobody's place, but one between titles.
      for (const [place, after] of [
        [['0001-01-01T00:00:00.000Z', 'a'], 0],
        [['9999-12-31T23:59:59.999Z', 'a'.repeat(100_000)], 2],
      ] as const)
        expect((await db.titles.list({ limit: 2, cursor: text(place) })).titles).toHaveLength(after);
    });

    it.each([0, 201, 1.5, NaN])('refuses a limit of %d', async (limit) => {
      await expect(db.titles.list({ limit })).rejects.toThrow(RangeError);
    });
  });
}

/** What the contract says of texts, in another way than the program does it. */
function cleanText(text: string): string {
  return [...text]
    .map((character) => (character === '\0' || /^[\uD800-\uDFFF]$/.test(character) ? '\uFFFD' : character))
    .join('');
}
