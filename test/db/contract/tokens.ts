import { beforeEach, describe, expect, it } from 'vitest';
import type { Database, Token } from '../../../src/db/index.js';
import { type Opened, ISO } from '../support.js';

export function tokensContract(opened: () => Opened): void {
  let db: Database;
  beforeEach(() => {
    db = opened().db;
  });

  const create = (id: string, expiresAt?: string): Promise<Token> =>
    db.tokens.create({
      ...{ id, name: `of ${id}`, scopes: ['submit', 'read'], digest: `digest-${id}` },
      ...(expiresAt === undefined ? {} : { expiresAt }),
    });

  describe('tokens', () => {
    it('are found by the digest of their secret', async () => {
      const token = await create('a');
      expect(token).toEqual({
        ...{ id: 'a', name: 'of a', scopes: ['submit', 'read'] },
        createdAt: expect.stringMatching(ISO) as string,
      });
      expect(await db.tokens.find('digest-a')).toEqual({ ...token, valid: true });
      for (const other of ['digest-b', '', 'DIGEST-A', 'digest-%'])
        expect(await db.tokens.find(other)).toBeUndefined();
    });

    it('never tell their digest', async () => {
      const told = [await create('a'), await db.tokens.find('digest-a'), await db.tokens.list()];
      expect(JSON.stringify(told)).not.toContain('digest-a');
    });

    it('are refused twice', async () => {
      await create('a');
      await expect(create('a')).rejects.toMatchObject({ code: 'DB_FAILED' });
    });

    it('are listed, the newest first', async () => {
      const tokens = [await create('a'), await create('b'), await create('c')];
      const listed = await db.tokens.list();
      expect(new Set(listed)).toEqual(new Set(tokens));
      const times = listed.map(({ createdAt }) => createdAt);
      expect(times).toEqual([...times].sort().reverse());
    });

    it('are valid until they expire', async () => {
      const hour = 3_600_000;
      await create('old', new Date(Date.now() - hour).toISOString());
      await create('new', new Date(Date.now() + hour).toISOString());
      expect(await db.tokens.find('digest-old')).toMatchObject({ id: 'old', valid: false });
      expect(await db.tokens.find('digest-new')).toMatchObject({ id: 'new', valid: true });
    });

    it('are valid until they are revoked, for good', async () => {
      await create('a');
      expect(await db.tokens.revoke('a')).toBe(true);
      const found = await opened().peer.tokens.find('digest-a');
      expect(found).toMatchObject({ valid: false, revokedAt: expect.stringMatching(ISO) as string });
      expect(await db.tokens.revoke('a')).toBe(true);
      expect((await db.tokens.list())[0]?.revokedAt).toBe(found?.revokedAt);
      expect(await db.tokens.revoke('b')).toBe(false);
    });

    it('note their use, at most once a minute', async () => {
      await create('a');
      await create('unused');
      const at = async (id: string): Promise<string | undefined> =>
        (await db.tokens.list()).find((token) => token.id === id)?.lastUsedAt;
      await db.tokens.find('digest-a');
      const first = await at('a');
      expect(first).toMatch(ISO);
      const version = `SELECT xmin::text AS version FROM hullcast.token WHERE id = 'a'`;
      const [before] = await opened().query(version);
      await Promise.all(Array.from({ length: 10 }, () => db.tokens.find('digest-a')));
      expect(await opened().query(version)).toEqual([before]); // the row was not written again
      await opened().query(
        `UPDATE hullcast.token SET last_used_at = last_used_at - interval '61 seconds' WHERE id = 'a'`,
      );
      await db.tokens.find('digest-a');
      expect(Date.parse((await at('a'))!)).toBeGreaterThanOrEqual(Date.parse(first!));
      expect(await at('unused')).toBeUndefined();
    });
  });
}
