import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PutObjectCommand } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openForeignObjects } from '../../src/storage/index.js';
import { openS3 } from '../../src/storage/s3/index.js';
import { startHttpProxy } from '../support/fault-proxy.js';
import { type TestS3, startS3 } from '../support/s3-server.js';
import { startSwift } from '../support/swift-server.js';

const TIMING = { patienceMs: 20_000, idleMs: 1000, connectMs: 2000, pauseMs: 20, longestPauseMs: 200 };
const PART = 64 * 1024;
const rejected = (code: string) => ({ code, exitCode: 3, transient: false });
const digest = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

let root: string;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-foreign-'));
});
afterAll(() => rm(root, { recursive: true }));

describe.each([
  ['that ignores If-Match', () => startS3()],
  ['that honours If-Match', () => startSwift()],
])('masters in other buckets, on a server %s', (name, start) => {
  let server: TestS3;
  let count = 0;
  beforeAll(async () => {
    server = await start();
  });
  afterAll(() => server.stop());

  const put = (key: string, data: Uint8Array) =>
    openS3({ env: server.env }).client.send(
      new PutObjectCommand({ Bucket: server.bucket, Key: key, Body: data }),
    );
  const folder = (): string => join(root, name, String((count += 1)));
  const open = (env: NodeJS.ProcessEnv = server.env) => openForeignObjects({ env, timing: TIMING });

  it('are described, and fetched whole', async () => {
    const data = randomBytes(10 * PART + 17);
    await put('in/a master.mov', data);
    const foreign = await open();
    const object = await foreign.headObject(`s3://${server.bucket}/in/a master.mov`);
    const etag = `"${createHash('md5').update(data).digest('hex')}"`;
    expect(object).toEqual({ bucket: server.bucket, key: 'in/a master.mov', bytes: data.length, etag });
    let received = 0;
    const path = join(folder(), 'master');
    await foreign.fetchObject(object, path, { partBytes: PART, onBytes: (bytes) => (received += bytes) });
    expect(digest(await readFile(path))).toBe(digest(data));
    expect(received).toBe(data.length);
  });

  it('may be empty', async () => {
    await put('empty', new Uint8Array(0));
    const foreign = await open();
    const path = join(folder(), 'master');
    await foreign.fetchObject(await foreign.headObject(`s3://${server.bucket}/empty`), path);
    expect(await readFile(path)).toHaveLength(0);
  });

  it('that have changed since they were looked at are refused', async () => {
    await put('changes', randomBytes(1000));
    const foreign = await open();
    const object = await foreign.headObject(`s3://${server.bucket}/changes`);
    await put('changes', randomBytes(1000));
    const where = folder();
    await expect(foreign.fetchObject(object, join(where, 'master'))).rejects.toMatchObject(
      rejected('MASTER_CHANGED'),
    );
    expect(await readdir(where)).toEqual([]);
  });

  it.each([
    ['of the same size', 20 * PART],
    ['shorter', 2 * PART],
  ])('that change while they are read are refused: %s', async (_, bytes) => {
    await put('changes', randomBytes(20 * PART));
    const proxy = await startHttpProxy({ port: Number(new URL(server.endpoint).port) });
    try {
      const foreign = await open({ ...server.env, AWS_ENDPOINT_URL_S3: proxy.endpoint });
      const object = await foreign.headObject(`s3://${server.bucket}/changes`);
      let gets = 0;
      let changed = false;
      // From the sixth part on nothing is answered until the object is another one.
      proxy.decide(({ method }) => (method === 'GET' && (gets += 1) > 5 && !changed ? 'hang' : undefined));
      const where = folder();
      let received = 0;
      const onBytes = (more: number): void => {
        received += more;
      };
      const fetching = foreign.fetchObject(object, join(where, 'master'), { partBytes: PART, onBytes });
      const refused = expect(fetching).rejects.toMatchObject(rejected('MASTER_CHANGED'));
      while (received < 5 * PART) await new Promise((done) => setTimeout(done, 5));
      await put('changes', randomBytes(bytes));
      changed = true;
      await refused;
      expect(received).toBe(5 * PART); // nothing of the new one was taken for the old one's
      expect(await readdir(where)).toEqual([]);
    } finally {
      await proxy.stop();
    }
  });

  it('that are not there are said not to be', async () => {
    const foreign = await open();
    for (const uri of [`s3://${server.bucket}/none`, 's3://no-such-bucket/a']) {
      await expect(foreign.headObject(uri)).rejects.toMatchObject(rejected('MASTER_NOT_FOUND'));
    }
    const object = { bucket: server.bucket, key: 'none', bytes: 10, etag: '"x"' };
    const where = folder();
    await expect(foreign.fetchObject(object, join(where, 'master'))).rejects.toMatchObject(
      rejected('MASTER_NOT_FOUND'),
    );
    expect(await readdir(where)).toEqual([]);
  });

  it('that may not be read are said not to be', async () => {
    await put('secret', randomBytes(10));
    const foreign = await open({ ...server.env, AWS_ACCESS_KEY_ID: 'nobody' });
    const uri = `s3://${server.bucket}/secret`;
    await expect(foreign.headObject(uri)).rejects.toMatchObject(rejected('MASTER_DENIED'));
  });

  it('are let go of when that is asked for', async () => {
    await put('long', randomBytes(20 * PART));
    const foreign = await open();
    const object = await foreign.headObject(`s3://${server.bucket}/long`);
    const stop = new AbortController();
    const where = folder();
    const fetching = foreign.fetchObject(object, join(where, 'master'), {
      ...{ partBytes: PART, signal: stop.signal },
      onBytes: () => stop.abort(new Error('enough')),
    });
    await expect(fetching).rejects.toThrow('enough');
    expect(await readdir(where)).toEqual([]);
  });
});

describe('addresses of masters', () => {
  it.each([
    '',
    's3://',
    's3://bucket',
    's3://bucket/',
    's3:///key',
    's3://b/key/',
    'http://bucket/key',
    '/a/b',
  ])('%j is none', async (uri) => {
    const foreign = await openForeignObjects({ env: {} });
    await expect(foreign.headObject(uri)).rejects.toMatchObject({ code: 'OBJECT_URI', exitCode: 2 });
  });
});
