import { createHash, randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  CreateMultipartUploadCommand,
  HeadObjectCommand,
  ListMultipartUploadsCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openStore } from '../../src/storage/index.js';
import { openS3 } from '../../src/storage/s3/index.js';
import { startHttpProxy } from '../support/fault-proxy.js';
import type { TestS3 } from '../support/s3-server.js';
import { S3Stores } from '../support/s3-stores.js';
import { startSwift } from '../support/swift-server.js';

// What of S3 only a whole server has: checks of what it gets, copies in parts, lists of unfinished uploads.
const MIB = 1024 * 1024;
let server: TestS3;
let stores: S3Stores;
beforeAll(async () => {
  [server, stores] = await Promise.all([startSwift(), S3Stores.open()]);
});
afterAll(async () => {
  await server.stop();
  await stores.cleanUp();
});

const digest = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

describe('S3Store', () => {
  it('is not opened with a wrong secret', async () => {
    const env = { ...server.env, AWS_SECRET_ACCESS_KEY: 'wrong' };
    await expect(openStore(`s3://${server.bucket}`, { home: stores.root, env })).rejects.toMatchObject({
      code: 'STORE_DENIED',
      exitCode: 2,
    });
  });

  it('sends again what was changed on its way, in one piece and in parts', async () => {
    const proxy = await startHttpProxy({ port: Number(new URL(server.endpoint).port) });
    try {
      const env = { ...server.env, AWS_ENDPOINT_URL_S3: proxy.endpoint };
      const { store } = stores.make(server, { env, partBytes: 5 * MIB });
      let puts = 0;
      // The first PUT is the small object's; then come two parts, of which the first is changed.
      proxy.decide(({ method }) =>
        method === 'PUT' && [1, 3].includes((puts += 1)) ? 'corrupt' : undefined,
      );
      await store.put('small', 'small');
      expect((await store.read('small')).toString()).toBe('small');
      expect(puts).toBe(2);
      const data = randomBytes(6 * MIB);
      const path = join(stores.root, 'source');
      await writeFile(path, data);
      await store.putFile('large', path);
      expect(digest(await store.read('large'))).toBe(digest(data));
      expect(puts).toBe(5);
    } finally {
      await proxy.stop();
    }
  });

  it('copies in parts what is large, and refreshes it, without changing bytes or labels', async () => {
    const { store } = stores.make(server, { copyPartBytes: 5 * MIB });
    const data = randomBytes(12 * MIB);
    const path = join(stores.root, 'source');
    await writeFile(path, data);
    await store.putFile('from here/a+b (1).mp4', path);
    await store.copy('from here/a+b (1).mp4', 'to');
    expect(digest(await store.read('to'))).toBe(digest(data));
    expect(await store.refresh('to')).toBe(true);
    expect(digest(await store.read('to'))).toBe(digest(data));
    const client = openS3({ env: server.env }).client;
    const key = store.name.replace(`s3://${server.bucket}/`, '');
    const { Metadata } = await client.send(new HeadObjectCommand({ Bucket: server.bucket, Key: `${key}to` }));
    expect(Metadata).toEqual({ sha256: digest(data) });
  });

  it('sweeps away parts of uploads that nobody goes on with, when they are old enough', async () => {
    const { store } = stores.make(server);
    const { client } = openS3({ env: server.env });
    const Bucket = server.bucket;
    const prefix = store.name.replace(`s3://${Bucket}/`, '');
    const begin = (key: string) => client.send(new CreateMultipartUploadCommand({ Bucket, Key: key }));
    const ours = ['blobs/a', 'blobs/b', 'uploads/c'].map((key) => prefix + key);
    await Promise.all([...ours, 'not of the store'].map(begin));
    const left = async (): Promise<(string | undefined)[]> => {
      const { Uploads = [] } = await client.send(new ListMultipartUploadsCommand({ Bucket }));
      return Uploads.map(({ Key }) => Key).sort();
    };
    await store.sweep(3600_000);
    expect(await left()).toEqual(['not of the store', ...ours]);
    await new Promise((done) => setTimeout(done, 1100)); // its clock has seconds
    await store.sweep(0, 'blobs/');
    expect(await left()).toEqual(['not of the store', ours[2]]);
    await store.sweep(0);
    expect(await left()).toEqual(['not of the store']);
  });
});
