import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import { type S3Client, HeadObjectCommand, UploadPartCommand } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import type { UploadBytes } from '../../../../src/services/api/index.js';
import { s3Uploads } from '../../../../src/services/api/uploads/s3.js';
import { openS3 } from '../../../../src/storage/s3/index.js';
import { type FaultProxy, startHttpProxy } from '../../../support/fault-proxy.js';
import { S3Stores, type TestStore } from '../../../support/s3-stores.js';
import type { TestS3 } from '../../../support/s3-server.js';
import { startSwift } from '../../../support/swift-server.js';
import { type TestApi, startApi } from '../support.js';
import { type TusClient, tusClient } from './tus-client.js';

const MIB = 2 ** 20;
const PART = 5 * MIB;

let server: TestS3;
let proxy: FaultProxy;
let stores: S3Stores;
let store: TestStore['store'];
let scratch: string;
let uploads: UploadBytes;
let client: S3Client;
let api: TestApi;
let tus: TusClient;
beforeAll(async () => {
  server = await startSwift();
  proxy = await startHttpProxy({ port: Number(new URL(server.endpoint).port) });
  stores = await S3Stores.open();
  scratch = join(stores.root, 'scratch');
  await mkdir(scratch);
  const env = { ...server.env, AWS_ENDPOINT_URL_S3: proxy.endpoint };
  ({ store } = stores.make(server, { prefix: 'here', env, timing: { patienceMs: 1000, idleMs: 500 } }));
  uploads = await s3Uploads(store, {
    ...{ bucket: server.bucket, prefix: 'here', env, partBytes: PART, scratch },
    timing: { idleMs: 500 },
  });
  ({ client } = openS3({ env: server.env }));
  api = await startApi({ store, uploads });
  tus = tusClient(api.url, (await api.token('submit')).secret);
});
afterEach(() => {
  vi.unstubAllEnvs();
  proxy.decide(() => undefined);
  proxy.set('pass');
});
afterAll(async () => {
  await api.close();
  client.destroy();
  await Promise.all([stores.cleanUp(), proxy.stop()]);
  await server.stop();
});

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const idOf = (path: string): string => path.split('/').at(-1)!;
const keyOf = (id: string): string => `here/uploads/${id}`;

/** Puts a part into an upload past the server, as another process might have. */
async function putPart(id: string, number: number, body: Uint8Array): Promise<void> {
  const at = { Bucket: server.bucket, Key: keyOf(id) };
  const { Metadata } = await client.send(new HeadObjectCommand({ ...at, Key: `${at.Key}.info` }));
  const part = { PartNumber: number, Body: body, UploadId: Metadata!['upload-id'] };
  await client.send(new UploadPartCommand({ ...at, ...part }));
}

/** Sends the rest in chunks of 16 MiB, as the command line does. */
async function sendRest(path: string, bytes: Buffer): Promise<number[]> {
  const answers: number[] = [];
  for (let offset = await tus.offset(path); offset < bytes.length; offset = await tus.offset(path)) {
    const { status } = await tus.patch(path, offset, bytes.subarray(offset, offset + 16 * MIB));
    answers.push(status);
    if (answers.length > 9) throw new Error(`no end: ${answers.join()}`);
  }
  return answers;
}

