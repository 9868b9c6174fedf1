import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { request as httpRequest } from 'node:http';
import { decodeJwt } from 'jose';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HullcastError } from '../../../src/errors.js';
import { KEY_LABELS, LOCAL_POLICY, parsePolicy } from '../../../src/services/license/policy.js';
import { localTokenKeys } from '../../../src/services/license/token-keys.js';
import { signLicenseToken } from '../../../src/services/license/token.js';
import { parseUpstreams } from '../../../src/services/license/upstreams.js';
import { memoryKeys } from '../../support/keys.js';
import { problemOf } from '../api/support.js';
import {
  DEVICE,
  type LicenseServer,
  type UpstreamServer,
  startLicenses,
  startUpstream,
  titleOf,
} from './support.js';

const ALL = [...KEY_LABELS];
const FILM = titleOf('film', ALL, ['clearkey', 'widevine', 'playready', 'fairplay']);
const KIDS = FILM.keys.map(({ kid }) => kid);

/** Key ids (hex) to keys (hex) of a ClearKey licence. */
async function keysIn(response: Response): Promise<Record<string, string>> {
  expect(response.status).toBe(200);
  const { keys, type } = (await response.json()) as { keys: Record<string, string>[]; type: string };
  expect(['temporary', 'persistent-license']).toContain(type);
  const hex = (text: string | undefined) => Buffer.from(text!, 'base64url').toString('hex');
  return Object.fromEntries(
    keys.map(({ kty, k, kid, ...more }) => {
      expect([kty, more]).toEqual(['oct', {}]);
      return [hex(kid), hex(k)];
    }),
  );
}

/** What must be nowhere in a log: tokens, their signatures, keys in every spelling. */
function secretsOf({ tokens, keys, titles }: LicenseServer): string[] {
  const all = [...titles.values()].flatMap((title) => title.keys.map(({ kid }) => keys.keyOf(kid)));
  return [
    ...tokens.flatMap((token) => [token, ...token.split('.').slice(1)]),
    ...all.flatMap((hex) => [
      hex,
      ...(['base64', 'base64url'] as const).map((to) => Buffer.from(hex, 'hex').toString(to)),
    ]),
  ];
}

