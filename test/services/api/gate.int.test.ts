import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { digestOf, makeToken } from '../../../src/services/tokens/index.js';
import { type Problem, tokenSchema } from '../../../src/services/api/index.js';
import { type TestApi, problemOf, startApi } from './support.js';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({
    trustedProxies: ['127.0.0.1'],
    corsOrigins: ['https://dash.example'],
    limits: {
      failuresPerMinute: 4,
      tokenPerMinute: 40,
      addressPerMinute: 60,
      bodyBytes: 2000,
      requestSeconds: 1,
    },
  });
});
afterAll(() => api.close());

let addresses = 0;
/** An address of which nothing has come yet. */
const newAddress = (): string => `198.51.100.${++addresses}`;
const from = (address: string): Record<string, string> => ({ 'x-forwarded-for': address });
const get = (
  path: string,
  secret?: string,
  headers: Record<string, string> = from(newAddress()),
): Promise<Response> => api.call('GET', path, secret, { headers });

describe('tokens', () => {
  it.each([
    undefined,
    '',
    'Basic YTpi',
    'Bearer',
    'Bearer ',
    'Bearer a b',
    'Bearer é',
    `Bearer ${'a'.repeat(600)}`,
  ])('are needed: %j', async (authorization) => {
    const headers = { ...from(newAddress()), ...(authorization === undefined ? {} : { authorization }) };
    const response = await api.call('GET', '/v1/titles', undefined, {
      headers: Object.fromEntries(
        Object.entries(headers).map(([name, value]) => [name, Buffer.from(value, 'utf8').toString('latin1')]),
      ),
    });
    expect(response.headers.get('www-authenticate')).toBe('Bearer realm="hullcast"');
    expect(await problemOf(response)).toMatchObject({ status: 401, code: 'AUTH_REQUIRED' });
  });

  it('are refused when they are unknown, revoked or expired, and say so', async () => {
    const revoked = await api.token('admin');
    await api.db.tokens.revoke(revoked.id);
    const late = makeToken();
    await api.db.tokens.create({
      ...{ id: late.id, name: 'late', scopes: ['admin'], digest: late.digest },
      expiresAt: new Date(Date.now() - 1000).toISOString(),
    });
    for (const [secret, code] of [
      ['unknown', 'TOKEN_INVALID'],
      [revoked.secret, 'TOKEN_REVOKED'],
      [late.secret, 'TOKEN_EXPIRED'],
      [makeToken().secret, 'TOKEN_INVALID'],
    ] as const) {
      const response = await get('/v1/titles', secret);
      expect(response.headers.get('www-authenticate')).toContain('error="invalid_token"');
      expect(await problemOf(response)).toMatchObject({ status: 401, code });
    }
  });

  it('may do what their scopes include, and no more', async () => {
    const secrets = {
      read: (await api.token('read')).secret,
      submit: (await api.token('submit')).secret,
      admin: (await api.token('admin')).secret,
    };
    const may = async (scope: keyof typeof secrets, method: string, path: string): Promise<boolean> => {
      const response = await api.call(method, path, secrets[scope], { headers: from(newAddress()) });
      if (response.status !== 403) return true;
      expect(response.headers.get('www-authenticate')).toContain('error="insufficient_scope"');
      expect((await problemOf(response)).code).toBe('SCOPE_MISSING');
      return false;
    };
    const all = async (method: string, path: string): Promise<boolean[]> => [
      await may('read', method, path),
      await may('submit', method, path),
      await may('admin', method, path),
    ];
    for (const path of ['/v1/titles', '/v1/overview', '/v1/token', '/v1/titles/x', '/v1/titles/x/deliveries'])
      expect(await all('GET', path), path).toEqual([true, true, true]);
    for (const path of ['/v1/titles', '/v1/titles/x/cancel', '/v1/titles/x/retry', '/v1/deliveries/1/replay'])
      expect(await all('POST', path), path).toEqual([false, true, true]);
    expect(await all('DELETE', '/v1/titles/x')).toEqual([false, true, true]);
    for (const [method, path] of [
      ['GET', '/v1/tokens'],
      ['POST', '/v1/tokens'],
      ['DELETE', '/v1/tokens/x'],
    ] as const)
      expect(await all(method, path), path).toEqual([false, false, true]);
  });

  it('are made by administrators, told once, kept as digests, and revoked', async () => {
    const admin = await api.token('admin');
    const made = await api.call('POST', '/v1/tokens', admin.secret, {
      body: { name: 'newsroom', scopes: ['submit', 'submit'] },
      headers: from(newAddress()),
    });
    expect(made.status).toBe(201);
    expect(made.headers.get('cache-control')).toBe('no-store');
    const { secret, ...token } = (await made.json()) as { secret: string; id: string };
    expect(tokenSchema.parse(token)).toMatchObject({ name: 'newsroom', scopes: ['submit'] });
    expect((await get('/v1/titles', secret)).status).toBe(200);
    const listed = await (await get('/v1/tokens', admin.secret)).text();
    expect(listed).toContain(token.id);
    expect(listed + JSON.stringify(api.log)).not.toContain(secret);
    expect(listed).not.toContain(digestOf(secret));
    const revoke = (): Promise<Response> =>
      api.call('DELETE', `/v1/tokens/${token.id}`, admin.secret, { headers: from(newAddress()) });
    expect((await revoke()).status).toBe(204);
    expect((await problemOf(await get('/v1/titles', secret))).code).toBe('TOKEN_REVOKED');
    const unknown = await api.call('DELETE', '/v1/tokens/nosuch', admin.secret, {
      headers: from(newAddress()),
    });
    expect(await problemOf(unknown)).toMatchObject({ status: 404, code: 'TOKEN_NOT_FOUND' });
  });

  it('cannot be made without a scope or for the past', async () => {
    const admin = await api.token('admin');
    for (const body of [
      { name: 'a', scopes: [] },
      { name: 'a', scopes: ['root'] },
      { name: '', scopes: ['read'] },
      { name: 'a', scopes: ['read'], expiresAt: '2020-01-01T00:00:00Z' },
      { name: 'a', scopes: ['read'], expiresAt: 'tomorrow' },
    ]) {
      const response = await api.call('POST', '/v1/tokens', admin.secret, {
        body,
        headers: from(newAddress()),
      });
      expect((await problemOf(response)).code, JSON.stringify(body)).toBe('REQUEST_INVALID');
    }
  });
});