describe('an upload to S3', () => {
  it.each([1, 2, 3])('has no hole where part %i is refused once', async (number) => {
    const bytes = randomBytes(22 * MIB);
    const path = await tus.create(bytes.length);
    let refusals = 0;
    proxy.decide(({ method, url }) =>
      method === 'PUT' && url.includes(`partNumber=${number}&`) && refusals++ === 0
        ? { status: 503 }
        : undefined,
    );
    expect(await sendRest(path, bytes)).toEqual([503, ...Array<number>(number === 3 ? 1 : 2).fill(204)]);
    expect(sha256(await store.read(`uploads/${idOf(path)}`))).toBe(sha256(bytes));
    await expect.poll(() => readdir(scratch)).toEqual([]);
  });

  it('has what came before the connection of a part broke, and what came after', async () => {
    const bytes = randomBytes(22 * MIB);
    const path = await tus.create(bytes.length);
    let lost = 0;
    proxy.decide(({ method, url }) =>
      method === 'PUT' && url.includes('partNumber=2&') && lost++ === 0 ? 'lose answer' : undefined,
    );
    expect((await tus.patch(path, 0, bytes.subarray(0, 16 * MIB))).status).toBe(503);
    expect(await tus.offset(path)).toBe(2 * PART); // the server has the part, although it could not say so
    await sendRest(path, bytes);
    expect(sha256(await store.read(`uploads/${idOf(path)}`))).toBe(sha256(bytes));
  });

  it('needs no room in the system’s temporary folder, which may be memory', async () => {
    const id = randomUUID();
    const bytes = randomBytes(1000);
    await uploads.create(id, bytes.length, {});
    vi.stubEnv('TMPDIR', '/nowhere');
    await uploads.write(Readable.from([bytes.subarray(0, 400)]), id, 0);
    await uploads.write(Readable.from([bytes.subarray(400)]), id, 400);
    expect(await store.read(`uploads/${id}`)).toEqual(bytes);
  });

  it('counts no parts behind a gap, and never takes them in', async () => {
    const bytes = randomBytes(17 * MIB);
    const path = await tus.create(bytes.length);
    const id = idOf(path);
    await tus.patch(path, 0, bytes.subarray(0, PART));
    await putPart(id, 3, randomBytes(PART));
    await putPart(id, 9, randomBytes(PART));
    expect(await tus.offset(path)).toBe(PART);
    // Fills the gap with a part of its own size, and leaves a rest.
    const end = 2 * PART + 1000;
    expect((await tus.patch(path, PART, bytes.subarray(PART, end))).status).toBe(204);
    expect(await tus.offset(path)).toBe(end);
    await sendRest(path, bytes);
    expect(sha256(await store.read(`uploads/${id}`))).toBe(sha256(bytes));
  });

  it('does not become an object of other bytes than were sent', async () => {
    const id = randomUUID();
    const bytes = randomBytes(2 * PART);
    await uploads.create(id, bytes.length, {});
    await uploads.write(Readable.from([bytes.subarray(0, PART)]), id, 0);
    const meddling = Readable.from(
      (async function* () {
        yield bytes.subarray(PART, PART + 1000);
        await putPart(id, 1, randomBytes(PART + 1));
        yield bytes.subarray(PART + 1000);
      })(),
    );
    await expect(uploads.write(meddling, id, PART)).rejects.toMatchObject({ code: 'UPLOAD_NOT_FOUND' });
    expect(await uploads.get(id)).toBeUndefined();
    expect(await store.stat(`uploads/${id}`)).toBeUndefined();
  });

  it('takes no bytes that do not continue its parts', async () => {
    const id = randomUUID();
    await uploads.create(id, 100, {});
    const write = uploads.write(Readable.from([Buffer.alloc(10)]), id, 7);
    await expect(write).rejects.toMatchObject({ code: 'UPLOAD_OFFSET' });
    expect(await uploads.get(id)).toMatchObject({ offset: 0 });
  });

  it('does not wait for other clients, which are slow', async () => {
    const slow = Array.from({ length: 8 }, () => new PassThrough());
    const ends = slow.map(async (stream) => {
      const id = randomUUID();
      await uploads.create(id, 100, {});
      stream.write(Buffer.alloc(50));
      return uploads.write(stream, id, 0);
    });
    const id = randomUUID();
    await uploads.create(id, 1000, {});
    expect(await uploads.write(Readable.from([Buffer.alloc(1000)]), id, 0)).toBe(1000);
    for (const stream of slow) stream.end();
    expect(await Promise.all(ends)).toEqual(slow.map(() => 50));
  }, 20_000);
});

describe('uploads to an S3 that takes connections and says nothing', () => {
  const unreachable = { code: 'STORE_UNREACHABLE', transient: true };

  it('end, and go on later', async () => {
    const id = randomUUID();
    const bytes = randomBytes(2 * PART);
    await uploads.create(id, bytes.length, {});
    proxy.decide(({ url }) => (url.includes('partNumber=2&') ? 'hang' : undefined));
    await expect(uploads.write(Readable.from([bytes]), id, 0)).rejects.toMatchObject(unreachable);
    proxy.decide(() => undefined);
    expect(await uploads.get(id)).toMatchObject({ offset: PART });
    expect(await uploads.write(Readable.from([bytes.subarray(PART)]), id, PART)).toBe(bytes.length);
    expect(sha256(await store.read(`uploads/${id}`))).toBe(sha256(bytes));
  }, 30_000);

  it('are neither waited for when they are asked for, nor when they are removed', async () => {
    const id = randomUUID();
    await uploads.create(id, 100, {});
    proxy.set('hang');
    await expect(uploads.get(id)).rejects.toMatchObject(unreachable);
    await expect(uploads.remove(id)).rejects.toMatchObject(unreachable);
  }, 30_000);
});
