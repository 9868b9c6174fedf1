import { once } from 'node:events';
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { KEY_LABELS, parsePolicy } from '../../../src/services/license/policy.js';
import { parseUpstreams } from '../../../src/services/license/upstreams.js';
import { problemOf } from '../api/support.js';
import {
  DEVICE,
  FILM,
  KIDS,
  type LicenseServer,
  type UpstreamServer,
  keysIn,
  secretsOf,
  startLicenses,
  startUpstream,
  titleOf,
} from './support.js';

describe('licences of other servers', () => {
  const SECRET = 'upstream-secret-0123456789';
  let upstream: UpstreamServer;
  let server: LicenseServer;
  beforeAll(async () => {
    upstream = await startUpstream();
  });
  afterAll(() => upstream.close());
  beforeEach(async () => {
    upstream.received.length = 0;
    upstream.answer = (response) =>
      response.setHeader('content-type', 'application/x-licence').end('licence');
    const base = `http://127.0.0.1:${upstream.port}`;
    server = await startLicenses({
      policy: parsePolicy('retrySeconds: 0', 'p'),
      upstreams: parseUpstreams(
        [
          `widevine: { url: "${base}/wv?key=${SECRET}", headers: { X-Api-Key: ${SECRET}, X-Policy: "{policy}" }, timeoutSeconds: 0.5 }`,
          `playready: { url: "${base}/pr" }`,
          `fairplay: { url: "${base}/fps", body: '{"spc":{challenge},"policy":{policy}}', certificateUrl: "${base}/cert?key=${SECRET}" }`,
        ].join('\n'),
        'u',
      ),
    });
    server.titles.set('film', FILM);
  });
  afterEach(async () => {
    for (const text of [...server.log, ...server.answers])
      for (const secret of [SECRET, ...secretsOf(server)]) expect(text.includes(secret), text).toBe(false);
    await server.close();
  });

  it('come from there, with the bytes of both sides as they are', async () => {
    const challenge = Buffer.from([0x08, 0x01, 0x12, 0xff, 0x00]);
    upstream.answer = (response) =>
      response
        .setHeader('content-type', 'application/x-licence')
        .setHeader('x-inside', SECRET)
        .end(Buffer.from([0, 255, 7]));
    const token = await server.token({ session: 's-1', security: 'hardware', hdcp: '1.4' });
    const response = await server.ask('widevine', { token, body: challenge, headers: { cookie: 'a=b' } });
    expect(response.status).toBe(200);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(Buffer.from([0, 255, 7]));
    expect(response.headers.get('content-type')).toBe('application/x-licence');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-security-policy')).toContain('sandbox');
    expect(response.headers.get('x-inside')).toBeNull();
    const [received] = upstream.received;
    expect(received).toMatchObject({ method: 'POST', path: `/wv?key=${SECRET}`, body: challenge });
    const { 'x-policy': policy, ...headers } = received!.headers;
    expect(Object.keys(headers).sort()).toEqual([
      ...['accept-encoding', 'connection', 'content-length', 'content-type', 'host', 'x-api-key'],
    ]);
    expect(headers).toMatchObject({ 'x-api-key': SECRET, 'content-type': 'application/octet-stream' });
    expect(JSON.parse(policy as string)).toEqual({
      ...{
        title: 'film',
        contentId: 'content-film',
        session: 's-1',
        persistent: false,
        licenseSeconds: 43_200,
      },
      device: createHash('sha256').update(DEVICE).digest('base64url'),
      keys: [
        { kid: KIDS[0], label: 'SD', security: 'software', hdcp: 'none' },
        { kid: KIDS[1], label: 'HD', security: 'software', hdcp: '1.4' },
        { kid: KIDS[3], label: 'AUDIO', security: 'software', hdcp: 'none' },
        { kid: KIDS[4], label: 'ALL', security: 'software', hdcp: '1.4' },
      ],
    });
    expect(server.keys.requests).toEqual([]);
    expect(server.outcomes).toEqual([['widevine', 'granted']]);
  });

  it('are asked for as each system does', async () => {
    const action = '"http://schemas.microsoft.com/DRM/2007/03/protocols/AcquireLicense"';
    await server.ask('playready', {
      ...{ token: await server.token(), body: '<soap/>' },
      headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: action },
    });
    await server.ask('fairplay', { token: await server.token(), body: 'spc' });
    expect(upstream.received).toMatchObject([
      { path: '/pr', headers: { 'content-type': 'text/xml; charset=utf-8', soapaction: action } },
      { path: '/fps', headers: { 'content-type': 'application/json' } },
    ]);
    const body = JSON.parse(upstream.received[1]!.body.toString()) as { spc: string; policy: object };
    expect(Buffer.from(body.spc, 'base64').toString()).toBe('spc');
    expect(body.policy).toMatchObject({ contentId: 'content-film' });
  });

  it('need a token as others do, and are not asked for without', async () => {
    server.titles.set('clear', titleOf('clear', KEY_LABELS, ['clearkey']));
    server.titles.set('uhd', titleOf('uhd', ['UHD'], ['widevine']));
    const token = await server.token();
    const cases: [Parameters<LicenseServer['ask']>[1], string][] = [
      [{}, 'LICENSE_TOKEN_MISSING'],
      [{ token: 'x' }, 'LICENSE_TOKEN_INVALID'],
      [{ token, device: 'other' }, 'LICENSE_WRONG_DEVICE'],
      [{ token, query: '?title=uhd' }, 'LICENSE_WRONG_TITLE'],
      [{ token: await server.token({ title: 'clear' }) }, 'LICENSE_SYSTEM'],
      [{ token: await server.token({ title: 'uhd' }) }, 'LICENSE_REFUSED'],
      [{ token, body: '' }, 'LICENSE_REQUEST'],
    ];
    for (const [options, code] of cases)
      expect((await problemOf(await server.ask('widevine', { body: 'c', ...options }))).code).toBe(code);
    expect(upstream.received).toEqual([]);
  });

  it('are given for as many different requests as the title has keys, none of them twice', async () => {
    const token = await server.token();
    const ask = async (body: string | Uint8Array) => (await server.ask('widevine', { token, body })).status;
    const certificate = Uint8Array.of(8, 4);
    expect([await ask(certificate), await ask(certificate)]).toEqual([200, 200]);
    for (const { kid } of FILM.keys) expect(await ask(kid)).toBe(200);
    expect([await ask(FILM.keys[0]!.kid), await ask('another')]).toEqual([403, 403]);
    expect(await ask(certificate)).toBe(200);
    expect(upstream.received).toHaveLength(3 + FILM.keys.length);
    expect(server.outcomes.filter(([, outcome]) => outcome === 'replayed')).toHaveLength(2);
  });

  it.each<[string, UpstreamServer['answer'], string]>([
    ['an error', (response) => void response.writeHead(500).end(SECRET), 'it answers with 500'],
    ['a refusal', (response) => void response.writeHead(403).end(SECRET), 'it answers with 403'],
    [
      'a redirect',
      (response) =>
        void response.writeHead(302, { location: `http://127.0.0.1:${upstream.port}/else` }).end(),
      'it answers with 302',
    ],
    ['nothing', (response) => void response.end(), 'its answer is empty'],
    ['silence', () => undefined, 'no whole answer within 0.5 s'],
    ['a part', (response) => void response.writeHead(200).write('licen'), 'no whole answer within 0.5 s'],
    ['a broken connection', (response) => void response.socket?.destroy(), 'socket hang up'],
    ['too much', (response) => void response.end(Buffer.alloc(2 ** 20 + 1)), 'more than 1048576 bytes'],
    [
      'something compressed',
      (response) => void response.setHeader('content-encoding', 'gzip').end('x'),
      'is compressed',
    ],
  ])('fail when the server gives %s', async (_what, answer, why) => {
    upstream.answer = answer;
    const response = await server.ask('widevine', { token: await server.token(), body: 'c' });
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status: 502, code: 'LICENSE_UPSTREAM' });
    expect(problem.detail).toBe('the licence server for widevine gave no licence');
    expect(server.log.join('')).toContain(why);
    expect(upstream.received).toHaveLength(1);
    expect(server.outcomes).toEqual([['widevine', 'upstream']]);
  });

  it('fail when the server is not there, or is not who it should be', async () => {
    const gone = await startUpstream();
    await gone.close();
    const plain = await startLicenses({
      upstreams: parseUpstreams(
        `widevine: { url: "http://127.0.0.1:${gone.port}/" }\nplayready: { url: "https://127.0.0.1:${upstream.port}/" }`,
        'u',
      ),
    });
    plain.titles.set('film', FILM);
    try {
      for (const system of ['widevine', 'playready']) {
        const response = await plain.ask(system, { token: await plain.token(), body: 'c' });
        expect(await problemOf(response)).toMatchObject({ status: 502, code: 'LICENSE_UPSTREAM' });
      }
      const none = await plain.ask('fairplay', { token: await plain.token(), body: 'c' });
      expect(await problemOf(none)).toMatchObject({ status: 404, code: 'LICENSE_SYSTEM' });
      expect(upstream.received).toEqual([]);
    } finally {
      await plain.close();
    }
  });

  it('fail when the server wants to speak another protocol', async () => {
    upstream.answer = (response) => {
      response.socket?.end('HTTP/1.1 101 X\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n');
    };
    const plain = await startLicenses({
      upstreams: parseUpstreams(`widevine: { url: "http://127.0.0.1:${upstream.port}/" }`, 'u'),
    });
    plain.titles.set('film', FILM);
    try {
      const response = await plain.ask('widevine', { token: await plain.token(), body: 'c' });
      expect(await problemOf(response)).toMatchObject({ status: 502, code: 'LICENSE_UPSTREAM' });
    } finally {
      await plain.close();
    }
  });

  it('are given up when the player has gone away', async () => {
    const closed = new Promise<void>((resolve) => {
      upstream.answer = (response) => void response.once('close', resolve);
    });
    const slow = await startLicenses({
      upstreams: parseUpstreams(
        `widevine: { url: "http://127.0.0.1:${upstream.port}/", timeoutSeconds: 25 }`,
        'u',
      ),
    });
    slow.titles.set('film', FILM);
    try {
      const token = await slow.token();
      const request = httpRequest(`${slow.url}/license/widevine`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'x-license-device': DEVICE, 'content-length': '1' },
      });
      request.on('error', () => undefined); // it is broken off on purpose
      request.end('c');
      await expect.poll(() => upstream.received.length, { timeout: 10_000 }).toBe(1);
      request.destroy();
      await closed;
    } finally {
      await slow.close();
    }
  });

  it('have FairPlay’s certificate for everybody, fetched once', async () => {
    upstream.answer = (response) => void response.end(Buffer.from([0x30, 0x82]));
    const get = () => fetch(`${server.url}/license/fairplay/certificate`);
    const answers = await Promise.all([get(), get(), get()]);
    for (const answer of [...answers, await get()]) {
      expect(answer.status).toBe(200);
      expect(answer.headers.get('content-type')).toBe('application/pkix-cert');
      expect(answer.headers.get('cache-control')).toBe('public, max-age=300');
      expect(Buffer.from(await answer.arrayBuffer())).toEqual(Buffer.from([0x30, 0x82]));
    }
    expect(upstream.received).toMatchObject([{ method: 'GET', path: `/cert?key=${SECRET}` }]);
  });

  it('ask again for a certificate that could not be had', async () => {
    const get = () => fetch(`${server.url}/license/fairplay/certificate`);
    upstream.answer = (response) => void response.writeHead(503).end();
    const failed = await get();
    expect(failed.headers.get('cache-control')).toBe('no-store');
    expect(await problemOf(failed)).toMatchObject({ status: 502, code: 'LICENSE_UPSTREAM' });
    upstream.answer = (response) => void response.end('certificate');
    expect(await (await get()).text()).toBe('certificate');
  });
});

it('a request that is broken off before its body has come changes nothing', async () => {
  const server = await startLicenses();
  server.titles.set('film', FILM);
  try {
    const request = httpRequest(`${server.url}/license/clearkey`, {
      method: 'POST',
      headers: { authorization: `Bearer ${await server.token()}`, 'content-length': '1000' },
    });
    request.on('error', () => undefined); // it is broken off on purpose
    request.write('{"kids"');
    await once(request, 'socket');
    request.destroy();
    await keysIn(await server.clearKey([KIDS[0]!], { token: await server.token() }));
    expect(server.keys.requests).toHaveLength(1);
  } finally {
    await server.close();
  }
});
