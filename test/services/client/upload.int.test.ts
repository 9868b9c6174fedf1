import { createHash } from 'node:crypto';
import { appendFile, readFile, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type UploadEvent, type UploadOptions, createClient } from '../../../src/services/client/index.js';
import { cuttingProxy } from './cutting-proxy.js';
import { type FakeServer, type Fault, fakeServer, once, problem } from './fake-server.js';
import { type Scratch, connection, rejection, scratchFolder, until } from './support.js';

const MB = 2 ** 20;
/** Patience that ends soon, but not with a few cuts. */
const PATIENCE = { tries: 6, firstMs: 5, longestMs: 1500 };

let scratch: Scratch;
let server: FakeServer;
let files = 0;
beforeAll(async () => {
  scratch = await scratchFolder();
});
afterAll(() => scratch.cleanUp());
afterEach(() => server.close());

interface Setting {
  options?: Partial<UploadOptions>;
  url?: string;
  signal?: AbortSignal;
  token?: string;
}

/** Uploads a file, and keeps what happened to it. */
function upload(path: string, { options = {}, url = server.url, ...more }: Setting = {}) {
  const events: UploadEvent[] = [];
  const done = createClient(connection(url, more)).upload(path, {
    ...{ folder: join(scratch.folder, 'uploads'), chunkBytes: MB, patience: PATIENCE },
    onEvent: (event) => events.push(event),
    ...options,
  });
  done.catch(() => undefined);
  return {
    done,
    events,
    states: () => events.map(({ state }) => state).filter((state) => state !== 'progress'),
  };
}

const newFile = (bytes: number) => scratch.file(`master ${(files += 1)} é.mov`, bytes);
const count = (method: string): number =>
  server.requests.filter((one) => one.startsWith(`${method} `)).length;
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

async function expectArrived(id: string, content: Buffer): Promise<void> {
  const arrived = await server.uploads.bytes(id);
  expect(arrived.length).toBe(content.length);
  expect(sha256(arrived)).toBe(sha256(content));
}

/** What is remembered of a file. */
async function kept(
  path: string,
  folder = join(scratch.folder, 'uploads'),
): Promise<{ file: string; text: string }> {
  for (const name of await readdir(folder)) {
    const text = await readFile(join(folder, name), 'utf8');
    if (name.endsWith('.json') && (JSON.parse(text) as { path: string }).path === path) {
      return { file: join(folder, name), text };
    }
  }
  throw new Error(`nothing is kept of ${path}`);
}

describe.each([[true], [false]])('an upload, with checksums: %s', (checksums) => {
  it('arrives, in chunks', async () => {
    server = await fakeServer({ checksums });
    const { path, content } = await newFile(3.5 * MB);
    const { done, events, states } = upload(path);
    const { id, before } = await done;
    expect(before).toBe(false);
    await expectArrived(id, content);
    expect(count('PATCH')).toBe(4);
    expect(states()).toEqual(['started', 'finished']);
    const progress = events.flatMap((event) => (event.state === 'progress' ? [event.done] : []));
    expect(progress[0]).toBe(0);
    expect(progress.at(-1)).toBe(content.length);
    expect(progress).toEqual([...progress].sort((a, b) => a - b));
  });

  it('arrives, although the connection is cut ten times', async () => {
    server = await fakeServer({ checksums });
    const { path, content } = await newFile(6 * MB);
    // A chunk without a checksum is kept as far as it came; one with a checksum as a whole or not at all.
    const cuts = Array.from({ length: 10 }, (_, i) => 450_000 + i * 10_000);
    const proxy = await cuttingProxy(server.url, cuts);
    const { done, events, states } = upload(path, {
      url: proxy.url,
      options: { patience: { ...PATIENCE, tries: 12 } },
    });
    const { id } = await done;
    await expectArrived(id, content);
    expect(proxy.cuts()).toBe(10);
    expect(states().filter((state) => state === 'interrupted')).toHaveLength(10);
    expect(states().filter((state) => state !== 'interrupted')).toEqual(['started', 'finished']);
    expect(count('POST')).toBe(1);
    for (const event of events)
      if (event.state === 'interrupted') expect(event.error.code).toBe('SERVER_UNREACHABLE');
    await proxy.close();
  });

  it('lives through a restart of the server', async () => {
    server = await fakeServer({ checksums });
    server.chunkDelayMs = 50;
    const { path, content } = await newFile(4 * MB);
    const { done, states } = upload(path, {
      options: { patience: { tries: 50, firstMs: 20, longestMs: 50 } },
    });
    await until(() => count('PATCH') === 2);
    await server.stop();
    await until(() => states().filter((state) => state === 'interrupted').length > 2);
    await server.start();
    const { id } = await done;
    await expectArrived(id, content);
  });

  it('goes on where an earlier run was stopped', async () => {
    server = await fakeServer({ checksums });
    server.chunkDelayMs = 50;
    const { path, content } = await newFile(4 * MB);
    const controller = new AbortController();
    const first = upload(path, { signal: controller.signal });
    await until(() => count('PATCH') === 3);
    const reason = new Error('stopped');
    controller.abort(reason);
    expect(await rejection(first.done)).toBe(reason);
    await new Promise((done) => setTimeout(done, 100));

    server.requests.length = 0;
    const second = upload(path);
    const { id, before } = await second.done;
    expect(before).toBe(false);
    await expectArrived(id, content);
    expect(second.states()).toEqual(['resumed', 'finished']);
    const [resumed] = second.events;
    expect(resumed).toMatchObject({ state: 'resumed', bytes: content.length });
    expect((resumed as { done: number }).done).toBeGreaterThanOrEqual(2 * MB);
    expect(count('POST')).toBe(0);
    expect(count('PATCH')).toBeLessThanOrEqual(2);
  });
});

