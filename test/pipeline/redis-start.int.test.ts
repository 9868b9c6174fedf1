import { execFileSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import pino from 'pino';
import { afterEach, describe, expect, it } from 'vitest';
import { EXIT } from '../../src/errors.js';
import { openQueue } from '../../src/pipeline/index.js';
import { type RedisServer, startRedis } from '../support/redis-server.js';
import { bundleScript, killHard, printed } from './script.js';
import { sleep, until } from './support.js';

let ends: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const end of ends.reverse()) await end();
  ends = [];
});

async function redis(options: Parameters<typeof startRedis>[0]): Promise<RedisServer> {
  const server = await startRedis(options);
  ends.push(() => server.stop());
  return server;
}

/** A queue whose whole log, every level, is kept as text. */
function queueAt(url: string, signal?: AbortSignal) {
  const lines: string[] = [];
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(line) });
  const backend = openQueue(url, { folder: '/nowhere', log, signal });
  ends.push(() => backend.stop());
  const told = () =>
    lines
      .map((line) => JSON.parse(line) as { level: number; msg: string })
      .filter(({ level }) => level >= 30)
      .map(({ msg }) => msg);
  return { backend, lines, told };
}

describe('a Redis that cannot keep the queue', () => {
  it.each([
    ['QUEUE_EVICTION', { policy: 'allkeys-lru' }, /noeviction/],
    ['QUEUE_CLUSTER', { config: ['cluster-enabled yes'] }, /single Redis/],
  ])('is refused with %s', async (code, options, hint) => {
    const { url } = await redis(options);
    const { backend } = queueAt(url);
    const error: unknown = await backend.start().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code, exitCode: EXIT.usage, hint: expect.stringMatching(hint) });
    expect(() => backend.queue('x')).toThrow(expect.objectContaining({ code: 'QUEUE_CLOSED' }));
  });

  it('is warned of where it keeps nothing on disk', async () => {
    const { url } = await redis({ appendOnly: false });
    const { backend, told } = queueAt(url);
    await backend.start();
    expect(told()).toEqual([expect.stringContaining('append-only')]);
  });
});

describe('a Redis that does not let us in', () => {
  it.each([
    ['a wrong password', ':wrong-password@'],
    ['none', ''],
    ['an unknown user', 'somebody:wrong-password@'],
  ])('is not waited for: %s', async (_, login) => {
    const { port } = await redis({});
    const { backend, lines } = queueAt(`redis://${login}127.0.0.1:${port}`);
    const error: unknown = await backend.start().catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'QUEUE_DENIED', exitCode: EXIT.usage });
    expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain('wrong-password');
    expect(lines.join()).not.toContain('wrong-password');
  });

  it('is not let in either: a certificate that nobody signed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'hullcast-tls-'));
    ends.push(() => rm(folder, { recursive: true }));
    const tls = { cert: join(folder, 'cert.pem'), key: join(folder, 'key.pem') };
    const subject = ['-subj', '/CN=redis', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const pair = ['-keyout', tls.key, '-out', tls.cert, '-days', '2'];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', ...pair, ...subject], {
      stdio: 'ignore',
    });
    const { url } = await redis({ tls });
    await expect(queueAt(url).backend.start()).rejects.toMatchObject({ code: 'QUEUE_DENIED' });

    // As another process, for Node reads its authorities once.
    const script = await bundleScript('queue-holder');
    ends.push(() => script.cleanUp());
    process.env['NODE_EXTRA_CA_CERTS'] = tls.cert;
    const child = script.start('redis', url, 'tls');
    delete process.env['NODE_EXTRA_CA_CERTS'];
    await printed(child, /^active held$/);
    await killHard(child);
  });
});

describe('a Redis that is down', () => {
  it('is waited for, and the log hears of it once', async () => {
    const server = await redis({ start: false });
    const { backend, lines, told } = queueAt(server.url);
    const started = backend.start();
    await until(() => lines.length >= 5); // attempts, at debug level
    expect(told()).toEqual(['Redis cannot be reached: waiting for it']);
    await server.restart();
    await started;
    expect(told()).toEqual(['Redis cannot be reached: waiting for it', 'Redis is there']);
    const queue = backend.queue('late');
    await queue.add('x', {}, { jobId: 'a' });
    expect(await queue.getJobCountByTypes('waiting')).toBe(1);
    await queue.close();
    expect(lines.join()).not.toContain(new URL(server.url).password);
  });

  it('is not waited for by who no longer wants it', async () => {
    const server = await redis({ start: false });
    const stop = new AbortController();
    const { backend } = queueAt(server.url, stop.signal);
    const started = expect(backend.start()).rejects.toThrow('no longer');
    await sleep(100);
    stop.abort(new Error('no longer'));
    await started;
  });

  it('is not waited for once the queue is closed', async () => {
    const server = await redis({ start: false });
    const { backend } = queueAt(server.url);
    const started = expect(backend.start()).rejects.toMatchObject({ code: 'QUEUE_CLOSED' });
    await sleep(300);
    await backend.stop();
    await started;
  });
});
