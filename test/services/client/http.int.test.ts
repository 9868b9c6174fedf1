import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createClient } from '../../../src/services/client/index.js';
import { type Fault, type FakeServer, fakeServer, once, problem } from './fake-server.js';
import { connection, rejection } from './support.js';

let server: FakeServer;
beforeEach(async () => {
  server = await fakeServer();
});
afterEach(() => server.close());

const client = (more = {}) => createClient(connection(server.url, more));
const count = (request: string): number => server.requests.filter((one) => one === request).length;

const cut: Fault = (request) => {
  request.socket.destroy();
  return 'handled';
};
/** Lets the server do what was asked for, and then loses the answer. */
const loseAnswer: Fault = (request, response) => {
  response.end = () => {
    request.socket.destroy();
    return response;
  };
  return 'pass';
};

describe('calls', () => {
  it('give what the contract says', async () => {
    const title = server.add({ id: 'a/b', externalId: 'x' });
    server.add({ id: 'c', state: 'running' });
    expect(await client().title('a/b')).toEqual(title);
    expect(await client().titles({ limit: 1 })).toMatchObject({ titles: [{ id: 'c' }], next: '1' });
    expect(await client().titles({ limit: 1, cursor: '1' })).toEqual({ titles: [title], next: undefined });
    expect((await client().titles({ limit: 9, externalId: 'x' })).titles).toEqual([title]);
    const both = await client().titles({ limit: 9, states: ['running', 'queued'] });
    expect(both.titles.map(({ id }) => id)).toEqual(['c', 'a/b']);
    expect((await client().titles({ limit: 9, states: ['done'] })).titles).toEqual([]);
  });

  it('fail with the code of the server', async () => {
    const unknown = await rejection(client().title('none'));
    expect(unknown).toMatchObject({ code: 'TITLE_NOT_FOUND', exitCode: 2 });
    expect(unknown.message).toContain('error id e1d');
    const stranger = await rejection(client({ token: 'wrong' }).title('none'));
    expect(stranger).toMatchObject({ code: 'TOKEN_INVALID', exitCode: 2, hint: 'Ask for one.' });
    expect(await rejection(client({ token: undefined }).title('none'))).toMatchObject({
      code: 'TOKEN_INVALID',
    });
    // What is wrong with a request stays wrong: it was sent once.
    expect(count('GET /v1/titles/none')).toBe(3);
  });

  it.each([
    ['no JSON', '<html>', 'it is no JSON'],
    ['another thing', '{"id":7}', 'id: '],
    ['nothing', '', 'it is no JSON'],
  ])('refuse an answer that is %s', async (_, body, why) => {
    server.faults.push((_request, response) => {
      response.writeHead(200).end(body);
      return 'handled';
    });
    const error = await rejection(client().title('a'));
    expect(error).toMatchObject({ code: 'SERVER_ANSWER', exitCode: 1 });
    expect(error.message).toContain(why);
    expect(count('GET /v1/titles/a')).toBe(1);
  });

  it('do not take the token to where a server points', async () => {
    const other = await fakeServer();
    server.faults.push((_request, response) => {
      response.writeHead(307, { location: `${other.url}/v1/titles/a` }).end();
      return 'handled';
    });
    const error = await rejection(client().title('a'));
    expect(error).toMatchObject({ code: 'SERVER_ANSWER', exitCode: 1 });
    expect(other.requests).toEqual([]);
    await other.close();
  });
});

