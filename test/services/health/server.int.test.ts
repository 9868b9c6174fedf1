import Fastify from 'fastify';
import { type ZodTypeProvider, serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import pino from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import {
  type Health,
  type HealthServer,
  healthRoutes,
  createHealth,
  serveHealth,
} from '../../../src/services/health/index.js';
import { type Metrics, createMetrics } from '../../../src/services/metrics/index.js';

let healthy: boolean;
let health: Health;
let metrics: Metrics;
let errors: unknown[];
const open: { close(): Promise<unknown> }[] = [];

beforeEach(() => {
  healthy = true;
  errors = [];
  const run = (): Promise<void> => (healthy ? Promise.resolve() : Promise.reject(new Error('queue is away')));
  health = createHealth([{ name: 'queue', cacheMs: 0, run }]);
  metrics = createMetrics({ version: '1', stages: ['probe'], slots: 1, onError: () => undefined });
});
afterEach(async () => {
  for (const server of open.splice(0)) await server.close();
});

async function plain(host = '127.0.0.1', port = 0): Promise<HealthServer> {
  const listen = { host, port };
  const server = await serveHealth({ health, metrics, listen, onError: (error) => errors.push(error) });
  open.push(server);
  return server;
}

/** A server as the control plane has it. */
async function fastify(): Promise<{ url: string }> {
  const app = Fastify({ loggerInstance: pino({ level: 'silent' }) }).withTypeProvider<ZodTypeProvider>();
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.register(healthRoutes({ health, metrics }));
  open.push(app);
  return { url: await app.listen({ host: '127.0.0.1', port: 0 }) };
}

describe.each([
  ['of a worker', plain],
  ['of a control plane', fastify],
])('the health %s', (_, serve) => {
  it('answers livez, readyz and metrics', async () => {
    const { url } = await serve();
    const live = await fetch(`${url}/livez`);
    expect([live.status, live.headers.get('cache-control')]).toEqual([200, 'no-store']);
    const ready = await fetch(`${url}/readyz`);
    expect(ready.status).toBe(200);
    expect(await ready.json()).toMatchObject({ status: 'ok', checks: [{ name: 'queue', ok: true }] });
    const scraped = await fetch(`${url}/metrics`);
    expect(scraped.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    expect(await scraped.text()).toContain('hullcast_worker_slots 1');
    expect((await fetch(`${url}/readyz`, { method: 'HEAD' })).status).toBe(200);
    expect((await fetch(`${url}/other`)).status).toBe(404);
  });

  it('is 503 while a check fails, and 200 again after it', async () => {
    const { url } = await serve();
    healthy = false;
    const down = await fetch(`${url}/readyz`);
    expect(down.status).toBe(503);
    expect(await down.json()).toMatchObject({
      status: 'unready',
      checks: [{ name: 'queue', ok: false, error: 'queue is away' }],
    });
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    healthy = true;
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
  });

  it('is 503 while the process drains, and alive', async () => {
    const { url } = await serve();
    health.drain();
    const drained = await fetch(`${url}/readyz`);
    expect([drained.status, await drained.json()]).toEqual([503, { status: 'draining', checks: [] }]);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
    expect((await fetch(`${url}/metrics`)).status).toBe(200);
  });
});

describe('the small server', () => {
  it('answers nothing but GET and HEAD', async () => {
    const { url } = await plain();
    const posted = await fetch(`${url}/readyz`, { method: 'POST', body: 'x' });
    expect([posted.status, posted.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
    const head = await fetch(`${url}/metrics`, { method: 'HEAD' });
    expect([head.status, await head.text()]).toEqual([200, '']);
    expect((await fetch(`${url}/livez?verbose`)).status).toBe(200);
  });

  it('answers 500 where metrics fail, tells why, and goes on', async () => {
    const { url } = await plain();
    metrics.text = () => Promise.reject(new Error('no metrics'));
    expect((await fetch(`${url}/metrics`)).status).toBe(500);
    expect(errors).toMatchObject([{ message: 'no metrics' }]);
    expect((await fetch(`${url}/livez`)).status).toBe(200);
  });

  it('says that its port is taken', async () => {
    const { url } = await plain();
    await expect(plain('127.0.0.1', Number(new URL(url).port))).rejects.toMatchObject({
      code: 'HEALTH_PORT',
    });
  });

  it('closes though somebody holds a connection open', async () => {
    const server = await plain();
    const held = await fetch(`${server.url}/livez`, { headers: { connection: 'keep-alive' } });
    await held.text();
    await open.pop()!.close();
    await expect(fetch(`${server.url}/livez`)).rejects.toThrow();
  });
});
