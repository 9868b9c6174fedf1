import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ApiTitle, Progress } from '../../../src/services/api/index.js';
import { type FollowOptions, createClient } from '../../../src/services/client/index.js';
import { isLater } from '../../../src/services/client/follow.js';
import { DONE, type FakeServer, fakeServer, once, problem } from './fake-server.js';
import { connection, rejection, until } from './support.js';

let server: FakeServer;
beforeEach(async () => {
  server = await fakeServer();
});
afterEach(() => server.close());

const progress = (done: number, titleId = 'a'): Progress => ({
  titleId,
  stages: [{ stage: 'probe', jobs: 8, done, active: 1, failed: 0, work: { done: 3, total: 10 } }],
});

/** Follows title `a`, and keeps what it was told. */
function follow(options: FollowOptions = {}, more = {}) {
  const states: string[] = [];
  const reports: Progress[] = [];
  const interruptions: string[] = [];
  const end = createClient(connection(server.url, more)).follow('a', {
    pollMs: 20,
    onTitle: ({ state, attempt }) => states.push(`${state} ${attempt}`),
    onProgress: (told) => reports.push(told),
    onInterruption: ({ code }) => interruptions.push(code),
    ...options,
  });
  // Looked at below; until then its failure is not an unhandled one.
  end.catch(() => undefined);
  return { end, states, reports, interruptions };
}

const asked = (path: string): number => server.requests.filter((one) => one === `GET ${path}`).length;

describe('following a title', () => {
  it('tells its states and progress as they come, until its end', async () => {
    server.add({ id: 'a' });
    const { end, states, reports } = follow();
    await until(() => server.streams() === 1 && states.length === 1);
    server.change('a', { state: 'running' });
    server.tell(progress(2));
    server.tell(progress(3));
    server.change('a', DONE);
    const title = await end;
    expect(title).toEqual(server.titles.get('a'));
    expect(states).toEqual(['queued 1', 'running 1', 'done 1']);
    expect(reports).toEqual([progress(2), progress(3)]);
    // Events, not questions.
    expect(asked('/v1/titles/a')).toBe(1);
    await until(() => server.streams() === 0);
  });

  it('of one that has ended needs no event', async () => {
    server.add({ id: 'a', ...DONE });
    const { end, states } = follow();
    expect((await end).state).toBe('done');
    expect(states).toEqual(['done 1']);
  });

  it('that was tried again does not end with its first failure, which the events begin with', async () => {
    server.add({ id: 'a', state: 'running' });
    server.change('a', { state: 'failed', error: { code: 'DISK_FULL', message: 'full' } });
    server.change('a', { state: 'queued', attempt: 2, error: undefined });
    server.change('a', { state: 'running' });
    const { end, states } = follow();
    await until(() => states.length === 1);
    server.change('a', DONE);
    expect(await end).toMatchObject({ state: 'done', attempt: 2 });
    expect(states).toEqual(['running 2', 'done 2']);
  });

  it('lives through a restart of the server, and misses nothing', async () => {
    server.add({ id: 'a', state: 'running' });
    const ids: (string | undefined)[] = [];
    server.faults.push((request) => {
      if (request.url?.endsWith('/events')) ids.push(request.headers['last-event-id'] as string | undefined);
      return 'pass';
    });
    const patience = { tries: 50, firstMs: 20, longestMs: 50 };
    const { end, states, reports } = follow({}, { patience });
    await until(() => server.streams() === 1 && states.length === 1);
    server.tell(progress(1));
    await until(() => reports.length === 1);
    await server.stop();
    server.change('a', { state: 'cancelling' });
    await new Promise((done) => setTimeout(done, 200));
    await server.start();
    await until(() => states.at(-1) === 'cancelling 1' && server.streams() === 1);
    server.tell(progress(2));
    await until(() => reports.length === 2);
    server.change('a', { state: 'cancelled' });
    expect((await end).state).toBe('cancelled');
    expect(states).toEqual(['running 1', 'cancelling 1', 'cancelled 1']);
    expect(reports).toEqual([progress(1), progress(2)]);
    expect(ids[0]).toBeUndefined();
    expect(ids.at(-1)).toBe('1');
  });

  it('tells that the server cannot be reached, once it is asked', async () => {
    server.add({ id: 'a', state: 'running' });
    const { end, states, interruptions } = follow();
    await until(() => server.streams() === 1 && states.length === 1);
    await server.stop();
    await until(() => interruptions.length > 0);
    expect(interruptions[0]).toBe('SERVER_UNREACHABLE');
    await server.start();
    server.change('a', DONE);
    expect((await end).state).toBe('done');
  });

  it.each([
    ['a server without events', 404],
    ['a proxy that refuses them', 406],
  ])('asks now and then at %s', async (_, status) => {
    server.faults.push((request, response) =>
      request.url?.endsWith('/events') ? problem(response, status, 'ROUTE_NOT_FOUND') : 'pass',
    );
    server.add({ id: 'a', state: 'running' });
    const { end, states } = follow();
    await until(() => asked('/v1/titles/a') > 2);
    server.change('a', DONE);
    expect((await end).state).toBe('done');
    expect(states).toEqual(['running 1', 'done 1']);
    expect(asked('/v1/titles/a/events')).toBe(1);
  });

  it.each([
    ['a page', { 'content-type': 'text/html' }, '<html>'],
    ['events of another kind', { 'content-type': 'text/event-stream' }, 'event: title\ndata: {"id":"x"}\n\n'],
    ['no JSON', { 'content-type': 'text/event-stream' }, 'event: progress\ndata: soon\n\n'],
  ])('asks now and then where %s comes instead', async (_, headers, body) => {
    server.faults.push((request, response) => {
      if (!request.url?.endsWith('/events')) return 'pass';
      response.writeHead(200, headers).end(body);
      return 'handled';
    });
    server.add({ id: 'a', state: 'running' });
    const { end } = follow();
    await until(() => asked('/v1/titles/a') > 2);
    server.change('a', DONE);
    expect((await end).state).toBe('done');
    expect(asked('/v1/titles/a/events')).toBe(1);
  });

  it('connects again where nothing is heard, and where streams are full', async () => {
    server.faults.push(
      once('GET', /events$/, (_request, response) => {
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        response.write(': hello\n\n');
        return 'handled';
      }),
      once('GET', /events$/, (_request, response) => problem(response, 503, 'STREAMS_FULL')),
    );
    server.add({ id: 'a', state: 'running' });
    const { end, interruptions } = follow({ silenceMs: 100 });
    await until(() => server.streams() === 1);
    expect(asked('/v1/titles/a/events')).toBe(3);
    server.change('a', DONE);
    expect((await end).state).toBe('done');
    expect(interruptions).toEqual([]);
  });

  it('takes nothing that is said of other titles', async () => {
    const other = server.add({ id: 'b', ...DONE });
    server.add({ id: 'a', state: 'running' });
    server.faults.push((request, response) => {
      if (!request.url?.endsWith('/events')) return 'pass';
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      const event = { id: 9, type: 'title.published', titleId: 'b', at: other.createdAt, data: other };
      response.write(`event: title\ndata: ${JSON.stringify(event)}\n\n`);
      response.write(`event: progress\ndata: ${JSON.stringify(progress(1, 'b'))}\n\n`);
      response.write('event: later\ndata: not known yet\n\n');
      response.end(`event: progress\ndata: ${JSON.stringify(progress(2))}\n\n`);
      return 'handled';
    });
    const { end, states, reports } = follow();
    await until(() => reports.length > 1);
    expect(states).toEqual(['running 1']);
    expect(new Set(reports.map(({ titleId }) => titleId))).toEqual(new Set(['a']));
    server.change('a', DONE);
    expect((await end).id).toBe('a');
  });
});

