import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { redisUses } from '../../../src/services/license/redis-uses.js';
import type { TokenUses } from '../../../src/services/license/uses.js';
import { type RedisServer, startRedis } from '../../support/redis-server.js';
import { usesContract } from './uses.contract.js';

let server: RedisServer;
const clients: Redis[] = [];
const connect = (): Redis => {
  const redis = new Redis(server.url, { maxRetriesPerRequest: 1, commandTimeout: 2000 });
  redis.on('error', () => undefined); // it is stopped on purpose
  clients.push(redis);
  return redis;
};
beforeAll(async () => {
  server = await startRedis();
});
afterAll(async () => {
  for (const client of clients) client.disconnect();
  await server.stop();
});

usesContract(
  'in Redis',
  () => {
    // Two processes at the same Redis, by turns.
    const all = [redisUses(connect()), redisUses(connect())];
    let turn = 0;
    return Promise.resolve<TokenUses>({ use: (ask) => all[turn++ % all.length]!.use(ask) });
  },
  () => Promise.resolve(),
);

describe('uses in Redis', () => {
  const ask = { slots: ['a'], most: 1, retryMs: 0, keepMs: 30_000 };

  it('leave nothing behind for longer than the token lives', async () => {
    const redis = connect();
    await redisUses(redis).use({ ...ask, token: 'brief', keepMs: 1234.5 });
    const left = await redis.pttl('hullcast:license:brief');
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(1235);
  });

  it('outlive the process, and a restart of Redis', async () => {
    expect(await redisUses(connect()).use({ ...ask, token: 'kept' })).toBe('first');
    await server.restart();
    expect(await redisUses(connect()).use({ ...ask, token: 'kept' })).toBe('replay');
  });

  it('are refused while Redis is away, and not taken for new', async () => {
    const uses = redisUses(connect());
    await uses.use({ ...ask, token: 'away' });
    server.pause();
    await expect(uses.use({ ...ask, token: 'away' })).rejects.toMatchObject({
      ...{ code: 'LICENSE_UNAVAILABLE', transient: true },
    });
    server.resume();
    await expect.poll(() => uses.use({ ...ask, token: 'away' }), { timeout: 10_000 }).toBe('replay');
    await server.kill();
    await expect(uses.use({ ...ask, token: 'other' })).rejects.toMatchObject({ code: 'LICENSE_UNAVAILABLE' });
    await server.restart();
  });
});
