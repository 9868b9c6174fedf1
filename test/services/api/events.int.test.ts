import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Progress, eventSchema, progressSchema } from '../../../src/services/api/index.js';
import { gapSchema } from '../../../src/services/contract/index.js';
import { openStream } from './sse-client.js';
import { type TestApi, problemOf, startApi } from './support.js';

let api: TestApi;
let secret: string;
beforeAll(async () => {
  api = await startApi();
  ({ secret } = await api.token('read'));
});
afterAll(() => api.close());

const newTitle = async (): Promise<string> => {
  const id = randomUUID();
  await api.db.titles.create({
    ...{ id, name: 'a.mov', profile: 'default', options: { secret: 'inside' }, priority: 5 },
    source: { kind: 's3', bucket: 'b', key: 'k', bytes: 1, etag: 'e' },
    ...{ requestDigest: 'd', tokenId: 'somebody' },
  });
  return id;
};
const progress = (titleId: string, done: number): Progress => ({
  titleId,
  stages: [{ stage: 'encode', jobs: 10, done, active: 1, failed: 0 }],
});
const types = (events: readonly { event: string; data: unknown }[]): string[] =>
  events.map(({ event, data }) => (event === 'title' ? (data as { type: string }).type : event));

describe('events of a title', () => {
  it('come from its beginning, and then as they happen', async () => {
    const id = await newTitle();
    const stream = await openStream(`${api.url}/v1/titles/${id}/events`, secret);
    expect(stream.headers['content-type']).toBe('text/event-stream');
    expect(stream.headers['cache-control']).toBe('no-store');
    await stream.until(1);
    await newTitle();
    await api.db.titles.started(id);
    await stream.until(2);
    await api.db.titles.failed(id, { code: 'X', message: 'x' });
    const events = await stream.until(3);
    expect(types(events)).toEqual(['title.submitted', 'title.started', 'title.failed']);
    for (const { id: eventId, data } of events) {
      const event = eventSchema.parse(data);
      expect(eventSchema.strict().parse(data)).toEqual(event);
      expect(event.titleId).toBe(id);
      expect(String(event.id)).toBe(eventId);
    }
    expect(stream.text).not.toContain('inside');
    stream.close();
  });

  it('go on after the last one that was seen', async () => {
    const id = await newTitle();
    await api.db.titles.started(id);
    await api.db.titles.failed(id, { code: 'X', message: 'x' });
    const all = await openStream(`${api.url}/v1/titles/${id}/events`, secret);
    const [first] = await all.until(3);
    all.close();
    const rest = await openStream(`${api.url}/v1/titles/${id}/events`, secret, {
      'last-event-id': first!.id!,
    });
    expect(types(await rest.until(2))).toEqual(['title.started', 'title.failed']);
    rest.close();
  });

  it('end with the title', async () => {
    const id = await newTitle();
    const stream = await openStream(`${api.url}/v1/titles/${id}/events`, secret);
    await api.db.titles.failed(id, { code: 'X', message: 'x' });
    await api.db.titles.remove(id);
    expect(await stream.ended).toBe('end');
    expect(types(stream.events).at(-1)).toBe('title.deleted');
  });

  it('bring the progress, which has no place in the log', async () => {
    const id = await newTitle();
    api.director.current.set(id, progress(id, 3));
    const stream = await openStream(`${api.url}/v1/titles/${id}/events`, secret);
    const [, now] = await stream.until(2);
    expect(now).toEqual({ event: 'progress', id: undefined, data: progress(id, 3) });
    api.director.tell(progress('another', 1));
    api.director.tell(progress(id, 4));
    expect((await stream.until(3))[2]!.data).toEqual(progress(id, 4));
    stream.close();
  });

  it('are not there for a title that is not', async () => {
    const response = await api.call('GET', '/v1/titles/nosuch/events', secret);
    expect(await problemOf(response)).toMatchObject({ status: 404, code: 'TITLE_NOT_FOUND' });
  });
});

