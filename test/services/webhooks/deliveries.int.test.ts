import { randomUUID } from 'node:crypto';
import { createServer as createTlsServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import pino from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Database, type Delivery, IN_MEMORY, openDatabase } from '../../../src/db/index.js';
import { deliveredEvent, eventSchema } from '../../../src/services/api/index.js';
import {
  type Deliveries,
  type DeliveryOptions,
  type Resolve,
  allowedCallbacks,
  callbackPolicy,
  startDeliveries,
  verifySignature,
} from '../../../src/services/webhooks/index.js';
import { type Receiver, startReceiver } from './receiver.js';

const SECRETS = ['the-new-secret-of-many', 'the-old-secret-of-many'];
const log = pino({ level: 'silent' });

let db: Database;
let receiver: Receiver;
let running: Deliveries[] = [];

beforeAll(async () => {
  db = await openDatabase(IN_MEMORY, { home: '', log, signal: new AbortController().signal });
  receiver = await startReceiver();
});
afterAll(async () => {
  await receiver.close();
  await db.close();
});
afterEach(async () => {
  await Promise.all(running.map((one) => one.stop()));
  running = [];
  receiver.received.length = 0;
  receiver.answer = (response) => response.end('ok');
});

/** What names mean in these tests: all of them this machine. */
const resolve: Resolve = () => Promise.resolve(['127.0.0.1']);

function start(options: Partial<DeliveryOptions> = {}): Deliveries {
  const deliveries = startDeliveries({
    outbox: db.outbox,
    policy: callbackPolicy(allowedCallbacks('127.0.0.0/8'), resolve),
    secrets: SECRETS,
    present: deliveredEvent,
    log,
    pollMs: 20,
    ...options,
  });
  running.push(deliveries);
  return deliveries;
}

async function newTitle(callbackUrl = `http://hooks.example:${receiver.port}/hook?a=1`): Promise<string> {
  const id = randomUUID();
  await db.titles.create({
    ...{ id, name: 'été.mov', profile: 'default', options: { secret: 'inside' }, priority: 5, callbackUrl },
    source: { kind: 's3', bucket: 'b', key: 'k', bytes: 1, etag: 'e' },
    ...{ requestDigest: 'd', tokenId: 'somebody' },
  });
  return id;
}
const only = async (titleId: string): Promise<Delivery> => (await db.outbox.of(titleId))[0]!;
async function ended(titleId: string, attempts = 1): Promise<Delivery> {
  await vi.waitUntil(async () => (await only(titleId)).attempts >= attempts, {
    timeout: 15_000,
    interval: 30,
  });
  return only(titleId);
}

