import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Database } from '../../../src/db/index.js';
import { type Opened, newTitle } from '../support.js';

/** For databases with a clock of their own. */
export function clockContract(opened: () => Opened): void {
  let db: Database;
  beforeEach(() => {
    db = opened().db;
  });

  describe('a caller whose clock is wrong', () => {
    afterEach(() => void vi.useRealTimers());

    it.each(['2001-01-01T00:00:00Z', '2051-01-01T00:00:00Z'])('%s changes nothing', async (now) => {
      const real = Date.now();
      const wrong = Date.parse(now);
      vi.useFakeTimers({ toFake: ['Date'], now: wrong });
      const { id } = (await db.titles.create(newTitle({ callbackUrl: 'https://example.com/' }))).title;
      const { title: other } = await db.titles.create(newTitle());
      await db.titles.started(other.id);
      const token = await db.tokens.create({
        ...{ id: 't', name: 'n', scopes: ['read'], digest: 'd' },
        expiresAt: new Date(real + 3_600_000).toISOString(),
      });
      const upload = await db.uploads.create({
        id: 'u',
        name: 'n',
        bytes: 1,
        tokenId: 't',
        lifetimeSeconds: 3600,
      });
      expect(new Date().getUTCFullYear()).toBe(new Date(now).getUTCFullYear());

      // Its delivery is due at once, is leased for as long as was asked for, and retried after as long.
      const [delivery] = await db.outbox.take(5, 600);
      expect(delivery?.titleId).toBe(id);
      expect(await opened().peer.outbox.take(5, 600)).toEqual([]);
      await db.outbox.missed(delivery!, { error: 'x', retryInSeconds: 600 });
      expect(await opened().peer.outbox.take(5, 600)).toEqual([]);
      expect(await db.tokens.find('d')).toMatchObject({ valid: true });
      expect(await db.uploads.expired(5)).toEqual([]);

      const [missed] = await db.outbox.of(id);
      const started = await db.titles.get(other.id);
      const times = [
        missed!.nextAttemptAt,
        missed!.at,
        started!.startedAt!,
        other.createdAt,
        upload.createdAt,
      ];
      for (const time of [...times, upload.expiresAt, token.createdAt])
        expect(Math.abs(Date.parse(time) - real)).toBeLessThan(4_000_000);
      expect(Date.parse(missed!.nextAttemptAt) - Date.parse(missed!.at)).toBeGreaterThanOrEqual(600_000);
    });
  });
}
