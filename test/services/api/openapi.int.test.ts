import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { HullcastError } from '../../../src/errors.js';
import { parseObjectUri } from '../../../src/storage/index.js';
import type { Api } from '../../../src/services/api/index.js';
import { type Document, answerCheck, operations } from './document.js';
import { type TestApi, startApi, upload } from './support.js';

/** Routes as the application made them. */
const routes: { methods: string[]; url: string; described: boolean }[] = [];
const watch = (message: unknown): void => {
  (message as { fastify: Api }).fastify.addHook('onRoute', ({ method, url, config }) => {
    routes.push({ methods: [method].flat(), url, described: config?.swagger?.exposeHeadRoute === true });
  });
};

let api: TestApi;
let document: Document;
beforeAll(async () => {
  subscribe('fastify.initialization', watch);
  try {
    api = await startApi({
      masters: { headObject: (uri) => Promise.resolve({ ...parseObjectUri(uri), bytes: 1, etag: 'e' }) },
      masterBuckets: ['masters'],
    });
  } finally {
    unsubscribe('fastify.initialization', watch);
  }
  document = (await (await api.call('GET', '/openapi.json')).json()) as Document;
});
afterAll(() => api.close());

describe('the OpenAPI document', () => {
  it('has every route below /v1, and no other', () => {
    const gets = routes.filter(({ methods }) => methods.includes('GET')).map(({ url }) => url);
    // HEAD that Fastify adds to GET answers as that does, without a body: of those nothing is said.
    const own = routes.filter(
      ({ methods, url, described }) => methods.join() !== 'HEAD' || described || !gets.includes(url),
    );
    const names = own.flatMap(({ methods, url }) =>
      methods.map(
        (method) => `${method.toLowerCase()} ${url.replace(/:(\w+)/g, '{$1}').replace('*', '{*}')}`,
      ),
    );
    const [below, beside] = [true, false].map((is) => names.filter((name) => name.includes(' /v1/') === is));
    expect(
      operations(document)
        .map(([name]) => name)
        .sort(),
    ).toEqual(below!.sort());
    expect(beside!.filter((name) => !/^(get|head) \/(docs|openapi\.json)/.test(name))).toEqual([]);
    expect(names).toContain('head /v1/uploads/{id}');
    expect(names).toContain('head /v1/titles/{id}/files/{*}');
  });

  it('says which operations need no token, and what those are told who have none, or a lesser one', async () => {
    const check = answerCheck(document);
    const { secret } = await api.token('read');
    for (const [name, { security }] of operations(document)) {
      const [method = '', path = ''] = name.split(' ');
      const ask = (token?: string): Promise<Response> =>
        api.call(method.toUpperCase(), path.replace('{id}', '1').replace('{*}', 'x'), token);
      const response = await ask();
      expect(response.status === 401, name).toBe(security?.length !== 0);
      await check(name, response);
      await check(name, await ask(secret));
    }
  });
});

const OCTETS = { 'content-type': 'application/offset+octet-stream' };
const TUS = { 'tus-resumable': '1.0.0' };
type Asked = [name: string, path: string, status: number, options?: Parameters<TestApi['call']>[3]];

/** A title, and what its files and its end are. */
async function titlesOf(secret: string): Promise<{ done: string; failed: string; queued: string }> {
  const make = async (): Promise<string> => {
    const body = { source: { s3: 's3://masters/k.mov' }, callbackUrl: 'http://127.0.0.1:9/' };
    const response = await api.call('POST', '/v1/titles', secret, { body });
    return ((await response.json()) as { id: string }).id;
  };
  const [done, failed, queued] = [await make(), await make(), await make()];
  await api.db.titles.started(done);
  await api.db.titles.finished(done, {
    ...{ frames: 1, fps: '24/1', width: 16, height: 16, findings: 0, manifests: [], renditions: [] },
    cost: { wallSeconds: 1, cpuSeconds: 1, encodes: 1, cacheHits: 0 },
  });
  await api.store.put(`titles/${done}/manifest.mpd`, '<MPD/>');
  await api.db.titles.failed(failed, { code: 'X', message: 'x' });
  return { done, failed, queued };
}

