import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openUploads } from '../../../../src/services/api/index.js';
import { type UploadEvent, createClient } from '../../../../src/services/client/index.js';
import { type FaultProxy, startHttpProxy } from '../../../support/fault-proxy.js';
import { type TestS3, s3Env, startS3 } from '../../../support/s3-server.js';
import { S3Stores } from '../../../support/s3-stores.js';
import { type Scratch, rejection, scratchFolder } from '../../client/support.js';
import { type TestApi, problemOf, startApi } from '../support.js';
import { tusClient } from './tus-client.js';

// s3rver has no ListParts: GET of an object with an uploadId is 405.
let server: TestS3;
let proxy: FaultProxy;
let stores: S3Stores;
let api: TestApi;
let scratch: Scratch;
let secret: string;
let keys: () => Promise<string[]>;
beforeAll(async () => {
  server = await startS3();
  proxy = await startHttpProxy({ port: Number(new URL(server.endpoint).port) });
  [stores, scratch] = await Promise.all([S3Stores.open(), scratchFolder()]);
  const env = s3Env(proxy.endpoint);
  const { store } = stores.make(server, { env });
  keys = async () => {
    const found: string[] = [];
    for await (const { key } of store.list('uploads/')) found.push(key);
    return found;
  };
  const uploads = await openUploads(`s3://${server.bucket}/stores/1`, store, { env });
  api = await startApi({ store, uploads });
  ({ secret } = await api.token('submit'));
});
afterAll(async () => {
  await api.close();
  await proxy.stop();
  await server.stop();
  await Promise.all([stores.cleanUp(), scratch.cleanUp()]);
});

const upload = async (name: string): Promise<{ error: Error; events: UploadEvent[]; seconds: number }> => {
  const { path } = await scratch.file(name, 100_000);
  const client = createClient({ server: api.url, token: secret, signal: AbortSignal.timeout(60_000) });
  const events: UploadEvent[] = [];
  const begun = performance.now();
  const onEvent = (event: UploadEvent): number => events.push(event);
  const error = await rejection(client.upload(path, { folder: `${scratch.folder}/kept`, onEvent }));
  return { error, events, seconds: (performance.now() - begun) / 1000 };
};

describe('uploads to an object store that does not list the parts of one', () => {
  it('are refused before they begin, and leave nothing behind', async () => {
    const create = vi.spyOn(api.db.uploads, 'create');
    const answer = await api.call('POST', '/v1/uploads', secret, {
      headers: { 'tus-resumable': '1.0.0', 'upload-length': '10' },
    });
    expect(await problemOf(answer)).toMatchObject({ status: 501, code: 'UPLOAD_UNSUPPORTED' });
    expect(await keys()).toEqual([]);
    expect(proxy.requests.filter(({ method, url }) => method === 'POST' && url.includes('?uploads'))).toEqual(
      [],
    );
    expect(create).not.toHaveBeenCalled();
    create.mockRestore();
  });

  it('are not begun either where the store may not be asked for parts', async () => {
    proxy.decide(({ url }) => (/[?&]uploadId=/.test(url) ? { status: 403 } : undefined));
    const answer = await api.call('POST', '/v1/uploads', secret, {
      headers: { 'tus-resumable': '1.0.0', 'upload-length': '10' },
    });
    proxy.decide(() => undefined);
    const { errorId } = await problemOf(answer);
    const line = api.log.find((one) => one['errorId'] === errorId);
    expect(line).toMatchObject({ err: { code: 'STORE_DENIED' } });
    expect(await keys()).toEqual([]);
  });

  it('end for the client at once, with words that say why', async () => {
    const { error, events, seconds } = await upload('a.mov');
    expect(error).toMatchObject({ code: 'UPLOAD_UNSUPPORTED', transient: false, exitCode: 1 });
    expect(error.message).toContain('object store');
    expect((error as { hint?: string }).hint).toContain('s3://');
    expect(events).toEqual([]);
    expect(seconds).toBeLessThan(5);
  });

  it('end so too when they were begun while it did', async () => {
    const isListing = (method: string, url: string): boolean => method === 'GET' && /[?&]uploadId=/.test(url);
    proxy.decide(({ method, url }) => (isListing(method, url) ? { status: 404 } : undefined));
    const path = await tusClient(api.url, secret).create(100_000);
    proxy.decide(() => undefined);
    const head = await tusClient(api.url, secret).send('HEAD', path);
    expect(head.status).toBe(501);
    expect(head.headers['hullcast-problem']).toMatch(/^UPLOAD_UNSUPPORTED [0-9a-f]{16}$/);

    // That it did is remembered, so that this one is begun, too.
    const { error, seconds } = await upload('b.mov');
    expect(error).toMatchObject({ code: 'UPLOAD_UNSUPPORTED', transient: false });
    expect(error.message).toMatch(/error id [0-9a-f]{16}/);
    expect(seconds).toBeLessThan(5);
  });
});
