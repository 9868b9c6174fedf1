import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Ask, TokenUses } from '../../../src/services/license/uses.js';

const RETRY = 60_000;

/** What every TokenUses must do. */
export function usesContract(name: string, open: () => Promise<TokenUses>, close: () => Promise<void>): void {
  describe(`uses of licence tokens: ${name}`, () => {
    let uses: TokenUses;
    beforeAll(async () => {
      uses = await open();
    });
    afterAll(close);

    /** Asks of one new token. */
    const token = () => {
      const id = randomUUID();
      return (slots: string[], more: Partial<Ask> = {}) =>
        uses.use({ ...{ token: id, slots, most: 4, retryMs: RETRY, keepMs: 60_000 }, ...more });
    };

    it('opens each slot once; the same ask a moment later is a retry, and later a replay', async () => {
      const ask = token();
      expect(await ask(['a'])).toBe('first');
      expect(await ask(['a'])).toBe('retry');
      expect(await ask(['b'])).toBe('first');
      expect(await ask(['a', 'b'])).toBe('retry');
      // With no time for retries, the moment has passed.
      expect(await ask(['a'], { retryMs: 0 })).toBe('replay');
      expect(await ask(['a'])).toBe('retry');
    });

    it('knows tokens apart', async () => {
      const [one, other] = [token(), token()];
      expect(await one(['a'])).toBe('first');
      expect(await other(['a'], { retryMs: 0 })).toBe('first');
      expect(await one(['a'], { retryMs: 0 })).toBe('replay');
    });

    it('measures the time for retries from the first ask', async () => {
      const ask = token();
      expect(await ask(['a'], { retryMs: 1000 })).toBe('first');
      const late = (): Promise<string> => ask(['a'], { retryMs: 1000 });
      // Retries do not make the time longer.
      await expect.poll(late, { timeout: 20_000, interval: 100 }).toBe('replay');
      expect(await late()).toBe('replay');
    });

    it('takes nothing of an ask that is a replay in part', async () => {
      const ask = token();
      await ask(['a']);
      expect(await ask(['b', 'a'], { retryMs: 0 })).toBe('replay');
      expect(await ask(['b'], { retryMs: 0 })).toBe('first');
    });

    it('opens no more slots than the token is good for', async () => {
      const ask = token();
      expect(await ask(['a', 'b'], { most: 3 })).toBe('first');
      expect(await ask(['c', 'd'], { most: 3 })).toBe('replay');
      expect(await ask(['b', 'c'], { most: 3 })).toBe('first');
      expect(await ask(['d'], { most: 3 })).toBe('replay');
      expect(await ask(['a', 'b', 'c'], { most: 3 })).toBe('retry');
    });

    it('lets one of many asks at the same moment be the first', async () => {
      const ask = token();
      const answers = await Promise.all(Array.from({ length: 40 }, () => ask(['a'], { retryMs: 0 })));
      expect(answers.filter((answer) => answer === 'first')).toHaveLength(1);
      expect(answers.filter((answer) => answer === 'replay')).toHaveLength(39);
      const other = token();
      const slots = Array.from({ length: 12 }, (_, i) => `slot ${i}`);
      const taken = await Promise.all(slots.map((slot) => other([slot], { most: 3 })));
      expect(taken.filter((answer) => answer === 'first')).toHaveLength(3);
    });

    it('forgets a token whose time is over, and not before', async () => {
      const ask = token();
      expect(await ask(['a'], { keepMs: 3000, retryMs: 0 })).toBe('first');
      expect(await ask(['a'], { keepMs: 3000, retryMs: 0 })).toBe('replay');
      await expect
        .poll(() => ask(['a'], { keepMs: 60_000, retryMs: 0 }), { timeout: 20_000, interval: 100 })
        .toBe('first');
      expect(await ask(['a'], { keepMs: 60_000, retryMs: 0 })).toBe('replay');
    });
  });
}