describe('trying again', () => {
  it('helps against faults and cut connections', async () => {
    server.add({ id: 'a' });
    server.faults.push(
      once('GET', /./, (_request, response) => problem(response, 503, 'DB_UNREACHABLE')),
      once('GET', /./, cut),
      once('GET', /./, (_request, response) => problem(response, 500, 'INTERNAL')),
    );
    const retries: string[] = [];
    const onRetry = ({ code }: { code: string }): void => void retries.push(code);
    expect((await client({ onRetry }).title('a')).id).toBe('a');
    expect(retries).toEqual(['DB_UNREACHABLE', 'SERVER_UNREACHABLE', 'INTERNAL']);
  });

  it('ends, with the last error', async () => {
    server.faults.push((_request, response) => problem(response, 503, 'SHUTTING_DOWN'));
    expect(await rejection(client().title('a'))).toMatchObject({ code: 'SHUTTING_DOWN', transient: true });
    expect(count('GET /v1/titles/a')).toBe(4);
  });

  it('waits as long as Retry-After says', async () => {
    server.add({ id: 'a', state: 'failed' });
    server.faults.push(
      once('GET', /./, (_request, response) => problem(response, 429, 'RATE_LIMITED', { retryAfter: 1 })),
      once('POST', /./, (_request, response) => problem(response, 429, 'RATE_LIMITED', { retryAfter: 1 })),
    );
    const began = performance.now();
    await client().title('a');
    expect(performance.now() - began).toBeGreaterThan(990);
    // Whoever is turned away has not been served: even what may not be done twice is sent again.
    expect(await client().retry('a')).toMatchObject({ state: 'queued', attempt: 2 });
    expect(performance.now() - began).toBeGreaterThan(1980);
  });

  it('is left to the caller where that is long', async () => {
    server.faults.push((_request, response) => problem(response, 429, 'RATE_LIMITED', { retryAfter: 3600 }));
    const began = performance.now();
    expect(await rejection(client().title('a'))).toMatchObject({ code: 'RATE_LIMITED' });
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('makes no second title, although the answer to the first request was lost', async () => {
    server.faults.push(once('POST', /titles$/, loseAnswer));
    const { title, created } = await client().submit({ source: { s3: 's3://b/k' } }, 'key');
    expect(created).toBe(false);
    expect([...server.titles.keys()]).toEqual([title.id]);
    expect(server.submissions.map(({ key }) => key)).toEqual(['key', 'key']);
  });

  it('does not do twice what differs from once', async () => {
    server.add({ id: 'a', state: 'failed' });
    server.faults.push(once('POST', /retry$/, loseAnswer));
    expect(await rejection(client().retry('a'))).toMatchObject({ code: 'SERVER_UNREACHABLE' });
    server.faults.push((_request, response) => problem(response, 503, 'INTERNAL'));
    await rejection(client().retry('a'));
    expect(count('POST /v1/titles/a/retry')).toBe(2);
  });

  it('waits for a server that is down, as nothing has arrived there', async () => {
    server.add({ id: 'a', state: 'failed' });
    await server.stop();
    const patience = { tries: 20, firstMs: 50, longestMs: 100 };
    const retried = client({ patience }).retry('a');
    await new Promise((done) => setTimeout(done, 200));
    await server.start();
    expect(await retried).toMatchObject({ state: 'queued', attempt: 2 });
  });
});

describe('patience ends', () => {
  it('with a server that is not there: said in plain words', async () => {
    await server.stop();
    const error = await rejection(client().title('a'));
    expect(error).toMatchObject({ code: 'SERVER_UNREACHABLE', exitCode: 1, transient: true });
    expect(error.message).toBe(`cannot reach ${server.url}: the connection was refused (ECONNREFUSED)`);
  });

  it('with a host that there is not: without trying again', async () => {
    const retries: unknown[] = [];
    const setting = connection('http://nowhere.invalid', { onRetry: (error) => retries.push(error) });
    const error = await rejection(createClient(setting).title('a'));
    expect(error).toMatchObject({ code: 'SERVER_UNREACHABLE' });
    if (error.message.includes('ENOTFOUND')) expect(retries).toEqual([]);
  });

  it('with a server that does not speak TLS', async () => {
    const setting = connection(server.url.replace('http:', 'https:'));
    expect(await rejection(createClient(setting).title('a'))).toMatchObject({ code: 'SERVER_UNREACHABLE' });
  });

  it('with a server that does not answer', async () => {
    server.faults.push(() => 'handled');
    const error = await rejection(client({ timeoutMs: 50 }).title('a'));
    expect(error).toMatchObject({ code: 'SERVER_TIMEOUT', transient: true });
    expect(count('GET /v1/titles/a')).toBe(4);
  });

  it('when the caller says so, at once', async () => {
    server.faults.push(() => 'handled');
    const controller = new AbortController();
    const reason = new Error('enough');
    const asked = rejection(client({ signal: controller.signal }).title('a'));
    setTimeout(() => controller.abort(reason), 50);
    expect(await asked).toBe(reason);
    expect(await rejection(client({ signal: controller.signal }).title('a'))).toBe(reason);
  });

  it('when the caller says so, also between two tries', async () => {
    await server.stop();
    const controller = new AbortController();
    const reason = new Error('enough');
    const patience = { tries: 9, firstMs: 60_000, longestMs: 60_000 };
    const asked = rejection(client({ signal: controller.signal, patience }).title('a'));
    setTimeout(() => controller.abort(reason), 50);
    expect(await asked).toBe(reason);
  });
});