describe('what is remembered', () => {
  it('is for its owner alone, and holds no token', async () => {
    server = await fakeServer();
    const { path } = await newFile(MB);
    const { id } = await upload(path).done;
    const { file, text } = await kept(path);
    expect(JSON.parse(text)).toMatchObject({
      ...{ server: server.url, path, bytes: MB, finished: true, url: `${server.url}/v1/uploads/${id}` },
    });
    expect(text).not.toContain('right.token');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect((await stat(join(scratch.folder, 'uploads'))).mode & 0o777).toBe(0o700);
    expect(
      (await readdir(join(scratch.folder, 'uploads'))).filter((name) => !name.endsWith('.json')),
    ).toEqual([]);
  });

  it('makes a second run find the upload finished', async () => {
    server = await fakeServer();
    const { path } = await newFile(MB);
    const first = await upload(path).done;
    const patches = count('PATCH');
    const second = upload(path);
    expect(await second.done).toEqual({ id: first.id, before: true });
    expect(second.states()).toEqual(['resumed', 'finished']);
    expect(count('PATCH')).toBe(patches);
    expect(count('POST')).toBe(1);
  });

  it('is of one server: another one gets an upload of its own', async () => {
    server = await fakeServer();
    const { path, content } = await newFile(MB);
    await upload(path).done;
    await server.close();
    server = await fakeServer();
    const second = upload(path);
    await expectArrived((await second.done).id, content);
    expect(second.states()).toEqual(['started', 'finished']);
  });

  it('is of no use once the file was changed: that upload is ended, and another begun', async () => {
    server = await fakeServer();
    const { path } = await newFile(2 * MB);
    const { id } = await stoppedAfterOneChunk(path);
    await appendFile(path, 'more');
    const second = upload(path);
    const { id: other } = await second.done;
    expect(other).not.toBe(id);
    expect(second.events[0]).toEqual({ state: 'anew', why: 'changed' });
    expect(server.requests).toContain(`DELETE /v1/uploads/${id}`);
    await expectArrived(other, await readFile(path));
    await expect(server.uploads.bytes(id)).rejects.toThrow('ENOENT');
  });

  it('knows a change by its time alone', async () => {
    server = await fakeServer();
    const { path } = await newFile(2 * MB);
    await stoppedAfterOneChunk(path);
    await utimes(path, new Date(), new Date());
    await upload(path).done;
    expect(count('POST')).toBe(2);
  });

  it('does not end a finished upload of what the file was before: a title may need it', async () => {
    server = await fakeServer();
    const { path, content } = await newFile(MB);
    const { id } = await upload(path).done;
    await appendFile(path, 'more');
    const second = upload(path);
    await second.done;
    expect(second.states()).toEqual(['started', 'finished']);
    expect(count('DELETE')).toBe(0);
    await expectArrived(id, content);
  });

  it('is nothing where it was cut short by a power failure', async () => {
    server = await fakeServer();
    const { path, content } = await newFile(MB);
    await upload(path).done;
    const { file, text } = await kept(path);
    await writeFile(file, text.slice(0, 20));
    await expectArrived((await upload(path).done).id, content);
    expect(count('POST')).toBe(2);
  });
});

