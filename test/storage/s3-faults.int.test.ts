import { createHash, randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Timing, Lease } from '../../src/storage/index.js';
import { type Fault, type FaultProxy, startHttpProxy } from '../support/fault-proxy.js';
import { type TestS3, s3Env, startS3 } from '../support/s3-server.js';
import { S3Stores, type TestStoreOptions, type TestStore } from '../support/s3-stores.js';

/** Quicker than by default, but slow enough for a machine that does other things too. */
const TIMING: Timing = {
  patienceMs: 60_000,
  idleMs: 2000,
  connectMs: 2000,
  pauseMs: 20,
  longestPauseMs: 300,
};
const MIB = 1024 * 1024;

let root: string;
let server: TestS3;
let proxy: FaultProxy;
let stores: S3Stores;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-faults-'));
  server = await startS3({ folder: join(root, 'server'), conditionalWrites: true });
  stores = await S3Stores.open();
});
afterAll(async () => {
  await server.stop();
  await stores.cleanUp();
  await rm(root, { recursive: true });
});
beforeEach(async () => {
  proxy = await startHttpProxy({ port: Number(new URL(server.endpoint).port) });
});
afterEach(() => proxy.stop());

/** A store behind the proxy. */
const behind = (options: TestStoreOptions = {}): TestStore =>
  stores.make(server, { env: s3Env(proxy.endpoint), timing: TIMING, ...options });

async function fileOf(data: Uint8Array): Promise<string> {
  const path = join(root, 'source');
  await writeFile(path, data);
  return path;
}

const sleep = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));
const digest = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
/** Bytes that the server and the cache have of what is not finished: temporary files, and parts of uploads. */
async function leftovers(folder: string): Promise<string[]> {
  const uploads = join(root, 'server', 'buckets', server.bucket, '._S3rver_uploads');
  const places = [join(root, 'server', 'incoming'), uploads, join(folder, 'partial')];
  const found = await Promise.all(places.map((place) => readdir(place, { recursive: true }).catch(() => [])));
  return [...found[0]!, ...found[1]!.filter((name) => /\/\d+$/.test(name)), ...found[2]!];
}

describe('a store whose server fails for a stretch', () => {
  const faults: [string, Fault][] = [
    ['answers 500', { status: 500 }],
    ['answers 503', { status: 503 }],
    ['hangs', 'hang'],
    ['breaks connections', 'cut'],
    ['loses its answers', 'lose answer'],
  ];
  it.each(faults)('%s: everything is done all the same', async (_, fault) => {
    const { store, folder } = behind({ partBytes: 5 * MIB });
    await store.check();
    const big = randomBytes(11 * MIB);
    await store.put('old', 'old');
    await store.putFile('blobs/old', await fileOf(big));
    const path = await fileOf(big);
    proxy.set(fault);
    const work = Promise.all([
      store.put('a', 'one'),
      store.putIfAbsent('b', 'two'),
      store.putFile('blobs/new', path),
      store.read('old'),
      store.stat('old'),
      store.copy('old', 'c'),
      store.refresh('old'),
      store.delete('none'),
      store.localPath('blobs/old', new Lease()),
      (async () => {
        for await (const { key } of store.list('o')) expect(key).toBe('old');
      })(),
    ]);
    await sleep(800);
    proxy.set('pass');
    const [, first, , old, , , , , local] = await work;
    expect([first.toString(), old.toString()]).toEqual(['two', 'old']);
    expect(digest(await readFile(local))).toBe(digest(big));
    for (const [key, text] of [
      ['a', 'one'],
      ['b', 'two'],
      ['c', 'old'],
    ] as const)
      expect((await store.read(key)).toString()).toBe(text);
    expect(digest(await store.read('blobs/new'))).toBe(digest(big));
    expect(await leftovers(folder)).toEqual([]);
  });

  it('is given up when that lasts too long, with an error that says to try again', async () => {
    const { store } = behind({ timing: { ...TIMING, patienceMs: 600, idleMs: 500 } });
    for (const [fault, reason] of [
      [{ status: 503 }, '503'],
      ['hang', 'Timeout'],
      ['cut', ''],
    ] as const) {
      proxy.set(fault);
      const began = performance.now();
      const failure = expect(store.put('a', '1')).rejects.toMatchObject({
        code: 'STORE_UNREACHABLE',
        transient: true,
        exitCode: 1,
        message: expect.stringContaining(reason) as string,
      });
      await failure;
      expect(performance.now() - began).toBeGreaterThan(500);
      expect(performance.now() - began).toBeLessThan(30_000);
    }
  });

  it('is given up where nobody listens', async () => {
    const { store } = behind({ timing: { ...TIMING, patienceMs: 300 }, env: s3Env('http://127.0.0.1:1') });
    await expect(store.check()).rejects.toMatchObject({ code: 'STORE_UNREACHABLE' });
  });

  it('outlasts, as it is set by default, an outage of half a minute with hundreds of requests', async () => {
    // In fast motion: the budget of retries that the SDK's own strategy has was spent after a hundred of them.
    const { store } = behind({ timing: { ...TIMING, pauseMs: 10, longestPauseMs: 50 } });
    proxy.set({ status: 503 });
    const work = Promise.all(Array.from({ length: 60 }, (_, i) => store.put(`k/${i}`, String(i))));
    await sleep(1500);
    proxy.set('pass');
    await work;
    expect(proxy.requests.length).toBeGreaterThan(200);
  });
});