describe('rate limits', () => {
  it('stop an address that tries wrong tokens, before any is looked at', async () => {
    const { secret } = await api.token('read');
    const address = newAddress();
    for (let i = 0; i < 4; i++)
      expect((await get('/v1/titles', `wrong-${i}`, from(address))).status).toBe(401);
    for (const tried of ['wrong', secret, undefined]) {
      const response = await get('/v1/titles', tried, from(address));
      const wait = Number(response.headers.get('retry-after'));
      expect(wait).toBeGreaterThan(0);
      expect(wait).toBeLessThanOrEqual(60);
      expect(await problemOf(response)).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    }
    expect((await get('/v1/titles', secret)).status).toBe(200);
  });

  it('do not count requests without a token as tries of one', async () => {
    const { secret } = await api.token('read');
    const address = newAddress();
    for (let i = 0; i < 10; i++) expect((await get('/v1/titles', undefined, from(address))).status).toBe(401);
    expect((await get('/v1/titles', secret, from(address))).status).toBe(200);
  });

  it('do not count an outage of the database as a wrong token', async () => {
    const { secret } = await api.token('read');
    const address = newAddress();
    const find = api.db.tokens.find.bind(api.db.tokens);
    api.db.tokens.find = () => Promise.reject(new Error('no answer'));
    for (let i = 0; i < 6; i++) expect((await get('/v1/titles', secret, from(address))).status).toBe(500);
    api.db.tokens.find = find;
    expect((await get('/v1/titles', secret, from(address))).status).toBe(200);
  });

  it('count a token wherever it comes from, and others apart', async () => {
    const [busy, idle] = [await api.token('read'), await api.token('read')];
    const statuses: number[] = [];
    for (let i = 0; i < 42; i++) statuses.push((await get('/v1/token', busy.secret)).status);
    expect(statuses).toEqual([...Array<number>(40).fill(200), 429, 429]);
    expect((await get('/v1/token', idle.secret)).status).toBe(200);
  });

  it('count an address whatever it asks for, IPv6 by its network', async () => {
    const statuses: number[] = [];
    for (let i = 0; i < 62; i++)
      statuses.push((await get('/v1/nosuch', undefined, from(`2a00:1:2:3::${i}`))).status);
    expect(statuses).toEqual([...Array<number>(60).fill(404), 429, 429]);
    expect((await get('/v1/nosuch', undefined, from('2a00:1:2:4::1'))).status).toBe(404);
  });
});