/** Begins an upload and stops it when its first chunk has arrived. */
async function stoppedAfterOneChunk(path: string): Promise<{ id: string }> {
  const controller = new AbortController();
  const { done } = upload(path, {
    signal: controller.signal,
    options: {
      onEvent: (event) => {
        if (event.state === 'progress' && event.done >= MB) controller.abort(new Error('stopped'));
      },
    },
  });
  await rejection(done);
  const { url } = JSON.parse((await kept(path)).text) as { url: string };
  return { id: url.slice(url.lastIndexOf('/') + 1) };
}

describe('a folder that nothing can be remembered in', () => {
  it('is told of before anything is sent', async () => {
    server = await fakeServer();
    const { path } = await newFile(MB);
    const { done } = upload(path, { options: { folder: join(path, 'uploads') } });
    expect(await rejection(done)).toMatchObject({ code: 'HOME_NOT_WRITABLE', exitCode: 1 });
    expect(server.requests).toEqual([]);
  });

  it('forgets what is a month old', async () => {
    server = await fakeServer();
    const [old, recent] = [await newFile(1000), await newFile(1000)];
    const options = { folder: join(scratch.folder, 'month') };
    for (const { path } of [old, recent]) await upload(path, { options }).done;
    const { file } = await kept(old.path, options.folder);
    const before = new Date(Date.now() - 31 * 86_400_000);
    await utimes(file, before, before);
    await upload(recent.path, { options }).done;
    await expect(kept(old.path, options.folder)).rejects.toThrow('nothing is kept');
    await kept(recent.path, options.folder);
  });
});

describe('an upload that the server has no longer', () => {
  it('because it has expired (410) is begun anew', async () => {
    server = await fakeServer({ expireMs: 400 });
    const { path, content } = await newFile(2 * MB);
    const { id } = await stoppedAfterOneChunk(path);
    await new Promise((done) => setTimeout(done, 500));
    const second = upload(path);
    const { id: other } = await second.done;
    expect(other).not.toBe(id);
    expect(second.events[0]).toEqual({ state: 'anew', why: 'gone' });
    expect(second.states()).toEqual(['anew', 'started', 'finished']);
    await expectArrived(other, content);
  });

  it('because it was removed after it was finished is begun anew', async () => {
    server = await fakeServer();
    const { path, content } = await newFile(MB);
    await upload(path).done;
    server.faults.push(
      once('HEAD', /./, (_request, response) => {
        response.writeHead(404).end();
        return 'handled';
      }),
    );
    const second = upload(path);
    const { id, before } = await second.done;
    expect(before).toBe(false);
    expect(second.states()).toEqual(['anew', 'started', 'finished']);
    await expectArrived(id, content);
  });

  it('again and again is given up', async () => {
    server = await fakeServer();
    const { path } = await newFile(MB);
    server.faults.push((request, response) => {
      if (request.method !== 'PATCH') return 'pass';
      return problem(response, 404, 'UPLOAD_NOT_FOUND');
    });
    expect(await rejection(upload(path).done)).toMatchObject({ code: 'UPLOAD_FORGOTTEN', exitCode: 1 });
    expect(count('POST')).toBe(3);
  });
});

/** Changes a header before the server sees it. */
const withHeader =
  (name: string, value: string): Fault =>
  (request) => {
    request.headers[name] = value;
    return 'pass';
  };