async function titleRequests(secret: string): Promise<Asked[]> {
  const { done, failed, queued } = await titlesOf(secret);
  const [delivery] = await api.db.outbox.of(queued);
  const submit = { body: { source: { s3: 's3://masters/k.mov' } }, headers: { 'idempotency-key': 'once' } };
  const files = `/v1/titles/${done}/files/`;
  const etag = (await api.call('GET', `${files}manifest.mpd`, secret)).headers.get('etag')!;
  const ofFile = (method: string): Asked[] => {
    const name = `${method} /v1/titles/{id}/files/{*}`;
    const path = `${files}manifest.mpd`;
    return [
      [name, path, 200],
      [name, path, 304, { headers: { 'if-none-match': etag } }],
      [name, `${files}nosuch`, 404],
    ];
  };
  const inRanges = 'get /v1/titles/{id}/files/{*}';
  return [
    ['post /v1/titles', '/v1/titles', 201, submit],
    ['post /v1/titles', '/v1/titles', 200, submit],
    ['post /v1/titles/check', '/v1/titles/check', 204, { body: {} }],
    ['post /v1/titles/check', '/v1/titles/check', 422, { body: { profile: 'nosuch' } }],
    ['get /v1/titles', '/v1/titles?limit=1', 200],
    ['get /v1/titles/{id}', `/v1/titles/${done}`, 200],
    ['get /v1/titles/{id}/events', `/v1/titles/${done}/events`, 200],
    ['get /v1/events', '/v1/events', 200],
    ['get /v1/titles/{id}/deliveries', `/v1/titles/${queued}/deliveries`, 200],
    ['post /v1/deliveries/{id}/replay', `/v1/deliveries/${delivery!.id}/replay`, 202],
    ...[...ofFile('get'), ...ofFile('head')],
    [inRanges, `${files}manifest.mpd`, 206, { headers: { range: 'bytes=1-2' } }],
    [inRanges, `${files}manifest.mpd`, 416, { headers: { range: 'bytes=9-' } }],
    ['post /v1/titles/{id}/retry', `/v1/titles/${failed}/retry`, 202],
    ['post /v1/titles/{id}/cancel', `/v1/titles/${queued}/cancel`, 202],
    ['delete /v1/titles/{id}', `/v1/titles/${queued}`, 409],
    ['delete /v1/titles/{id}', `/v1/titles/${done}`, 204],
  ];
}

async function tokenRequests(): Promise<Asked[]> {
  const { id } = await api.token('read');
  return [
    ['get /v1/token', '/v1/token', 200],
    ['get /v1/tokens', '/v1/tokens', 200],
    ['post /v1/tokens', '/v1/tokens', 201, { body: { name: 'x', scopes: ['read'] } }],
    ['post /v1/tokens', '/v1/tokens', 400, { body: {} }],
    ['delete /v1/tokens/{id}', `/v1/tokens/${id}`, 204],
    ['get /v1/overview', '/v1/overview', 200],
  ];
}

