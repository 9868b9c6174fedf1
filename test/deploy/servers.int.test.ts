import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { until } from '../pipeline/support.js';

const run = promisify(execFile);
let folder: string;
let child: ChildProcess | undefined;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-deploy-'));
});
afterEach(async () => {
  if (child) {
    const ended = new Promise((done) => child!.once('exit', done));
    child.kill('SIGKILL');
    await ended;
    child = undefined;
  }
  await rm(folder, { recursive: true, force: true });
});

function freePort(): Promise<number> {
  return new Promise((done) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => done(port));
    });
  });
}

describe('deploy/compose/redis.conf', () => {
  it('keeps every job through a restart, refuses rather than forgets, and asks for the password', async () => {
    const auth = join(folder, 'redis-auth.conf');
    await writeFile(auth, 'requirepass test-password\n');
    const config = await readFile(resolve('deploy/compose/redis.conf'), 'utf8');
    const path = join(folder, 'redis.conf');
    await writeFile(
      path,
      config.replace('/run/secrets/redis-auth.conf', auth).replace('dir /data', `dir ${folder}`),
    );
    const port = await freePort();
    const start = async (): Promise<Redis> => {
      child = spawn('redis-server', [path, '--port', String(port)], { stdio: 'ignore' });
      const redis = new Redis(port, '127.0.0.1', { password: 'test-password', lazyConnect: true });
      redis.on('error', () => undefined); // it is not there at once
      await until(async () => (await redis.ping().catch(() => '')) === 'PONG');
      return redis;
    };
    let redis = await start();
    expect(await redis.config('GET', 'maxmemory-policy')).toEqual(['maxmemory-policy', 'noeviction']);
    expect(await redis.config('GET', 'appendonly')).toEqual(['appendonly', 'yes']);
    const stranger = new Redis(port, '127.0.0.1', { maxRetriesPerRequest: 0 });
    stranger.on('error', () => undefined);
    await expect(stranger.get('job')).rejects.toThrow(/NOAUTH/);
    stranger.disconnect();
    await redis.set('job', 'kept');
    await redis.config('SET', 'appendfsync', 'always'); // the second that everysec may lose is not what is tested
    await redis.set('job', 'kept');
    redis.disconnect();
    child!.kill('SIGKILL');
    await new Promise((done) => child!.once('exit', done));
    redis = await start();
    expect(await redis.get('job')).toBe('kept');
    redis.disconnect();
  });
});

describe('deploy/make-bucket.mjs', () => {
  const makeBucket = async (port: number, more: NodeJS.ProcessEnv = {}): Promise<string> => {
    const env = {
      ...{
        PATH: process.env['PATH'],
        AWS_ENDPOINT_URL_S3: `http://127.0.0.1:${port}`,
        AWS_REGION: 'us-east-1',
      },
      ...{ AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER', HULLCAST_STORE: 's3://films/v1' },
      ...more,
    };
    const { stdout } = await run(process.execPath, [resolve('deploy/make-bucket.mjs')], { env });
    return stdout;
  };

  it('makes the bucket once, waiting for its server', async () => {
    const port = await freePort();
    const first = makeBucket(port); // nobody is there yet
    await new Promise((done) => setTimeout(done, 1500));
    const s3rver = resolve('node_modules/s3rver/bin/s3rver.js');
    child = spawn(process.execPath, [s3rver, '-a', '127.0.0.1', '-p', String(port), '-d', folder], {
      stdio: 'ignore',
    });
    expect(await first).toMatch(/again in 1000 ms\n[^]*bucket films was made\n$/);
    expect(await makeBucket(port)).toBe('bucket films is there\n');
  });

  it('says where it has nothing to do', async () => {
    await expect(makeBucket(1, { HULLCAST_STORE: '/data/store' })).rejects.toThrow(/no s3:\/\/bucket/);
  });
});