describe('progress when a stream of all titles opens', () => {
  afterEach(() => api.director.current.clear());
  const begun = async (): Promise<string> => {
    const id = await newTitle();
    await api.db.titles.started(id);
    api.director.current.set(id, progress(id, 3));
    return id;
  };
  const ids = (events: readonly { data: unknown }[]): string[] =>
    events.map(({ data }) => (data as Progress).titleId);

  it('is told of every title that runs, before anything changes', async () => {
    const before = await api.db.titles.list({ states: ['running'], limit: 200 });
    for (const { id } of before.titles) await api.db.titles.failed(id, { code: 'X', message: 'x' });
    const [one, two] = [await begun(), await begun()];
    const ended = await begun();
    await api.db.titles.failed(ended, { code: 'X', message: 'x' });
    const queued = await newTitle();
    api.director.current.set(queued, progress(queued, 0));
    await api.db.titles.started(await newTitle()); // of which nothing was heard
    const cancelling = await begun();
    await api.db.titles.requestCancel(cancelling);

    const stream = await openStream(`${api.url}/v1/events`, secret);
    const events = await stream.until(3);
    expect(types(events)).toEqual(['progress', 'progress', 'progress']);
    expect(ids(events).sort()).toEqual([one, two, cancelling].sort());
    for (const { id, data } of events) {
      expect(id).toBeUndefined();
      expect(data).toEqual(progress((data as Progress).titleId, 3));
      expect(progressSchema.strict().parse(data)).toEqual(data);
    }
    // And nothing more than that, until something happens.
    await sleep(200);
    expect(stream.events).toHaveLength(3);
    api.director.tell(progress(one, 4));
    expect((await stream.until(4))[3]!.data).toEqual(progress(one, 4));
    stream.close();
  });

  it('comes after what a client missed, which it neither repeats nor undoes', async () => {
    const first = await openStream(`${api.url}/v1/events`, secret);
    await sleep(100);
    const id = await newTitle();
    await vi.waitUntil(() => types(first.events).includes('title.submitted'), 5000);
    const seen = first.events.find(({ event }) => event === 'title')!;
    first.close();
    await api.db.titles.started(id);
    api.director.current.set(id, progress(id, 7));
    const missed: string[] = [id];
    for (let n = 0; n < 250; n++) missed.push(await newTitle()); // more than are read at a time
    const last = await api.db.events.last();

    const again = await openStream(`${api.url}/v1/events`, secret, { 'last-event-id': seen.id! });
    const told = await again.until(missed.length + 1);
    await vi.waitUntil(() => ids(again.events).filter((one) => one === id).length === 2, 5000);
    expect(told.slice(0, missed.length).map(({ event }) => event)).toEqual(missed.map(() => 'title'));
    expect(ids(told.slice(0, missed.length))).toEqual(missed);
    expect(again.events.slice(missed.length).every(({ event }) => event === 'progress')).toBe(true);
    expect(again.events).toContainEqual({ event: 'progress', id: undefined, data: progress(id, 7) });
    again.close();

    // The place in the log is that of the last event: progress has none.
    const place = again.events.findLast(({ id: one }) => one !== undefined)!.id;
    expect(place).toBe(String(last));
    const third = await openStream(`${api.url}/v1/events`, secret, { 'last-event-id': place! });
    await third.until(1);
    await sleep(200);
    expect(third.events.every(({ event }) => event === 'progress')).toBe(true);
    third.close();
  });
});

