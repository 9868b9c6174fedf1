import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fetchStage } from '../../src/ingest/index.js';
import { FileStore, openForeignObjects } from '../../src/storage/index.js';
import { s3Env, startS3 } from '../support/s3-server.js';
import { type TestStage, stageContext } from '../support/stage.js';

let test: TestStage;
let store: FileStore;
const progress: number[] = [];
beforeEach(async () => {
  progress.length = 0;
  test = await stageContext({ progress: (done) => progress.push(done) });
  store = new FileStore(join(test.context.scratch, 'store'));
});
afterEach(() => test.cleanUp());

const nowhere = () => Promise.reject(new Error('no other bucket is asked'));
const MASTER = Buffer.alloc(100_000, 'master');

describe('a submitted master', () => {
  it('that was uploaded is taken in, and the upload stays', async () => {
    const path = join(test.context.scratch, 'file');
    await writeFile(path, MASTER);
    const expected = await test.put(path);
    await store.put('uploads/u1', MASTER);
    const stage = fetchStage({ store, foreign: nowhere });
    // The test's context moves what it keeps; a real one copies what is not in its scratch folder.
    const kept = await stage.run(
      { source: { kind: 'upload', key: 'uploads/u1', bytes: MASTER.length } },
      { ...test.context, keep: (file) => test.put(file) },
    );
    expect(kept).toEqual(expected);
    expect((await store.read('uploads/u1')).equals(MASTER)).toBe(true);
  });

  it('whose upload is gone is told', async () => {
    const stage = fetchStage({ store, foreign: nowhere });
    const source = { kind: 'upload', key: 'uploads/none', bytes: 1 } as const;
    await expect(stage.run({ source }, test.context)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
  });

  it('in another bucket is copied as it was submitted, and refused once it is another', async () => {
    const server = await startS3({ buckets: ['masters'] });
    try {
      const env = s3Env(server.endpoint);
      const foreign = await openForeignObjects({ env });
      const { S3Client, PutObjectCommand } = await import('@aws-sdk/client-s3');
      const client = new S3Client({
        endpoint: server.endpoint,
        region: 'us-east-1',
        forcePathStyle: true,
        credentials: {
          accessKeyId: env['AWS_ACCESS_KEY_ID']!,
          secretAccessKey: env['AWS_SECRET_ACCESS_KEY']!,
        },
      });
      const put = (body: Buffer) =>
        client.send(new PutObjectCommand({ Bucket: 'masters', Key: 'film.mov', Body: body }));
      await put(MASTER);
      const pinned = { kind: 's3', ...(await foreign.headObject('s3://masters/film.mov')) } as const;
      const stage = fetchStage({ store, foreign: () => Promise.resolve(foreign) });
      expect((await stage.run({ source: pinned }, test.context)).bytes).toBe(MASTER.length);
      expect(progress.at(-1)).toBe(MASTER.length);
      await put(Buffer.alloc(MASTER.length, 'another'));
      await expect(stage.run({ source: pinned }, test.context)).rejects.toMatchObject({
        ...{ code: 'MASTER_CHANGED', exitCode: 3 },
      });
      client.destroy();
    } finally {
      await server.stop();
    }
  });
});