/** Requests of uploads; those of one go in order. */
async function uploadRequests(secret: string): Promise<Asked[]> {
  const begin = async (): Promise<string> => {
    const response = await api.call('POST', '/v1/uploads', secret, {
      headers: { ...TUS, 'upload-length': '10', 'upload-metadata': 'filename YQ==' },
    });
    return response.headers.get('location')!;
  };
  const [one, two, three] = [await begin(), await begin(), await begin()];
  const finished = `/v1/uploads/${await upload(api, secret, Buffer.alloc(3))}`;
  const foreign = `/v1/uploads/${await upload(api, (await api.token('submit')).secret, Buffer.alloc(3))}`;
  const old = await begin();
  const getUpload = api.db.uploads.get.bind(api.db.uploads);
  api.db.uploads.get = async (id) => {
    const row = await getUpload(id);
    return row && old.endsWith(id) ? { ...row, expiresAt: '2020-01-01T00:00:00.000Z' } : row;
  };
  const at = (offset: number, more = {}): Record<string, string> => ({
    ...{ ...TUS, ...OCTETS, 'upload-offset': String(offset) },
    ...more,
  });
  const [create, send, ask, remove, other] = [
    ...['post /v1/uploads', 'patch /v1/uploads/{id}', 'head /v1/uploads/{id}'],
    ...['delete /v1/uploads/{id}', 'post /v1/uploads/{id}'],
  ] as [string, string, string, string, string];
  const made = (more: Record<string, string>, body?: string): Asked[3] => ({
    headers: { ...TUS, 'upload-length': '10', ...more },
    ...(body === undefined ? {} : { body }),
  });
  const wrong = { 'upload-checksum': 'sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=' };
  const means = (method: string): Record<string, string> => ({ ...TUS, 'x-http-method-override': method });
  return [
    [create, '/v1/uploads', 201, made({})],
    [create, '/v1/uploads', 201, made(OCTETS, '12345')],
    [create, '/v1/uploads', 201, made(OCTETS, '1234567890')],
    [create, '/v1/uploads', 400, made({ 'upload-length': '0' })],
    [create, '/v1/uploads', 412, made({ 'tus-resumable': '0.2.2' })],
    [create, '/v1/uploads', 413, made({ 'upload-length': '99999999999999' })],
    [create, '/v1/uploads', 460, made({ ...OCTETS, ...wrong }, '12345')],
    [create, '/v1/uploads', 501, made({ 'upload-concat': 'partial' })],
    [ask, one, 200, { headers: TUS }],
    [ask, foreign, 403, { headers: TUS }],
    [ask, old, 410, { headers: TUS }],
    [ask, '/v1/uploads/nosuch', 404, { headers: TUS }],
    [ask, one, 412],
    [send, one, 204, { headers: at(0), body: '12345' }],
    [send, one, 400, { headers: at(5, { 'upload-checksum': 'crc32 AAAA' }), body: '1' }],
    [send, one, 409, { headers: at(0), body: '12345' }],
    [send, one, 413, { headers: at(5), body: '123456' }],
    [send, one, 415, { headers: at(5, { 'content-type': 'text/plain' }), body: '1' }],
    [send, one, 460, { headers: at(5, wrong), body: '12345' }],
    [send, old, 410, { headers: at(0), body: '1' }],
    [send, foreign, 403, { headers: at(0), body: '1' }],
    [send, one, 412, { headers: { ...at(5), 'tus-resumable': '0.2.2' }, body: '1' }],
    [send, one, 204, { headers: at(5), body: '67890' }],
    [remove, two, 204, { headers: TUS }],
    [remove, two, 404, { headers: TUS }],
    [remove, finished, 409, { headers: TUS }],
    [other, three, 200, { headers: means('HEAD') }],
    [other, three, 204, { headers: { ...at(0), ...means('PATCH') }, body: '12345' }],
    [other, three, 204, { headers: means('DELETE') }],
    [other, one, 201, made({})],
    [other, one, 400, { headers: means('TRACE') }],
    ['options /v1/uploads', '/v1/uploads', 204],
    ['options /v1/uploads/{id}', one, 204],
  ];
}

describe('a file that cannot be read', () => {
  it('is told so in an answer that is not kept, and that the document knows', async () => {
    const { secret } = await api.token('admin');
    const { done } = await titlesOf(secret);
    const open = vi.spyOn(api.store, 'open');
    open.mockRejectedValueOnce(new HullcastError('STORE_UNREACHABLE', 'away', { transient: true }));
    const response = await api.call('GET', `/v1/titles/${done}/files/manifest.mpd`, secret);
    open.mockRestore();
    expect([response.status, response.headers.get('etag')]).toEqual([503, null]);
    await answerCheck(document)('get /v1/titles/{id}/files/{*}', response);
  });
});

describe('descriptions', () => {
  it('are those of the schemas, of parameters and of fields', () => {
    const described = (name: string): string | undefined =>
      document.paths['/v1/titles']!['get']!.parameters?.find((one) => one.name === name)?.description;
    expect(described('state')).toBe('repeat it for several');
    expect(described('cursor')).toBe('`next` of the page before');
    expect(document.components.schemas['Overview']).toMatchObject({
      properties: { failures: { type: 'array', description: 'the newest first, at most 50' } },
    });
  });
});

describe('what the application answers', () => {
  it('is what the document says, of each success at least', async () => {
    const { secret } = await api.token('admin');
    const check = answerCheck(document);
    const asked = [
      ...(await titleRequests(secret)),
      ...(await uploadRequests(secret)),
      ...(await tokenRequests()),
    ];
    for (const [name, path, status, options] of asked) {
      const response = await api.call(name.split(' ')[0]!.toUpperCase(), path, secret, options);
      expect(response.status, `${name} ${path} ${JSON.stringify(options)}`).toBe(status);
      await check(name, response);
    }
    const seen = new Set(asked.map(([name, , status]) => `${name} ${status}`));
    const successes = operations(document).flatMap(([name, { responses }]) =>
      Object.keys(responses)
        .filter((status) => Number(status) < 400)
        .map((status) => `${name} ${status}`),
    );
    expect(successes.filter((one) => !seen.has(one))).toEqual([]);
  });
});