describe('events of all titles', () => {
  it('begin now', async () => {
    await newTitle();
    const stream = await openStream(`${api.url}/v1/events`, secret);
    await sleep(100);
    const id = await newTitle();
    const [event] = await stream.until(1);
    expect(eventSchema.parse(event!.data)).toMatchObject({ type: 'title.submitted', titleId: id });
    stream.close();
  });

  it('miss none and repeat none over any number of connections', async () => {
    const start = await api.db.events.last();
    const ids: string[] = [];
    const seen: string[] = [];
    const writing = (async () => {
      for (let i = 0; i < 120; i++) ids.push(await newTitle());
    })();
    let last = String(start);
    while (seen.length < 120) {
      const stream = await openStream(`${api.url}/v1/events`, secret, { 'last-event-id': last });
      await stream.until(1 + (seen.length % 17));
      stream.close();
      await stream.ended;
      for (const { id, data } of stream.events) {
        seen.push((data as { titleId: string }).titleId);
        last = id!;
      }
      await sleep(5);
    }
    await writing;
    expect(seen).toEqual(ids);
  });

  it('are read for many listeners at once', async () => {
    const after = vi.spyOn(api.db.events, 'after');
    const streams = await Promise.all(
      Array.from({ length: 30 }, () => openStream(`${api.url}/v1/events`, secret)),
    );
    await sleep(300);
    after.mockClear();
    for (let i = 0; i < 10; i++) await newTitle();
    const all = await Promise.all(streams.map((stream) => stream.until(10)));
    for (const events of all) expect(events.map(({ id }) => id)).toEqual(all[0]!.map(({ id }) => id));
    // One reading for all, not one for each.
    expect(after.mock.calls.length).toBeLessThan(40);
    after.mockRestore();
    for (const stream of streams) stream.close();
  });

  it('tell who comes back late that some are no longer kept, once, and give what is', async () => {
    await api.db.history.prune({ olderThanSeconds: 0 });
    const before = await api.db.events.last();
    const [gone, ended] = [await newTitle(), await newTitle()];
    for (const id of [gone, ended]) await api.db.titles.failed(id, { code: 'X', message: 'x' });
    await api.db.titles.remove(gone);
    const seen = await api.db.events.last();
    await sleep(5);
    expect(await api.db.history.prune({ olderThanSeconds: 0 })).toMatchObject({ events: 4 });
    const running = await newTitle();
    const open = (last: number) =>
      openStream(`${api.url}/v1/events`, secret, { 'last-event-id': String(last) });

    const late = await open(before);
    const [gap, end, next] = await late.until(3);
    expect(gap).toEqual({ event: 'gap', id: undefined, data: { after: before, until: seen } });
    expect(gapSchema.strict().parse(gap!.data)).toEqual(gap!.data);
    expect([end, next].map((one) => eventSchema.parse(one!.data))).toMatchObject([
      { type: 'title.failed', titleId: ended },
      { type: 'title.submitted', titleId: running },
    ]);
    await api.db.titles.started(running);
    expect(types(await late.until(4)).slice(1)).toEqual(['title.failed', 'title.submitted', 'title.started']);
    late.close();

    // Who has seen them misses nothing, nor does who begins now.
    const timely = await open(seen);
    expect(types(await timely.until(2))).toEqual(['title.submitted', 'title.started']);
    timely.close();
    await vi.waitUntil(() => api.director.listeners.size === 0, 5000);
    const fresh = await openStream(`${api.url}/v1/events`, secret);
    await sleep(100);
    await newTitle();
    expect(types(await fresh.until(1))).toEqual(['title.submitted']);
    fresh.close();

    // Of one title nothing is missed but the way to its end.
    const own = await openStream(`${api.url}/v1/titles/${ended}/events`, secret);
    expect(types(await own.until(1))).toEqual(['title.failed']);
    own.close();
  });

  it('begin now where the end of the log is no longer kept', async () => {
    const id = await newTitle();
    await api.db.titles.failed(id, { code: 'X', message: 'x' });
    await api.db.titles.remove(id);
    const last = await api.db.events.last();
    await sleep(5);
    await api.db.history.prune({ olderThanSeconds: 0 });
    expect((await api.db.events.after(0, { limit: 1000 })).at(-1)?.id).toBeLessThan(last);
    await vi.waitUntil(() => api.director.listeners.size === 0, 5000);
    const stream = await openStream(`${api.url}/v1/events`, secret);
    await sleep(100);
    const next = await newTitle();
    const [event] = await stream.until(1);
    expect(event!.data).toMatchObject({ type: 'title.submitted', titleId: next });
    stream.close();
  });

  it('begin now where the last one that was seen is not there yet', async () => {
    const stream = await openStream(`${api.url}/v1/events`, secret, { 'last-event-id': '9007199254740991' });
    await sleep(100);
    await newTitle();
    expect(types(await stream.until(1))).toEqual(['title.submitted']);
    stream.close();
  });

  it.each(['-1', 'abc', '1.5', '99999999999999999999'])('refuse to go on after %j', async (id) => {
    const response = await api.call('GET', '/v1/events', secret, { headers: { 'last-event-id': id } });
    expect((await problemOf(response)).errors?.[0]?.path).toBe('headers.last-event-id');
  });
});