describe('webhooks', () => {
  it('bring every event of a title in a signed request', async () => {
    const id = await newTitle();
    await db.titles.started(id);
    await db.titles.failed(id, { code: 'X', message: 'x' });
    start();
    await vi.waitUntil(() => receiver.received.length === 3, 15_000);
    await vi.waitUntil(
      async () => (await db.outbox.of(id)).every(({ state }) => state === 'delivered'),
      5000,
    );
    const deliveries = await db.outbox.of(id);
    for (const { headers, body, path } of receiver.received) {
      const now = Math.floor(Date.now() / 1000);
      const signature = headers['hullcast-signature'] as string;
      for (const secret of SECRETS) expect(verifySignature(signature, body, secret, now)).toBe(true);
      expect(verifySignature(signature, `${body} `, SECRETS[0]!, now)).toBe(false);
      const event = eventSchema.parse(JSON.parse(body));
      expect(headers['hullcast-event']).toBe(event.type);
      expect(headers['content-type']).toBe('application/json');
      expect(headers['host']).toBe(`hooks.example:${receiver.port}`);
      expect(path).toBe('/hook?a=1');
      expect(event.data).toMatchObject({ id, name: 'été.mov' });
      expect(body).not.toContain('inside');
      const delivery = deliveries.find((one) => String(one.id) === headers['hullcast-delivery'])!;
      expect([delivery.eventId, delivery.type, delivery.lastStatus]).toEqual([event.id, event.type, 200]);
    }
    const sent = receiver.received.map(({ headers }) => headers['hullcast-event']);
    expect(sent.sort()).toEqual(['title.failed', 'title.started', 'title.submitted']);
  });

  it('are tried again until they are taken, as the same delivery', async () => {
    const id = await newTitle();
    const told: [string, number][] = [];
    receiver.answer = (response, index) => {
      response.statusCode = index === 0 ? 500 : 204;
      response.end();
    };
    start({ onAttempt: (...attempt) => told.push(attempt) });
    const missed = await ended(id);
    expect(missed).toMatchObject({ state: 'pending', lastStatus: 500, lastError: 'answered 500' });
    const wait = (Date.parse(missed.nextAttemptAt) - Date.now()) / 1000;
    expect(wait).toBeGreaterThan(5);
    expect(wait).toBeLessThan(13);
    await sleep(200);
    expect(receiver.received).toHaveLength(1);
    await db.outbox.replay(missed.id);
    await vi.waitUntil(async () => (await only(id)).state === 'delivered', 5000);
    expect(receiver.received.map(({ headers }) => headers['hullcast-delivery'])).toEqual([
      String(missed.id),
      String(missed.id),
    ]);
    expect(receiver.received[1]!.body).toBe(receiver.received[0]!.body);
    await vi.waitUntil(() => told.length === 2, 5000);
    expect(told.map(([outcome]) => outcome)).toEqual(['retry', 'delivered']);
    for (const [, seconds] of told) expect(seconds).toBeGreaterThan(0);
  });

  it('are given up after the last attempt, and can still be sent again', async () => {
    const id = await newTitle();
    const told: string[] = [];
    receiver.answer = (response) => {
      response.statusCode = 503;
      response.end();
    };
    const { id: delivery } = await only(id);
    for (let i = 0; i < 16; i++) await db.outbox.missed(await only(id), { error: 'x', retryInSeconds: 0 });
    start({ onAttempt: (outcome) => told.push(outcome) });
    expect(await ended(id, 17)).toMatchObject({ state: 'failed', attempts: 17, lastStatus: 503 });
    receiver.answer = (response) => response.end();
    await db.outbox.replay(delivery);
    await vi.waitUntil(async () => (await only(id)).state === 'delivered', 5000);
    await vi.waitUntil(() => told.length === 2, 5000);
    expect(told).toEqual(['failed', 'delivered']);
  });

  it.each([301, 302, 307, 308])('do not follow a redirect: %i', async (status) => {
    const elsewhere = await startReceiver();
    receiver.answer = (response) => {
      response.writeHead(status, { location: `http://127.0.0.1:${elsewhere.port}/` }).end();
    };
    const id = await newTitle();
    start();
    expect(await ended(id)).toMatchObject({ state: 'pending', lastStatus: status });
    expect(elsewhere.received).toEqual([]);
    await elsewhere.close();
  });

  it('do not wait for ever', async () => {
    receiver.answer = () => undefined;
    const id = await newTitle();
    start({ timeoutMs: 300 });
    expect((await ended(id)).lastError).toBe('no answer within 0.3 s');
  });

  it.each([
    { what: 'wants to speak another protocol', status: 101, why: 'another protocol' },
    { what: 'says that it goes on, and then hangs up', status: 100, why: 'closed|hang up' },
  ])('are missed by a receiver that $what', async ({ status, why }) => {
    receiver.answer = (response) => {
      response.socket?.end(`HTTP/1.1 ${status} X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n`);
    };
    const id = await newTitle();
    const deliveries = start({ timeoutMs: 2000 });
    expect((await ended(id)).lastError).toMatch(new RegExp(why));
    await deliveries.stop();
  });

  it('do not read an answer without end', async () => {
    let closed = false;
    receiver.answer = (response) => {
      response.on('close', () => (closed = true));
      const more = (): void => {
        while (!closed && response.write(Buffer.alloc(16_384)));
      };
      response.on('drain', more);
      more();
    };
    const id = await newTitle();
    start();
    expect(await ended(id)).toMatchObject({ state: 'delivered' });
    await vi.waitUntil(() => closed, 5000);
  });

  it('say why a connection failed', async () => {
    const gone = await startReceiver();
    await gone.close();
    const id = await newTitle(`http://hooks.example:${gone.port}/`);
    start();
    expect((await ended(id)).lastError).toContain('ECONNREFUSED');
  });

  it('go to another of the checked addresses where one does not answer', async () => {
    const id = await newTitle();
    // Nobody listens on the first one.
    const two: Resolve = () => Promise.resolve(['127.0.0.77', '127.0.0.1']);
    start({ policy: callbackPolicy(allowedCallbacks('127.0.0.0/8'), two) });
    expect(await ended(id)).toMatchObject({ state: 'delivered' });
  });

  it('are not lost when a process dies with them in hand', async () => {
    const id = await newTitle();
    const [taken] = await db.outbox.take(100, 1);
    expect(taken?.titleId).toBe(id);
    start();
    await sleep(300);
    expect(receiver.received).toEqual([]);
    expect(await ended(id)).toMatchObject({ state: 'delivered' });
  });

  it('are sent once by two processes, and all of them', async () => {
    const ids = await Promise.all(Array.from({ length: 60 }, () => newTitle()));
    start();
    start();
    await vi.waitUntil(() => receiver.received.length >= 60, 20_000);
    await sleep(300);
    const titles = receiver.received.map(({ body }) => eventSchema.parse(JSON.parse(body)).titleId);
    expect(titles.sort()).toEqual([...ids].sort());
  });

  it('of one dead receiver do not hold up the others', async () => {
    receiver.answer = () => undefined;
    for (let i = 0; i < 100; i++) await newTitle();
    const alive = await startReceiver();
    const id = await newTitle(`http://alive.example:${alive.port}/`);
    const begun = Date.now();
    start({ timeoutMs: 4000 });
    await vi.waitUntil(() => alive.received.length === 1, 10_000);
    expect(Date.now() - begun).toBeLessThan(3500);
    expect(eventSchema.parse(JSON.parse(alive.received[0]!.body)).titleId).toBe(id);
    await alive.close();
    // What is left of them must not come to the tests that follow.
    for (const { id: title } of (await db.titles.list({ limit: 200 })).titles)
      for (const delivery of await db.outbox.of(title)) await db.outbox.delivered(delivery, 200);
  });

  it('end what they have begun when they are stopped, and begin nothing', async () => {
    const id = await newTitle();
    receiver.answer = (response) => void setTimeout(() => response.end(), 300);
    const deliveries = start();
    await vi.waitUntil(() => receiver.received.length === 1, 10_000);
    await deliveries.stop();
    expect(await only(id)).toMatchObject({ state: 'delivered' });
    await newTitle();
    await sleep(200);
    expect(receiver.received).toHaveLength(1);
    await db.outbox.take(100, 3600);
  });
});

