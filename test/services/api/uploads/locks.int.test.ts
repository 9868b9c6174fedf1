import { type ChildProcess, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import pino from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Locker } from '../../../../src/services/api/uploads/locks.js';
import { processLocks } from '../../../../src/services/api/uploads/locks.js';
import { redisLocks } from '../../../../src/services/api/uploads/redis-locks.js';
import { startTcpProxy } from '../../../support/fault-proxy.js';

const log = pino({ level: 'silent' });
const forever = (): AbortSignal => new AbortController().signal;
const nothing = (): void => undefined;

/** What all locks do. `two` gives them as two processes have them. */
function lockContract(name: string, two: () => Promise<[Locker, Locker]>): void {
  describe(`locks of uploads: ${name}`, () => {
    let one: Locker;
    let other: Locker;
    beforeAll(async () => {
      [one, other] = await two();
    });

    it('are held by one, in turn', async () => {
      const id = randomUUID();
      let inside = 0;
      let most = 0;
      const work = async (locker: Locker): Promise<void> => {
        const lock = locker.newLock(id);
        await lock.lock(forever(), nothing);
        most = Math.max(most, ++inside);
        await sleep(5);
        inside -= 1;
        await lock.unlock();
      };
      await Promise.all(Array.from({ length: 12 }, (_, i) => work(i % 2 === 0 ? one : other)));
      expect(most).toBe(1);
    });

    it('are each upload’s own', async () => {
      const [a, b] = [one.newLock(randomUUID()), other.newLock(randomUUID())];
      await a.lock(forever(), nothing);
      await b.lock(forever(), nothing);
      await Promise.all([a.unlock(), b.unlock()]);
    });

    it('are let go by a holder who is asked to', async () => {
      const id = randomUUID();
      const [held, wanted] = [one.newLock(id), other.newLock(id)];
      let asked = 0;
      await held.lock(forever(), () => {
        asked += 1;
        setTimeout(() => void held.unlock(), 50);
      });
      const begun = Date.now();
      await wanted.lock(forever(), nothing);
      expect(Date.now() - begun).toBeLessThan(2000);
      expect(asked).toBe(1);
      await wanted.unlock();
    });

    it('are not had from a holder who does not let go', async () => {
      const id = randomUUID();
      const [held, wanted] = [one.newLock(id), other.newLock(id)];
      await held.lock(forever(), nothing);
      await expect(wanted.lock(forever(), nothing)).rejects.toMatchObject({ code: 'UPLOAD_BUSY' });
      await held.unlock();
      await wanted.lock(forever(), nothing);
      await wanted.unlock();
    });

    it('are not waited for by who has gone', async () => {
      const id = randomUUID();
      const held = one.newLock(id);
      await held.lock(forever(), nothing);
      const gone = AbortSignal.timeout(100);
      await expect(other.newLock(id).lock(gone, nothing)).rejects.toMatchObject({ code: 'UPLOAD_BUSY' });
      await held.unlock();
    });
  });
}

lockContract('of one process', () => {
  const locks = processLocks(1000);
  return Promise.resolve([locks, locks]);
});

let server: ChildProcess;
let folder: string;
const clients: Redis[] = [];
const closing: (() => Promise<void>)[] = [];

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => probe.once('listening', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

let port: number;
function connect(leaseMs: number, at = port): Locker {
  const redis = new Redis({ host: '127.0.0.1', port: at });
  clients.push(redis);
  const { locker, close } = redisLocks({ redis, log, leaseMs, waitMs: 1500 });
  closing.push(close);
  return locker;
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-redis-'));
  port = await freePort();
  server = spawn(
    'redis-server',
    ['--bind', '127.0.0.1', '--port', String(port), '--dir', folder, '--save', ''],
    {
      stdio: 'ignore',
    },
  );
  const first = new Redis({ host: '127.0.0.1', port, retryStrategy: () => 50, maxRetriesPerRequest: 200 });
  first.on('error', () => undefined);
  await first.ping();
  clients.push(first);
});
afterAll(async () => {
  await Promise.all(closing.map((close) => close()));
  for (const client of clients) client.disconnect();
  const ended = new Promise((resolve) => server.once('exit', resolve));
  server.kill();
  await ended;
  await rm(folder, { recursive: true, force: true });
});

lockContract('in Redis', () => Promise.resolve([connect(600), connect(600)]));

describe('leases in Redis', () => {
  it('are renewed as long as they are held', async () => {
    const [one, other] = [connect(300), connect(300)];
    const id = randomUUID();
    const held = one.newLock(id);
    await held.lock(forever(), nothing);
    await sleep(1000);
    expect(await clients[0]!.set(`hullcast:upload:${id}`, 'x', 'PX', 1, 'NX')).toBeNull();
    await held.unlock();
    const next = other.newLock(id);
    await next.lock(forever(), nothing);
    await next.unlock();
  });

  it('end with a process that dies', async () => {
    const id = randomUUID();
    await clients[0]!.set(`hullcast:upload:${id}`, 'of a dead process', 'PX', 400);
    const lock = connect(300).newLock(id);
    await lock.lock(forever(), nothing);
    await lock.unlock();
  });

  it('that are lost end the request, and leave the new holder alone', async () => {
    const id = randomUUID();
    const lock = connect(300).newLock(id);
    let lost = 0;
    await lock.lock(forever(), () => void (lost += 1));
    await clients[0]!.set(`hullcast:upload:${id}`, 'another');
    await sleep(400);
    expect(lost).toBeGreaterThan(0);
    await lock.unlock();
    expect(await clients[0]!.get(`hullcast:upload:${id}`)).toBe('another');
  });

  it('end the request while they last when Redis falls silent', async () => {
    const proxy = await startTcpProxy({ port });
    const id = randomUUID();
    const lock = connect(1500, proxy.port).newLock(id);
    let holder: string | null = null;
    await lock.lock(forever(), async () => {
      holder ??= await clients[0]!.get(`hullcast:upload:${id}`);
    });
    await sleep(700);
    expect(holder).toBeNull();
    proxy.set('hang');
    await sleep(1600);
    expect(holder).toMatch(/./);
    await lock.unlock();
    await proxy.stop();
  });
});