describe('streams', () => {
  it('let a client that does not read cost nothing, and tell it the newest at last', async () => {
    const stream = await openStream(`${api.url}/v1/events`, secret);
    await sleep(100);
    stream.pause();
    const before = process.memoryUsage().heapUsed;
    // Some 100 MB of progress of one title, of which the newest is enough.
    const large = progress('slow', 0);
    large.stages[0]!.stage = 'x'.repeat(50_000);
    for (let i = 1; i <= 2000; i++) {
      api.director.tell({ ...large, stages: [{ ...large.stages[0]!, done: i }] });
      if (i % 20 === 0) await sleep(1);
    }
    expect(process.memoryUsage().heapUsed - before).toBeLessThan(40e6);
    stream.resume();
    await vi.waitUntil(
      () => (stream.events.at(-1)?.data as Progress | undefined)?.stages[0]?.done === 2000,
      10_000,
    );
    expect(stream.events.length).toBeLessThan(200);
    stream.close();
  });

  it('leave nothing behind', async () => {
    await vi.waitUntil(() => api.director.listeners.size === 0, 5000);
    const stream = await openStream(`${api.url}/v1/events`, secret);
    await vi.waitUntil(() => api.director.listeners.size === 1, 5000);
    stream.close();
    await vi.waitUntil(() => api.director.listeners.size === 0, 5000);
  });

  it('are so many and no more, of a token and of all; a place is free again when one ends', async () => {
    const small = await startApi({ db: api.db, limits: { streams: 3, streamsPerToken: 2 } });
    const [one, two] = [(await small.token('read')).secret, (await small.token('read')).secret];
    const open = (token: string): ReturnType<typeof openStream> =>
      openStream(`${small.url}/v1/events`, token);
    const first = await open(one);
    await open(one);
    expect((await open(one)).status).toBe(503);
    const other = await open(two);
    expect(other.status).toBe(200);
    const full = await small.call('GET', '/v1/events', two);
    expect(full.headers.get('retry-after')).toBe('5');
    expect(await problemOf(full)).toMatchObject({ status: 503, code: 'STREAMS_FULL' });
    first.close();
    await sleep(100);
    expect((await open(two)).status).toBe(200);
    await small.close();
  });

  it('take no place for who has left before they begin', async () => {
    let asked = (): void => undefined;
    let answer = (): void => undefined;
    const slow = { ...api.db, events: Object.create(api.db.events) as typeof api.db.events };
    slow.events.last = async () => {
      await new Promise<void>((resolve) => {
        answer = resolve;
        asked();
      });
      return api.db.events.last();
    };
    const small = await startApi({ db: slow, limits: { streams: 1 } });
    const token = (await small.token('read')).secret;
    for (let round = 0; round < 2; round += 1) {
      const reached = new Promise<void>((resolve) => (asked = resolve));
      const leaving = new AbortController();
      const left = fetch(`${small.url}/v1/events`, {
        headers: { authorization: `Bearer ${token}` },
        signal: leaving.signal,
      }).catch((error: Error) => error.name);
      await reached;
      leaving.abort();
      expect(await left).toBe('AbortError');
      await sleep(100); // the server sees it
      answer();
      await sleep(50);
    }
    const reached = new Promise<void>((resolve) => (asked = resolve));
    const stays = openStream(`${small.url}/v1/events`, token);
    await reached;
    answer();
    expect((await stays).status).toBe(200);
    (await stays).close();
    await small.close();
  });

  it('end in good order when their time is over and when the server closes', async () => {
    const short = await startApi({ db: api.db, limits: { streamSeconds: 1 } });
    const token = (await short.token('read')).secret;
    const timed = await openStream(`${short.url}/v1/events`, token);
    expect(await timed.ended).toBe('end');
    const closed = await openStream(`${short.url}/v1/events`, token);
    await short.close();
    expect(await closed.ended).toBe('end');
  });

  it('say that they live', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const stream = await openStream(`${api.url}/v1/events`, secret);
      for (let i = 0; i < 200 && !stream.text.includes(': keep-alive'); i++) {
        vi.advanceTimersByTime(1000);
        await new Promise((resolve) => setImmediate(resolve));
      }
      expect(stream.text).toMatch(/^retry: 2000\n\n/);
      expect(stream.text).toContain(': keep-alive\n\n');
      stream.close();
    } finally {
      vi.useRealTimers();
    }
  });
});