describe('pages of other origins', () => {
  const preflight = (origin: string): Promise<Response> =>
    api.call('OPTIONS', '/v1/titles', undefined, {
      headers: { origin, 'access-control-request-method': 'POST', ...from(newAddress()) },
    });

  it('may use the API where they are allowed', async () => {
    const answer = await preflight('https://dash.example');
    expect(answer.status).toBe(204);
    expect(answer.headers.get('access-control-allow-origin')).toBe('https://dash.example');
    expect(answer.headers.get('access-control-allow-headers')).toContain('Authorization');
    expect(answer.headers.get('access-control-allow-credentials')).toBeNull();
    const { secret } = await api.token('read');
    const response = await get('/v1/titles', secret, {
      origin: 'https://dash.example',
      ...from(newAddress()),
    });
    expect(response.headers.get('access-control-allow-origin')).toBe('https://dash.example');
    expect(response.headers.get('vary')).toContain('Origin');
    const refused = await get('/v1/titles', undefined, {
      origin: 'https://dash.example',
      ...from(newAddress()),
    });
    expect(refused.headers.get('access-control-allow-origin')).toBe('https://dash.example');
  });

  it('may not elsewhere', async () => {
    const answer = await preflight('https://evil.example');
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    expect(answer.headers.get('access-control-allow-methods')).toBeNull();
  });
});

/** Sends bytes on a bare socket; gives everything that comes back until it is closed. */
function raw(text: string, { keepOpen = false } = {}): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    let answer = '';
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (answer += chunk));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
    if (keepOpen) socket.write(text);
    else socket.end(text);
  });
}

function problemIn(answer: string): Problem & { head: string } {
  const [head = '', body = ''] = answer.split('\r\n\r\n');
  expect(head.toLowerCase()).toContain('content-type: application/problem+json');
  return { head, ...(JSON.parse(body) as Problem) };
}