describe('connections', () => {
  it('are not made to a name that points into a private network by then', async () => {
    // At submission the name was public; who owns it has changed that.
    const id = await newTitle();
    start({ policy: callbackPolicy(allowedCallbacks(''), resolve) });
    const delivery = await ended(id);
    expect(delivery).toMatchObject({ state: 'pending' });
    expect(delivery.lastError).toContain('no address in the Internet (loopback)');
    expect(receiver.received).toEqual([]);
  });

  it('go to the address that was checked, whatever the name means a moment later', async () => {
    const trap = await startReceiver('127.0.0.66', receiver.port);
    const answers = [['127.0.0.1'], ['127.0.0.66'], ['127.0.0.66']];
    const asked = vi.fn<Resolve>(() => Promise.resolve(answers.shift()!));
    const id = await newTitle();
    start({ policy: callbackPolicy(allowedCallbacks('127.0.0.1'), asked) });
    expect(await ended(id)).toMatchObject({ state: 'delivered' });
    expect(asked).toHaveBeenCalledTimes(1);
    expect([receiver.received.length, trap.received.length]).toEqual([1, 0]);
    await trap.close();
  });

  it('by TLS are made for the name of the URL, and need its certificate', async () => {
    const names: string[] = [];
    const server = createTlsServer({
      SNICallback: (name, done) => {
        names.push(name);
        done(new Error('there is no certificate'));
      },
    });
    server.on('tlsClientError', () => undefined);
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const id = await newTitle(`https://hooks.example:${(server.address() as AddressInfo).port}/`);
    start();
    expect(await ended(id)).toMatchObject({ state: 'pending' });
    expect(names).toEqual(['hooks.example']);
    await new Promise((done) => server.close(done));
  });
});
