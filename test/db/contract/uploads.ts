import { beforeEach, describe, expect, it } from 'vitest';
import type { Database, NewTitle, Upload } from '../../../src/db/index.js';
import { type Opened, ISO, newTitle } from '../support.js';

export function uploadsContract(opened: () => Opened): void {
  let db: Database;
  beforeEach(() => {
    db = opened().db;
  });

  const create = (id: string, lifetimeSeconds = 3600): Promise<Upload> =>
    db.uploads.create({
      ...{ id, name: 'master.mov', tokenId: 't', lifetimeSeconds },
      bytes: 5_000_000_000_000,
    });

  const titleOf = (id: string): NewTitle =>
    newTitle({ source: { kind: 'upload', id, key: `uploads/${id}`, bytes: 5 } });

  /** Lets time go by for an upload. */
  const age = (id: string, seconds: number): Promise<unknown> =>
    opened().query(`UPDATE hullcast.upload SET created_at = created_at - make_interval(secs => ${seconds}),
      expires_at = expires_at - make_interval(secs => ${seconds}),
      finished_at = finished_at - make_interval(secs => ${seconds}) WHERE id = '${id}'`);

  const expired = (): Promise<string[]> => db.uploads.expired(10);

  describe('uploads', () => {
    it('are known from their beginning to their end', async () => {
      const upload = await create('u');
      expect(upload).toEqual({
        ...{ id: 'u', name: 'master.mov', bytes: 5_000_000_000_000, tokenId: 't' },
        ...{ createdAt: expect.stringMatching(ISO) as string, expiresAt: upload.expiresAt },
      });
      expect(Date.parse(upload.expiresAt) - Date.parse(upload.createdAt)).toBe(3_600_000);
      expect(await db.uploads.get('u')).toEqual(upload);
      expect(await db.uploads.get('v')).toBeUndefined();
      expect(await db.uploads.remove('u')).toBe(true);
      expect(await db.uploads.get('u')).toBeUndefined();
      expect(await db.uploads.remove('u')).toBe(true);
    });

    it('have their whole lifetime once more when they are finished, once', async () => {
      await create('u');
      await age('u', 3000);
      await db.uploads.finished('u');
      const finished = await db.uploads.get('u');
      const [end, begin] = [Date.parse(finished!.expiresAt), Date.parse(finished!.finishedAt!)];
      expect(end - begin).toBe(3_600_000);
      await age('u', 100);
      const before = await db.uploads.get('u');
      await db.uploads.finished('u');
      expect(await db.uploads.get('u')).toEqual(before);
      await db.uploads.finished('nobody');
    });

    it('expire when their time is over, unless a title names them', async () => {
      for (const id of ['fresh', 'abandoned', 'finished', 'named', 'just-finished']) await create(id);
      for (const id of ['finished', 'named']) await db.uploads.finished(id);
      const { title } = await db.titles.create(titleOf('named'));
      expect(await expired()).toEqual([]);
      await age('finished', 5000);
      for (const id of ['abandoned', 'named', 'just-finished']) await age(id, 4000);
      await db.uploads.finished('just-finished');
      expect(await expired()).toEqual(['finished', 'abandoned']);
      expect(await db.uploads.expired(1)).toEqual(['finished']);
      await db.titles.failed(title.id, { code: 'X', message: 'x' });
      expect(await expired()).not.toContain('named');
      await db.titles.remove(title.id);
      expect((await expired()).sort()).toEqual(['abandoned', 'finished', 'named']);
    });

    it('that are removed are gone, and listed until their bytes are gone too', async () => {
      for (const id of ['u', 'v', 'w']) await create(id);
      await age('w', 4000);
      for (const id of ['u', 'v']) expect(await db.uploads.remove(id)).toBe(true);
      expect(await db.uploads.get('u')).toBeUndefined();
      await expect(db.titles.create(titleOf('u'))).rejects.toMatchObject({ code: 'UPLOAD_MISSING' });
      expect(await expired()).toEqual(['w', 'u', 'v']);
      expect(await db.uploads.expired(2)).toEqual(['w', 'u']);
      // Who has failed to remove its bytes has others go first.
      await opened().query(`UPDATE hullcast.removed_upload SET tried_at = tried_at - interval '1 minute'`);
      await db.uploads.remove('u');
      expect(await expired()).toEqual(['w', 'v', 'u']);
      await db.uploads.removed('v');
      await db.uploads.removed('v');
      expect(await expired()).toEqual(['w', 'u']);
    });

    it('are not removed as expired when they have been finished meanwhile', async () => {
      for (const id of ['u', 'v']) {
        await create(id);
        await age(id, 4000);
      }
      const listed = await expired();
      await db.uploads.finished('u');
      const removed = listed.map((id) => db.uploads.remove(id, { onlyExpired: true }));
      expect([listed, await Promise.all(removed)]).toEqual([
        ['u', 'v'],
        [false, true],
      ]);
      expect(await db.uploads.get('u')).toBeDefined();
      expect(await expired()).toEqual(['v']);
      // What is removed already stays so, and is tried again.
      expect(await db.uploads.remove('v', { onlyExpired: true })).toBe(true);
      expect(await db.uploads.remove('u')).toBe(true);
    });

    it('stay as long as a title names them', async () => {
      await create('u');
      const { title } = await db.titles.create(titleOf('u'));
      expect(title.source).toEqual({ kind: 'upload', id: 'u', key: 'uploads/u', bytes: 5 });
      expect('uploadId' in title).toBe(false);
      expect(await db.uploads.remove('u')).toBe(false);
      expect(await db.uploads.get('u')).toBeDefined();
    });

    it('that there are not make no title', async () => {
      const title = titleOf('nobody');
      await expect(db.titles.create(title)).rejects.toMatchObject({ code: 'UPLOAD_MISSING', exitCode: 2 });
      expect(await db.titles.get(title.id)).toBeUndefined();
      expect(await db.events.last()).toBe(0);
    });

    it('that are named and removed at once are one or the other', async () => {
      for (let round = 0; round < 15; round += 1) {
        const id = `u${round}`;
        await create(id);
        const [created, removed] = await Promise.all([
          opened()
            .peer.titles.create(titleOf(id))
            .then(
              () => true,
              (error: { code: string }) => error.code,
            ),
          db.uploads.remove(id),
        ]);
        expect([created, removed]).toEqual(removed ? ['UPLOAD_MISSING', true] : [true, false]);
        expect((await db.uploads.get(id)) !== undefined).toBe(!removed);
      }
    });
  });
}