describe('following ends', () => {
  it('where there is no such title, or no right to see it', async () => {
    expect(await rejection(follow().end)).toMatchObject({ code: 'TITLE_NOT_FOUND', exitCode: 2 });
    expect(await rejection(follow({}, { token: 'x' }).end)).toMatchObject({ code: 'TOKEN_INVALID' });
  });

  it('where the title is deleted', async () => {
    server.add({ id: 'a', state: 'running' });
    const { end, states } = follow();
    await until(() => server.streams() === 1 && states.length === 1);
    server.titles.delete('a');
    await server.stop();
    await server.start();
    expect(await rejection(end)).toMatchObject({ code: 'TITLE_NOT_FOUND' });
  });

  it.each([['while events come'], ['between two questions']])('when the caller says so, %s', async (when) => {
    server.add({ id: 'a', state: 'running' });
    const polling = when !== 'while events come';
    if (polling)
      server.faults.push(once('GET', /events$/, (_request, response) => problem(response, 404, 'X')));
    const controller = new AbortController();
    const { end, states } = follow({ pollMs: 60_000 }, { signal: controller.signal });
    await until(() => states.length === 1 && (polling || server.streams() === 1));
    const reason = new Error('enough');
    controller.abort(reason);
    expect(await rejection(end)).toBe(reason);
    await until(() => server.streams() === 0);
  });
});

describe('the order of what is known', () => {
  const moment = (state: ApiTitle['state'], attempt = 1) => ({ state, attempt });

  it.each([
    [undefined, moment('queued'), true],
    [moment('queued'), moment('running'), true],
    [moment('running'), moment('queued'), false],
    [moment('running'), moment('running'), false],
    [moment('running'), moment('cancelling'), true],
    [moment('cancelling'), moment('cancelled'), true],
    [moment('failed'), moment('queued', 2), true],
    [moment('queued', 2), moment('failed'), false],
    [moment('done'), moment('cancelled'), false],
  ])('%j, %j: %s', (known, next, later) => {
    expect(isLater(known, next)).toBe(later);
  });
});