describe('a multipart upload', () => {
  it('goes on after 5xx on any of its requests and lost answers, and leaves no parts', async () => {
    const { store, folder } = behind({ partBytes: 5 * MIB });
    const data = randomBytes(16 * MIB);
    const failed = new Map<string, number>();
    const fails = (name: string, times: number, fault: Fault): Fault | undefined => {
      const before = failed.get(name) ?? 0;
      failed.set(name, before + 1);
      return before < times ? fault : undefined;
    };
    proxy.decide(({ method, url }) => {
      if (method === 'POST' && url.includes('uploads')) return fails('create', 2, { status: 500 });
      if (url.includes('partNumber=2')) return fails('part', 2, { status: 503 });
      if (url.includes('partNumber=3')) return fails('other part', 1, 'cut');
      // The server completes it, but nobody hears of it: the next try finds no such upload.
      if (method === 'POST' && url.includes('uploadId')) return fails('complete', 1, 'lose answer');
      return undefined;
    });
    await store.putFile('blobs/a', await fileOf(data));
    expect(Object.fromEntries(failed)).toEqual({ create: 3, part: 3, 'other part': 2, complete: 2 });
    expect(digest(await store.read('blobs/a'))).toBe(digest(data));
    expect(await leftovers(folder)).toEqual([]);
  });

  it('that fails for good takes its parts away, and leaves what was there', async () => {
    const { store, folder } = behind({ partBytes: 5 * MIB, timing: { ...TIMING, patienceMs: 300 } });
    await store.put('a', 'before');
    proxy.decide(({ url }) => (url.includes('partNumber=3') ? { status: 500 } : undefined));
    const path = await fileOf(randomBytes(16 * MIB));
    await expect(store.putFile('a', path, { move: true })).rejects.toMatchObject({
      code: 'STORE_UNREACHABLE',
    });
    expect((await store.read('a')).toString()).toBe('before');
    expect((await stat(path)).size).toBe(16 * MIB); // not moved: nothing is lost
    expect(await leftovers(folder)).toEqual([]);
  });
});

