import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { alive, sleep, until } from '../pipeline/support.js';
import { type RedisServer, startRedis } from './redis-server.js';

let server: RedisServer;
let client: Redis;
beforeAll(async () => {
  server = await startRedis();
  client = new Redis(server.url, { retryStrategy: () => 20, maxRetriesPerRequest: null });
  client.on('error', () => undefined); // refused while it is down
});
afterAll(async () => {
  client.disconnect();
  const { pid } = server;
  await server.stop();
  expect(alive(pid!)).toBe(false);
});

it('is ready, evicts nothing and wants its password', async () => {
  expect(await client.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
  expect(await client.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
  const stranger = new Redis(server.port, '127.0.0.1', { retryStrategy: null });
  stranger.on('error', () => undefined); // refused at its greeting too
  await expect(stranger.get('x')).rejects.toThrow('NOAUTH');
  stranger.disconnect();
});

it('keeps over SIGKILL what it acknowledged', async () => {
  await client.set('kept', 'yes');
  const { pid } = server;
  await server.kill();
  expect(alive(pid!)).toBe(false);
  expect(server.pid).toBeUndefined();
  await server.restart();
  expect(await client.get('kept')).toBe('yes');
});

it('answers nothing while it is paused', async () => {
  server.pause();
  let answered = false;
  const answer = client.get('kept').then((value) => ((answered = true), value));
  await sleep(200);
  expect(answered).toBe(false);
  server.resume();
  expect(await answer).toBe('yes');
});

it('ends though it is paused', async () => {
  server.pause();
  await server.restart();
  await until(() => client.status === 'ready');
  expect(await client.get('kept')).toBe('yes');
});