describe('ClearKey licences', () => {
  let server: LicenseServer;
  beforeEach(async () => {
    server = await startLicenses();
    server.titles.set('film', FILM);
  });
  afterEach(async () => {
    const log = server.log.join('');
    for (const secret of secretsOf(server)) expect(log.includes(secret), 'a secret in the log').toBe(false);
    expect(log).not.toContain(DEVICE);
    await server.close();
  });

  it('hold the keys that were asked for, for the holder of a token', async () => {
    const token = await server.token({ session: 's-1' });
    const response = await server.clearKey([KIDS[2]!, KIDS[0]!], { token });
    expect(response.headers.get('content-type')).toMatch(/^application\/json/);
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await keysIn(response)).toEqual({
      [KIDS[2]!]: server.keys.keyOf(KIDS[2]!),
      [KIDS[0]!]: server.keys.keyOf(KIDS[0]!),
    });
    expect(server.keys.requests).toEqual([
      {
        ...{ contentId: 'content-film', scheme: 'cbcs', systems: FILM.systems },
        keys: [FILM.keys[2], FILM.keys[0]],
        use: { purpose: 'license', subject: 's-1' },
      },
    ]);
    expect(server.outcomes).toEqual([['clearkey', 'granted']]);
    const lines = server.log
      .map((line) => JSON.parse(line) as { license?: object })
      .filter((line) => line.license);
    expect(lines.map((line) => line.license)).toEqual([
      {
        ...{ system: 'clearkey', outcome: 'granted', title: 'film', session: 's-1', retry: false },
        ...{ jti: decodeJwt(token).jti, kids: [KIDS[2], KIDS[0]] },
      },
    ]);
  });

  it('hold keys of every key period of a title, also of several at once', async () => {
    const keys = FILM.keys.flatMap(({ kid, label }) => [
      { kid, label, period: 0 },
      { kid: kid.replace(/^../, 'ee'), label, period: 1 },
    ]);
    server.titles.set('film', { ...FILM, keys });
    const token = await server.token();
    const first = keys.filter(({ period }) => period === 0).map(({ kid }) => kid);
    expect(Object.keys(await keysIn(await server.clearKey(first, { token }))).sort()).toEqual(first.sort());
    const second = keys.filter(({ period }) => period === 1).map(({ kid }) => kid);
    // The same token is good for the keys that come later.
    expect(Object.keys(await keysIn(await server.clearKey(second, { token }))).sort()).toEqual(second.sort());
    const all = keys.map(({ kid }) => kid);
    const whole = await keysIn(await server.clearKey(all, { token: await server.token() }));
    expect(Object.keys(whole).sort()).toEqual(all.sort());
    expect(server.keys.requests.at(-1)!.keys).toEqual(keys);
  });

  it('are given to the token in either header, under any type of body, for the title that the URL may name', async () => {
    const headers = { 'x-license-token': await server.token() };
    expect(await keysIn(await server.clearKey([KIDS[0]!], { headers }))).toHaveProperty(KIDS[0]!);
    for (const type of ['text/plain', 'application/json', 'application/x-www-form-urlencoded'])
      await keysIn(
        await server.clearKey([KIDS[0]!], {
          ...{ token: await server.token(), headers: { 'content-type': type }, query: '?title=film' },
        }),
      );
  });

  it('are not given without a token', async () => {
    for (const headers of [
      {},
      { authorization: '' },
      { authorization: 'Bearer' },
      { authorization: `Basic ${await server.token()}` },
      { 'x-license-token': '' },
    ]) {
      const response = await server.clearKey([KIDS[0]!], { headers });
      expect(response.headers.get('www-authenticate')).toBe('Bearer realm="licenses"');
      expect(await problemOf(response)).toMatchObject({ status: 401, code: 'LICENSE_TOKEN_MISSING' });
    }
    const query = `?token=${await server.token()}&access_token=${await server.token()}`;
    expect((await problemOf(await server.clearKey([KIDS[0]!], { query }))).code).toBe(
      'LICENSE_TOKEN_MISSING',
    );
    expect(server.keys.requests).toEqual([]);
    expect(new Set(server.outcomes.map(([, outcome]) => outcome))).toEqual(new Set(['token']));
  });

  it('are not given to tokens that are wrong, expired, too early, of another device or title', async () => {
    const stranger = await signLicenseToken(
      localTokenKeys(),
      { title: 'film', device: DEVICE },
      LOCAL_POLICY.token,
    );
    const early = await signLicenseToken(
      ...([
        server.tokenKeys,
        { title: 'film', device: DEVICE },
        LOCAL_POLICY.token,
        Date.now() + 60_000,
      ] as const),
    );
    const late = await signLicenseToken(
      ...([
        server.tokenKeys,
        { title: 'film', device: DEVICE },
        LOCAL_POLICY.token,
        Date.now() - 700_000,
      ] as const),
    );
    server.tokens.push(stranger, early, late);
    server.titles.set('other', titleOf('other', ALL, ['clearkey']));
    server.titles.set('plain', { ...titleOf('plain', ALL, ['widevine']) });
    const good = await server.token();
    const cases: [Parameters<LicenseServer['clearKey']>[1], number, string][] = [
      [{ token: stranger }, 401, 'LICENSE_TOKEN_INVALID'],
      [{ token: `${good}x` }, 401, 'LICENSE_TOKEN_INVALID'],
      [{ token: early }, 401, 'LICENSE_TOKEN_INVALID'],
      [{ token: late }, 401, 'LICENSE_TOKEN_EXPIRED'],
      [{ token: good, device: 'device-of-somebody-else' }, 403, 'LICENSE_WRONG_DEVICE'],
      [{ token: good, device: '' }, 403, 'LICENSE_WRONG_DEVICE'],
      [{ token: good, query: '?title=other' }, 403, 'LICENSE_WRONG_TITLE'],
      [{ token: good, query: '?title=film&title=film' }, 403, 'LICENSE_WRONG_TITLE'],
      [{ token: await server.token({ title: 'other' }) }, 403, 'LICENSE_WRONG_TITLE'],
      [{ token: await server.token({ title: 'gone' }) }, 404, 'LICENSE_NO_TITLE'],
      [{ token: await server.token({ title: 'plain' }) }, 404, 'LICENSE_SYSTEM'],
    ];
    for (const [options, status, code] of cases) {
      const response = await server.clearKey([KIDS[0]!], options);
      const problem = await problemOf(response);
      expect(problem, code).toMatchObject({ status, code });
      expect(JSON.stringify(problem)).not.toContain(DEVICE);
      if (status === 401) expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
    expect(server.keys.requests).toEqual([]);
    // None of these used the good one.
    expect(
      await keysIn(await server.clearKey([KIDS[0]!], { token: good, query: '?title=film' })),
    ).toHaveProperty(KIDS[0]!);
  });

  it('are not given where one of the keys is of another title', async () => {
    server.titles.set('other', titleOf('other', ALL, ['clearkey']));
    const foreign = server.titles.get('other')!.keys[0]!.kid;
    const token = await server.token();
    const response = await server.clearKey([KIDS[0]!, foreign], { token });
    expect(await problemOf(response)).toMatchObject({ status: 403, code: 'LICENSE_WRONG_TITLE' });
    expect(server.keys.requests).toEqual([]);
  });

  it('are given once for each key of a token: again at once for who lost the answer, not later', async () => {
    const token = await server.token();
    const ask = (kids: string[]) => server.clearKey(kids, { token });
    const first = await keysIn(await ask([KIDS[0]!]));
    expect(await keysIn(await ask([KIDS[0]!]))).toEqual(first);
    await keysIn(await ask([KIDS[1]!, KIDS[2]!]));
    expect(server.log.filter((line) => line.includes('"retry":true'))).toHaveLength(1);

    const strict = await startLicenses({ policy: { ...LOCAL_POLICY, retrySeconds: 0 } });
    strict.titles.set('film', FILM);
    try {
      const used = await strict.token();
      await keysIn(await strict.clearKey([KIDS[0]!], { token: used }));
      for (const kids of [[KIDS[0]!], [KIDS[1]!, KIDS[0]!]]) {
        const response = await strict.clearKey(kids, { token: used });
        expect(await problemOf(response)).toMatchObject({ status: 403, code: 'LICENSE_TOKEN_REPLAYED' });
      }
      expect(strict.keys.requests).toHaveLength(1);
      await keysIn(await strict.clearKey([KIDS[1]!], { token: used }));
      await keysIn(await strict.clearKey([KIDS[0]!], { token: await strict.token() }));
      expect(strict.outcomes.map(([, outcome]) => outcome)).toEqual([
        ...['granted', 'replayed', 'replayed', 'granted', 'granted'],
      ]);
    } finally {
      await strict.close();
    }
  });

  it('end with the token, also for who has it already', async () => {
    const token = await server.token({ seconds: 60 });
    await keysIn(await server.clearKey([KIDS[0]!], { token }));
    server.later = 64;
    await keysIn(await server.clearKey([KIDS[1]!], { token }));
    server.later = 66;
    expect((await problemOf(await server.clearKey([KIDS[2]!], { token }))).code).toBe(
      'LICENSE_TOKEN_EXPIRED',
    );
  });

  it.each([
    ['', 'it is no JSON'],
    ['{}', 'kids'],
    ['{"kids":["x"],"type":"temporary"}', 'kids.0'],
  ])('are not given for what is no request: %j', async (body, why) => {
    const problem = await problemOf(await server.ask('clearkey', { token: await server.token(), body }));
    expect(problem).toMatchObject({ status: 400, code: 'LICENSE_REQUEST' });
    expect(problem.detail).toContain(why);
    expect(server.outcomes).toEqual([['clearkey', 'malformed']]);
  });

  it('are not given for bodies of any size', async () => {
    const response = await server.ask('clearkey', {
      ...{ token: await server.token(), body: `{"kids":[],"x":"${'y'.repeat(70_000)}"}` },
    });
    expect(await problemOf(response)).toMatchObject({ status: 413, code: 'BODY_TOO_LARGE' });
  });

  it('are not of what there is not: other paths, other methods', async () => {
    for (const [method, path] of [
      ['GET', '/license/clearkey'],
      ['POST', '/license/other'],
      ['POST', '/license'],
    ] as const) {
      const response = await fetch(server.url + path, { method });
      expect(await problemOf(response), path).toMatchObject({ status: 404, code: 'ROUTE_NOT_FOUND' });
    }
    const certificate = await fetch(`${server.url}/license/fairplay/certificate`);
    expect(await problemOf(certificate)).toMatchObject({ status: 404, code: 'LICENSE_SYSTEM' });
  });
});