describe('what passes is lived through', () => {
  it('a chunk that was damaged on its way', async () => {
    server = await fakeServer({ checksums: true });
    const { path, content } = await newFile(2 * MB);
    const wrong = createHash('sha256').update('else').digest('base64');
    server.faults.push(once('PATCH', /./, withHeader('upload-checksum', `sha256 ${wrong}`)));
    const { done, events } = upload(path);
    await expectArrived((await done).id, content);
    expect(events.find(({ state }) => state === 'interrupted')).toMatchObject({
      error: { code: 'UPLOAD_CHECKSUM' },
    });
  });

  it.each([
    ['a lock', 423, 'UPLOAD_BUSY'],
    ['another offset than was thought', 409, 'UPLOAD_OFFSET'],
    ['a fault', 500, 'INTERNAL'],
    ['a full disk', 507, 'DISK_FULL'],
  ])('%s', async (_, status, code) => {
    server = await fakeServer({ checksums: true });
    const { path, content } = await newFile(2 * MB);
    server.faults.push(once('PATCH', /./, (_request, response) => problem(response, status, code), 2));
    const { done, states } = upload(path);
    await expectArrived((await done).id, content);
    expect(states()).toEqual(['started', 'interrupted', 'interrupted', 'finished']);
  });

  it('a rate limit, for as long as it says', async () => {
    server = await fakeServer();
    const { path, content } = await newFile(MB);
    server.faults.push(
      once('PATCH', /./, (_request, response) => problem(response, 429, 'RATE_LIMITED', { retryAfter: 1 })),
    );
    const began = performance.now();
    const { done, events } = upload(path);
    await expectArrived((await done).id, content);
    expect(performance.now() - began).toBeGreaterThan(990);
    expect(events.find(({ state }) => state === 'interrupted')).toMatchObject({ pauseMs: 1000 });
  });

  it('a server that falls silent', async () => {
    server = await fakeServer();
    const { path, content } = await newFile(2 * MB);
    server.faults.push(once('PATCH', /./, () => 'handled'));
    const { done, events } = upload(path, { options: { stallMs: 200 } });
    await expectArrived((await done).id, content);
    expect(events.find(({ state }) => state === 'interrupted')).toMatchObject({
      error: { code: 'SERVER_TIMEOUT' },
    });
  });

  it('a server that does not say what it can do', async () => {
    server = await fakeServer({ checksums: false });
    server.faults.push(
      once('OPTIONS', /./, (_request, response) => problem(response, 405, 'ROUTE_NOT_FOUND')),
    );
    const { path, content } = await newFile(MB);
    await expectArrived((await upload(path).done).id, content);
  });
});

describe('what does not pass ends it', () => {
  it.each([
    [401, 'TOKEN_EXPIRED', 2],
    [413, 'UPLOAD_TOO_LARGE', 1],
    [422, 'MASTER_EMPTY', 3],
  ])('%i %s', async (status, code, exitCode) => {
    server = await fakeServer();
    const { path } = await newFile(MB);
    server.faults.push(once('PATCH', /./, (_request, response) => problem(response, status, code)));
    expect(await rejection(upload(path).done)).toMatchObject({ code, exitCode });
    expect(count('PATCH')).toBe(1);
  });

  it('a token that is wrong', async () => {
    server = await fakeServer();
    const { path } = await newFile(MB);
    expect(await rejection(upload(path, { token: 'wrong' }).done)).toMatchObject({
      code: 'TOKEN_INVALID',
      exitCode: 2,
    });
  });

  it('a server that is down, at the start', async () => {
    server = await fakeServer();
    await server.stop();
    const { path } = await newFile(MB);
    expect(await rejection(upload(path).done)).toMatchObject({ code: 'SERVER_UNREACHABLE' });
  });

  it('a server that stays away; what is there is remembered', async () => {
    server = await fakeServer();
    const { path, content } = await newFile(3 * MB);
    server.chunkDelayMs = 20;
    const { done } = upload(path);
    await until(() => count('PATCH') === 2);
    await server.stop();
    expect(await rejection(done)).toMatchObject({ code: 'SERVER_UNREACHABLE' });
    await server.start();
    const second = upload(path);
    await expectArrived((await second.done).id, content);
    expect(second.states()[0]).toBe('resumed');
  });

  it('a file that is changed meanwhile', async () => {
    server = await fakeServer();
    server.chunkDelayMs = 50;
    const { path } = await newFile(4 * MB);
    const { done } = upload(path);
    await until(() => count('PATCH') === 2);
    await appendFile(path, 'x');
    expect(await rejection(done)).toMatchObject({ code: 'UPLOAD_CHANGED', exitCode: 1 });
  });

  it('another process that uploads the same file', async () => {
    server = await fakeServer();
    server.chunkDelayMs = 50;
    const { path, content } = await newFile(2 * MB);
    const first = upload(path);
    await until(() => count('PATCH') === 1);
    expect(await rejection(upload(path).done)).toMatchObject({ code: 'UPLOAD_RUNNING', exitCode: 1 });
    await expectArrived((await first.done).id, content);
  });
});