describe('every failure is a problem', () => {
  it.each(['/', '/nosuch', '/v1', '/v1/', '/v1/nosuch', '/v1/titles/a/b/c', '/%2e%2e/x'])(
    'no such path: %s',
    async (path) => {
      const { secret } = await api.token('read');
      const problem = await problemOf(await get(path, secret));
      expect(problem).toMatchObject({
        ...{ status: 404, code: 'ROUTE_NOT_FOUND', type: 'https://hullcast.dev/problems/ROUTE_NOT_FOUND' },
      });
    },
  );

  it('another method', async () => {
    const { secret } = await api.token('read');
    const response = await api.call('PUT', '/v1/titles', secret, { headers: from(newAddress()) });
    expect((await problemOf(response)).code).toBe('ROUTE_NOT_FOUND');
  });

  it.each([
    ['{', 'JSON_MALFORMED', 400],
    ['', 'JSON_MALFORMED', 400],
    ['{"a":1}x', 'JSON_MALFORMED', 400],
    ['{"__proto__":{"a":1}}', 'JSON_MALFORMED', 400],
    [`{"name":"${'x'.repeat(3000)}"}`, 'BODY_TOO_LARGE', 413],
  ])('a body that is %j', async (body, code, status) => {
    const { secret } = await api.token('submit');
    const response = await api.call('POST', '/v1/titles', secret, { body, headers: from(newAddress()) });
    expect(await problemOf(response)).toMatchObject({ status, code });
  });

  it('a body of another type, and none', async () => {
    const { secret } = await api.token('submit');
    const send = (headers: Record<string, string>, body?: string): Promise<Response> =>
      fetch(`${api.url}/v1/titles`, {
        ...{
          method: 'POST',
          headers: { authorization: `Bearer ${secret}`, ...from(newAddress()), ...headers },
        },
        ...(body === undefined ? {} : { body }),
      });
    expect(await problemOf(await send({ 'content-type': 'text/xml' }, '<a/>'))).toMatchObject({
      ...{ status: 415, code: 'MEDIA_TYPE' },
    });
    expect((await problemOf(await send({}))).code).toBe('REQUEST_INVALID');
  });

  it('something inside that nobody thought of: its words stay inside', async () => {
    const { secret } = await api.token('read');
    const list = api.db.titles.list.bind(api.db.titles);
    api.db.titles.list = () => Promise.reject(new Error('password=hunter2 at /srv/secret'));
    const response = await get('/v1/titles', secret);
    api.db.titles.list = list;
    const text = await response.clone().text();
    expect(text).not.toMatch(/hunter2|srv|at /);
    const problem = await problemOf(response);
    expect(problem).toMatchObject({ status: 500, code: 'INTERNAL' });
    const line = api.log.find(({ errorId }) => errorId === problem.errorId);
    expect(JSON.stringify(line)).toContain('hunter2');
  });

  it('no HTTP at all', async () => {
    for (const text of ['nonsense\r\n\r\n', 'GET / HTTP/9.9\r\n\r\n', 'GET /a b HTTP/1.1\r\n\r\n']) {
      const problem = problemIn(await raw(text));
      expect(problem).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
      expect(problem.head).toMatch(/^HTTP\/1\.1 400 /);
    }
  });

  it('a URL that cannot be decoded', async () => {
    const problem = problemIn(
      await raw('GET /v1/titles/%zz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
    );
    expect(problem).toMatchObject({ status: 400, code: 'REQUEST_INVALID' });
  });

  it('headers without end', async () => {
    const problem = problemIn(await raw(`GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`));
    expect(problem).toMatchObject({ status: 431, code: 'HEADERS_TOO_LARGE' });
  });

  it('headers that do not come', async () => {
    const problem = problemIn(await raw('GET / HTTP/1.1\r\nHost: a\r\n', { keepOpen: true }));
    expect(problem).toMatchObject({ status: 408, code: 'REQUEST_TIMEOUT' });
  });

  it('a body that does not come', async () => {
    const { secret } = await api.token('submit');
    const text =
      'POST /v1/titles HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nContent-Length: 50\r\n' +
      `Authorization: Bearer ${secret}\r\nX-Forwarded-For: ${newAddress()}\r\nConnection: close\r\n\r\n{"a":`;
    const problem = problemIn(await raw(text, { keepOpen: true }));
    expect(problem).toMatchObject({ status: 408, code: 'REQUEST_TIMEOUT' });
  });
});

describe('answers', () => {
  it('are not to be guessed at', async () => {
    const response = await get('/v1/nosuch');
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
  });
});

describe('closing', () => {
  it('does not wait for ever for a download that nobody takes', async () => {
    const other = await startApi({ db: api.db, limits: { requestSeconds: 1 } });
    // Larger than what the sockets of both sides hold.
    const socket = connect(Number(new URL(other.url).port), '127.0.0.1');
    socket.on('error', () => undefined);
    socket.write('GET /docs/static/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n\r\n'.repeat(20));
    socket.pause();
    await sleep(300);
    const begun = Date.now();
    await other.close();
    expect(Date.now() - begun).toBeGreaterThan(500);
    expect(Date.now() - begun).toBeLessThan(10_000);
    socket.destroy();
  });

  it('ends the requests under way, and answers late ones', async () => {
    const other = await startApi({ db: api.db });
    const { secret } = await other.token('read');
    const list = api.db.titles.list.bind(api.db.titles);
    other.db.titles.list = async (filter) => {
      await sleep(300);
      return list(filter);
    };
    const slow = other.call('GET', '/v1/titles', secret);
    await sleep(50);
    // On a connection that is open already, a request that comes while the server closes.
    const agent = await keptOpen(other.url);
    const closed = other.close();
    await sleep(20);
    const late = await agent.get('/v1/nosuch');
    expect(late.status).toBe(503);
    expect(late.type).toBe('application/problem+json');
    expect(JSON.parse(late.body)).toMatchObject({ code: 'SHUTTING_DOWN' });
    expect((await slow).status).toBe(200);
    api.db.titles.list = list;
    await closed;
  });
});

/** A connection on which a request is under way, so that it is not idle, and a second one can follow. */
async function keptOpen(
  url: string,
): Promise<{ get(path: string): Promise<{ status: number; type: string | undefined; body: string }> }> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  await new Promise<void>((resolve) => socket.once('connect', resolve));
  // Begun and not ended: to the server this connection is in use.
  socket.write('GET /v1/nosuch HTTP/1.1\r\n');
  await sleep(50);
  return {
    get: () =>
      new Promise((resolve) => {
        let text = '';
        socket.setEncoding('utf8');
        socket.on('data', (chunk: string) => (text += chunk));
        socket.on('close', () => {
          const [head = '', body = ''] = text.split('\r\n\r\n');
          resolve({
            status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1]),
            type: /content-type: (\S+)/i.exec(head)?.[1],
            body,
          });
        });
        socket.write('Host: a\r\n\r\n');
      }),
  };
}