describe('the policy', () => {
  it('withholds keys from a licence, and refuses one that would hold none', async () => {
    const server = await startLicenses({ policy: parsePolicy('clearkey: [SD, AUDIO]', 'p') });
    server.titles.set('film', FILM);
    try {
      const given = await keysIn(
        await server.clearKey(KIDS, { token: await server.token({ security: 'hardware', hdcp: '2.3' }) }),
      );
      expect(Object.keys(given)).toEqual([KIDS[0], KIDS[3]]);
      expect(server.keys.requests[0]?.keys).toEqual([FILM.keys[0], FILM.keys[3]]);
      const token = await server.token();
      const refused = await problemOf(await server.clearKey([KIDS[1]!, KIDS[2]!], { token }));
      expect(refused).toMatchObject({ status: 403, code: 'LICENSE_REFUSED' });
      expect(refused.detail).toContain('HD: ClearKey may not open it; UHD: ClearKey may not open it');
      const kept = await problemOf(await server.clearKey([KIDS[0]!], { token, type: 'persistent-license' }));
      expect(kept).toMatchObject({ status: 403, code: 'LICENSE_REFUSED' });
      // A refusal uses nothing up.
      await keysIn(await server.clearKey([KIDS[0]!], { token }));
      const over = await server.token({ until: Math.floor(Date.now() / 1000) });
      const late = await problemOf(await server.clearKey([KIDS[0]!], { token: over }));
      expect(late.detail).toContain('the time for licences is over');
    } finally {
      await server.close();
    }
  });

  it('may allow licences that are kept', async () => {
    const server = await startLicenses({ policy: parsePolicy('license: { persistent: true }', 'p') });
    server.titles.set('film', FILM);
    try {
      const response = await server.clearKey([KIDS[0]!], {
        ...{ token: await server.token(), type: 'persistent-license' },
      });
      expect(await response.json()).toMatchObject({ type: 'persistent-license' });
    } finally {
      await server.close();
    }
  });
});

