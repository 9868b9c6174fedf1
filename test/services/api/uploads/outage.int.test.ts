import { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type UploadBytes, openUploads } from '../../../../src/services/api/index.js';
import { s3Env } from '../../../support/s3-server.js';
import { S3Stores } from '../../../support/s3-stores.js';

let stores: S3Stores;
let uploads: UploadBytes;
beforeAll(async () => {
  stores = await S3Stores.open();
  // Nobody listens on port 1.
  const env = s3Env('http://127.0.0.1:1');
  const server = {
    endpoint: env['AWS_ENDPOINT_URL_S3']!,
    bucket: 'hullcast',
    env,
    stop: () => Promise.resolve(),
  };
  const { store } = stores.make(server, { timing: { patienceMs: 200 } });
  uploads = await openUploads('s3://hullcast/here', store, { env });
});
afterAll(() => stores.cleanUp());

describe('uploads while the object store is away', () => {
  it.each([
    ['are to begin', () => uploads.check()],
    ['begin', () => uploads.create('id', 10, {})],
    ['are asked for', () => uploads.get('id')],
    ['go on', () => uploads.write(Readable.from(['bytes']), 'id', 0)],
    ['end', () => uploads.finish('id', 10)],
    ['are removed', () => uploads.remove('id')],
  ])('are not lost, and fail for a while: they %s', async (_what, work) => {
    await expect(work()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE', transient: true });
  });
});

describe('where uploads lie', () => {
  it('is said by the name of the object store', async () => {
    const { store } = stores.make({ endpoint: '', bucket: 'b', env: {}, stop: () => Promise.resolve() });
    await expect(openUploads('gs://bucket', store, { env: {} })).rejects.toMatchObject({
      code: 'STORE_SPEC',
      exitCode: 2,
    });
  });
});
