import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FileStore, type StoreEvent, openStore } from '../../src/storage/index.js';
import { startHttpProxy } from '../support/fault-proxy.js';
import { type TestS3, s3Env, startS3 } from '../support/s3-server.js';
import { capturedLog } from '../pipeline/support.js';

const TIMING = { patienceMs: 500, idleMs: 500, connectMs: 500, pauseMs: 20, longestPauseMs: 100 };
let root: string;
let server: TestS3;
let homes = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-open-'));
  server = await startS3();
});
afterAll(async () => {
  await server.stop();
  await rm(root, { recursive: true });
});
const home = (): string => join(root, `home-${(homes += 1)}`);

describe('openStore', () => {
  it.each([undefined, ''])('opens a folder in the home for %j', async (spec) => {
    const folder = home();
    const store = await openStore(spec, { home: folder, env: {} });
    expect(store).toBeInstanceOf(FileStore);
    await store.put('a', '1');
    expect(await readFile(join(folder, 'store', 'a'), 'utf8')).toBe('1');
  });

  it('opens a bucket, or a part of one, at the endpoint of the environment', async () => {
    const store = await openStore(`s3://${server.bucket}`, { home: home(), env: server.env });
    const part = await openStore(`s3://${server.bucket}/some/where/`, { home: home(), env: server.env });
    await part.put('a', '1');
    expect((await store.read('some/where/a')).toString()).toBe('1');
    const { AWS_ENDPOINT_URL_S3: AWS_ENDPOINT_URL, ...env } = server.env;
    const other = await openStore(`s3://${server.bucket}`, {
      home: home(),
      env: { ...env, AWS_ENDPOINT_URL },
    });
    expect((await other.read('some/where/a')).toString()).toBe('1');
  });

  it('keeps its cache in the home, within the bytes that it may have', async () => {
    const folder = home();
    const events: StoreEvent[] = [];
    const options = {
      home: folder,
      env: server.env,
      cacheBytes: 10,
      onEvent: (event: StoreEvent) => events.push(event),
    };
    const store = await openStore(`s3://${server.bucket}/cached`, options);
    for (const text of ['123456', '234567', '345678']) {
      await writeFile(join(root, 'file'), text);
      await store.putFile(text, join(root, 'file'), { move: true });
    }
    expect((await readdir(join(folder, 'cache'))).filter((name) => name !== 'partial')).toHaveLength(1);
    events.length = 0;
    await store.localPath('345678');
    await store.localPath('123456');
    expect(events).toEqual([
      { type: 'lookup', hit: true },
      { type: 'lookup', hit: false },
      { type: 'received', bytes: 6 },
    ]);
  });

  it('takes the size of its cache from the environment', async () => {
    const cached = async (HULLCAST_CACHE_BYTES: string): Promise<number> => {
      const folder = home();
      const env = { ...server.env, HULLCAST_CACHE_BYTES };
      const store = await openStore(`s3://${server.bucket}/sized`, { home: folder, env });
      for (const text of ['123456', '234567', '345678']) {
        await writeFile(join(root, 'file'), text);
        await store.putFile(text, join(root, 'file'), { move: true });
      }
      return (await readdir(join(folder, 'cache'))).filter((name) => name !== 'partial').length;
    };
    expect([await cached('0'), await cached('13'), await cached('')]).toEqual([0, 2, 3]);
    for (const text of ['x', '-1', '1e9', '1.5'])
      await expect(cached(text)).rejects.toMatchObject({ code: 'STORE_SPEC', exitCode: 2 });
  });

  it.each([
    'bucket',
    '/some/folder',
    's3://',
    's3:///x',
    's3://b',
    's3://bucket/a//b',
    's3://bucket/.a',
    'gs://b/c',
  ])('refuses the store %j', async (spec) => {
    const opening = openStore(spec, { home: home(), env: server.env });
    await expect(opening).rejects.toMatchObject({ code: 'STORE_SPEC', exitCode: 2 });
  });

  it.each(['not a url', 'ftp://server', '127.0.0.1:9000'])('refuses the endpoint %j', async (endpoint) => {
    const opening = openStore('s3://bucket', { home: home(), env: s3Env(endpoint) });
    await expect(opening).rejects.toMatchObject({ code: 'STORE_SPEC', exitCode: 2 });
  });

  const denied = { code: 'STORE_DENIED', exitCode: 2, transient: false };

  it.each([
    ['a bucket that is not there', {}, 's3://no-such-bucket', { code: 'BUCKET_MISSING', exitCode: 2 }],
    ['an unknown account', { AWS_ACCESS_KEY_ID: 'nobody' }, undefined, denied],
  ])('says so at once for %s', async (_, env, spec, error) => {
    const opening = openStore(spec ?? `s3://${server.bucket}`, {
      home: home(),
      env: { ...server.env, ...env },
    });
    await expect(opening).rejects.toMatchObject({ ...error, transient: false });
  });

  it('says what to set where there are no credentials', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'AWS_PROFILE'])
      vi.stubEnv(name, undefined);
    for (const name of ['AWS_SHARED_CREDENTIALS_FILE', 'AWS_CONFIG_FILE']) vi.stubEnv(name, '/nowhere');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    try {
      const env = { AWS_ENDPOINT_URL_S3: server.endpoint };
      await expect(openStore(`s3://${server.bucket}`, { home: home(), env })).rejects.toMatchObject({
        ...denied,
        hint: expect.stringContaining('AWS_ACCESS_KEY_ID') as string,
      });
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('waits for a server that does not answer yet, and says so', async () => {
    const proxy = await startHttpProxy({ port: Number(new URL(server.endpoint).port) });
    try {
      proxy.set({ status: 503 });
      const { log, messages } = capturedLog();
      const events: StoreEvent[] = [];
      const options = {
        home: home(),
        env: s3Env(proxy.endpoint),
        log,
        onEvent: (event: StoreEvent) => events.push(event),
      };
      const opening = openStore(`s3://${server.bucket}`, {
        ...options,
        timing: { ...TIMING, patienceMs: 30_000 },
      });
      await vi.waitFor(() => expect(events.length).toBeGreaterThan(2), { timeout: 20_000 });
      proxy.set('pass');
      await opening;
      expect(messages).toEqual(['the object store does not answer: trying again']);
      expect(events[0]).toEqual({ type: 'retry' });
      proxy.set({ status: 503 });
      await expect(openStore(`s3://${server.bucket}`, { ...options, timing: TIMING })).rejects.toMatchObject({
        code: 'STORE_UNREACHABLE',
        transient: true,
      });
    } finally {
      await proxy.stop();
    }
  });
});