describe('failures behind licences', () => {
  const down = new HullcastError('KEY_SERVICE_DOWN', 'https://keys.internal/secret does not answer', {
    transient: true,
  });

  it.each([
    [
      'the key service is down',
      { keys: { name: 'x', obtain: () => Promise.reject(down) } },
      503,
      'LICENSE_KEYS_DOWN',
    ],
    [
      'the key service refuses',
      {
        keys: { name: 'x', obtain: () => Promise.reject(new HullcastError('KEY_SERVICE_REFUSED', 'secret')) },
      },
      ...([500, 'INTERNAL'] as const),
    ],
    ['there is no key service', { keys: undefined }, 404, 'LICENSE_SYSTEM'],
    [
      'used tokens are not known',
      {
        uses: {
          use: () => Promise.reject(new HullcastError('LICENSE_UNAVAILABLE', 'secret', { transient: true })),
        },
      },
      ...([503, 'LICENSE_UNAVAILABLE'] as const),
    ],
    [
      'the store is away',
      {
        titleKeys: () =>
          Promise.reject(new HullcastError('STORE_UNREACHABLE', 'secret', { transient: true })),
      },
      ...([503, 'STORE_UNREACHABLE'] as const),
    ],
  ])('are told without the inside: %s', async (_what, deps, status, code) => {
    const keys = memoryKeys();
    const server = await startLicenses({ keys, ...deps });
    server.titles.set('film', FILM);
    try {
      const response = await server.clearKey([KIDS[0]!], { token: await server.token() });
      const problem = await problemOf(response);
      expect(problem).toMatchObject({ status, code });
      expect(JSON.stringify(problem)).not.toMatch(/secret|internal\//);
      if (status === 503) expect(Number(response.headers.get('retry-after'))).toBeGreaterThan(0);
      // Nothing was handed out, and the log says why.
      expect(keys.requests).toEqual([]);
      expect(server.log.join('')).toContain(`"code":"${code}"`);
      expect(server.outcomes).toEqual([['clearkey', status === 404 ? 'refused' : 'failed']]);
    } finally {
      await server.close();
    }
  });
});

describe('requests from many places', () => {
  it('are limited by address, wrong tokens more than others', async () => {
    const server = await startLicenses({ limits: { addressPerMinute: 12, failuresPerMinute: 3 } });
    server.titles.set('film', FILM);
    const token = await server.token();
    const from = (address: string) => ({ 'x-forwarded-for': address });
    try {
      const wrong: number[] = [];
      for (let i = 0; i < 3; i++)
        wrong.push(
          (await server.clearKey([KIDS[0]!], { token: `x${i}`, headers: from('198.51.100.1') })).status,
        );
      expect(wrong).toEqual([401, 401, 401]);
      const blocked = await server.clearKey([KIDS[0]!], { token, headers: from('198.51.100.1') });
      expect(Number(blocked.headers.get('retry-after'))).toBeGreaterThan(0);
      expect(await problemOf(blocked)).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
      const many: number[] = [];
      for (let i = 0; i < 13; i++)
        many.push((await server.clearKey([KIDS[0]!], { token, headers: from('198.51.100.2') })).status);
      expect(many).toEqual([...Array<number>(12).fill(200), 429]);
    } finally {
      await server.close();
    }
  });

  it('may come from pages of the origins that are allowed', async () => {
    const server = await startLicenses({ corsOrigins: ['https://player.example'] });
    server.titles.set('film', FILM);
    try {
      const preflight = (origin: string) =>
        fetch(`${server.url}/license/clearkey`, {
          method: 'OPTIONS',
          headers: { origin, 'access-control-request-method': 'POST' },
        });
      const allowed = await preflight('https://player.example');
      expect(allowed.status).toBe(204);
      expect(allowed.headers.get('access-control-allow-origin')).toBe('https://player.example');
      expect(allowed.headers.get('access-control-allow-methods')).toBe('GET, POST, OPTIONS');
      const sent = allowed.headers.get('access-control-allow-headers')!.toLowerCase().split(', ');
      expect(sent).toEqual(
        expect.arrayContaining([
          'authorization',
          'x-license-token',
          'x-license-device',
          'content-type',
          'soapaction',
        ]),
      );
      expect(allowed.headers.get('access-control-allow-credentials')).toBeNull();
      const other = await preflight('https://evil.example');
      expect(other.headers.get('access-control-allow-origin')).toBeNull();
      const headers = { origin: 'https://player.example' };
      for (const token of [await server.token(), undefined]) {
        const answer = await server.clearKey([KIDS[0]!], { token, headers });
        expect(answer.headers.get('access-control-allow-origin')).toBe('https://player.example');
        expect(answer.headers.get('vary')).toBe('Origin');
      }
    } finally {
      await server.close();
    }
  });
});

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
    server.titles.set('clear', titleOf('clear', ALL, ['clearkey']));
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