describe('a download', () => {
  it.each([
    ['breaks off', { cutAfter: 800_000 }],
    ['stops coming', { hangAfter: 800_000 }],
  ] as [string, Fault][])('that %s goes on where it was', async (_, fault) => {
    let received = 0;
    const onTransfer = (direction: string, bytes: number): void => {
      if (direction === 'received') received += bytes;
    };
    const { store } = behind({ timing: { ...TIMING, idleMs: 1000 }, onTransfer });
    const data = randomBytes(2 * MIB);
    await store.put('a', data);
    proxy.decide(({ method }) => (method === 'GET' ? fault : undefined));
    const path = await store.localPath('a');
    expect(digest(await readFile(path))).toBe(digest(data));
    expect(received).toBe(2 * MIB); // no byte twice
    const gets = proxy.requests.filter(({ method }) => method === 'GET').length;
    expect(gets).toBeGreaterThanOrEqual(Math.ceil((2 * MIB) / 800_000));
  });

  it('as a stream goes on too, for who reads it slowly as well', async () => {
    const { store } = behind({ timing: { ...TIMING, idleMs: 300 } });
    const data = randomBytes(3 * MIB);
    await store.put('a', data);
    let gets = 0;
    proxy.decide(({ method }) => (method === 'GET' && (gets += 1) === 1 ? { cutAfter: 500_000 } : undefined));
    const { body } = await store.open('a', { start: 1000, end: 3 * MIB - 1000 });
    const parts: Buffer[] = [];
    for await (const part of body) {
      parts.push(part as Buffer);
      if (parts.length === 20) await sleep(1000); // longer than a connection may be idle
    }
    expect(Buffer.concat(parts).equals(data.subarray(1000, 3 * MIB - 999))).toBe(true);
    expect(gets).toBeGreaterThan(1);
  });

  it('as a stream does not mix what was there with what is', async () => {
    const { store } = behind();
    await store.put('a', randomBytes(MIB));
    proxy.decide(({ method }) => (method === 'GET' ? { cutAfter: 300_000 } : undefined));
    const { body } = await store.open('a');
    const reading = (async () => {
      for await (const part of body) if ((part as Buffer).length > 0) await store.put('a', randomBytes(MIB));
    })();
    await expect(reading).rejects.toMatchObject({ code: 'OBJECT_CHANGING', transient: true });
  });

  it('of small data is done again where it broke off', async () => {
    const { store } = behind();
    const data = randomBytes(200_000);
    await store.put('a', data);
    let left = 3;
    proxy.decide(({ method }) => (method === 'GET' && (left -= 1) >= 0 ? { cutAfter: 70_000 } : undefined));
    expect(digest(await store.read('a'))).toBe(digest(data));
  });

  it('is made once, however many wait for it', async () => {
    const { store } = behind();
    await store.put('a', randomBytes(100_000));
    await Promise.all(Array.from({ length: 10 }, () => store.localPath('a', new Lease())));
    expect(proxy.requests.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });

  it('of an object whose bytes rotted is refused', async () => {
    const { store, folder } = behind();
    await store.put('a', 'sound');
    const bucket = join(root, 'server', 'buckets', server.bucket);
    const files = (await readdir(bucket, { recursive: true })).map((name) => join(bucket, name));
    for (const path of files.filter((name) => name.endsWith('/a._S3rver_object')))
      if ((await stat(path)).size === 5) await writeFile(path, 'rotte');
    await expect(store.localPath('a')).rejects.toMatchObject({ code: 'OBJECT_CORRUPT' });
    expect(await leftovers(folder)).toEqual([]);
  });
});

describe('the first that is stored', () => {
  it('stays, when many store at once, and all of them are told of it', async () => {
    const { store } = behind();
    const contents = Array.from({ length: 20 }, (_, i) => `content ${i}`);
    const told = await Promise.all(contents.map((content) => store.putIfAbsent('records/a', content)));
    const kept = (await store.read('records/a')).toString();
    expect(told.map(String)).toEqual(contents.map(() => kept));
  });

  it('is known for one’s own, though the answer was lost', async () => {
    const { store } = behind();
    await store.check();
    let lose = true;
    proxy.decide(({ method, url }) => {
      if (method !== 'PUT' || !url.includes('records') || !lose) return undefined;
      lose = false;
      return 'lose answer';
    });
    expect((await store.putIfAbsent('records/a', 'mine')).toString()).toBe('mine');
    expect((await store.putIfAbsent('records/a', 'yours')).toString()).toBe('mine');
  });
});

describe('the local cache of a store', () => {
  it('has what was put there by moving, without asking for it again', async () => {
    const { store } = behind();
    await store.putFile('blobs/a', await fileOf(Buffer.from('made here')), { move: true });
    expect(await readFile(await store.localPath('blobs/a'), 'utf8')).toBe('made here');
    expect(proxy.requests.filter(({ method }) => method === 'GET')).toEqual([]);
  });

  it('serves the next process', async () => {
    const first = behind();
    await first.store.put('a', 'content');
    const before = await first.store.localPath('a');
    // The other store has another prefix, but an object is known by its content.
    const second = behind({ folder: first.folder });
    await second.store.put('b', 'content');
    expect(await second.store.localPath('b')).toBe(before);
    expect(proxy.requests.filter(({ method }) => method === 'GET')).toHaveLength(1);
  });
});
