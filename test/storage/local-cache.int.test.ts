import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Lease } from '../../src/storage/index.js';
import { type CacheItem, LocalCache } from '../../src/storage/local-cache.js';

let root: string;
let folder: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-cache-'));
  folder = join(root, 'cache');
});
afterEach(() => rm(root, { recursive: true }));

const item = (text: string): CacheItem => ({
  name: createHash('sha256').update(text).digest('hex'),
  bytes: text.length,
});

/** Asks for a text; `fetched` counts how often it had to be made. */
function reader(cache: LocalCache) {
  const fetched: string[] = [];
  const get = (text: string, lease?: Lease): Promise<string> =>
    cache.path(item(text), lease, async (path) => {
      fetched.push(text);
      await writeFile(path, text, { flag: 'wx' });
    });
  /** Asks for it and lets go of it at once. */
  const touch = async (text: string): Promise<void> => {
    const lease = new Lease();
    await get(text, lease);
    lease.end();
  };
  return { get, touch, fetched };
}

async function filesOf(): Promise<string[]> {
  return (await readdir(folder)).filter((name) => name !== 'partial').sort();
}
const namesOf = (...texts: string[]): string[] => texts.map((text) => item(text).name).sort();
const open = (maxBytes: number): LocalCache => new LocalCache(folder, { maxBytes });
/** A text of that many bytes. */
const text = (letter: string, bytes = 10): string => letter.repeat(bytes);

describe('LocalCache', () => {
  it('makes a file once, then has it', async () => {
    const hits: boolean[] = [];
    const { get, fetched } = reader(
      new LocalCache(folder, { maxBytes: 100, onLookup: (hit) => hits.push(hit) }),
    );
    expect(await readFile(await get('one'), 'utf8')).toBe('one');
    expect(await get('one')).toBe(join(folder, item('one').name));
    expect(fetched).toEqual(['one']);
    expect(hits).toEqual([false, true]);
  });

  it('lets callers at the same time wait for one file', async () => {
    const { get, fetched } = reader(open(1)); // too small for it, so that nothing but its users keeps it
    const paths = await Promise.all(Array.from({ length: 20 }, () => get('shared', new Lease())));
    expect(fetched).toEqual(['shared']);
    expect(new Set(paths).size).toBe(1);
    expect(await readFile(paths[0]!, 'utf8')).toBe('shared');
  });

  it('removes the least recently used when there are too many bytes', async () => {
    const { touch, fetched } = reader(open(30));
    for (const letter of ['a', 'b', 'c', 'a', 'd']) await touch(text(letter));
    expect(await filesOf()).toEqual(namesOf(text('a'), text('c'), text('d')));
    await touch(text('b'));
    expect(fetched.map((made) => made[0]).join('')).toBe('abcdb');
    expect(await filesOf()).toEqual(namesOf(text('a'), text('d'), text('b')));
  });

  it('keeps what somebody uses, beyond the bound too, until the lease ends', async () => {
    const cache = open(20);
    const { get, touch } = reader(cache);
    const lease = new Lease();
    const held = await Promise.all(['a', 'b', 'c'].map((letter) => get(text(letter), lease)));
    await touch(text('d'));
    for (const path of held) expect((await stat(path)).size).toBe(10);
    expect(await cache.size()).toBe(40);
    lease.end();
    await touch(text('e'));
    expect(await cache.size()).toBeLessThanOrEqual(20);
    expect(await filesOf()).toContain(item(text('e')).name);
  });

  it('keeps for good what was given without a lease', async () => {
    const { get, touch } = reader(open(20));
    const path = await get(text('a'));
    for (const letter of 'bcdefg') await touch(text(letter));
    expect((await stat(path)).size).toBe(10);
  });

  it('lets go at once of what comes after the lease has ended', async () => {
    const { get, touch } = reader(open(10));
    const lease = new Lease();
    lease.end();
    await get(text('a'), lease);
    await touch(text('b'));
    expect(await filesOf()).toEqual(namesOf(text('b')));
  });

  it('is found again by the next process, in the order of use, without what was left half done', async () => {
    const first = reader(open(100));
    for (const letter of ['a', 'b', 'c', 'a']) {
      await first.touch(text(letter));
      await new Promise((done) => setTimeout(done, 5)); // times of files tell which came first
    }
    await writeFile(join(folder, 'partial', 'left'), 'half');
    const cache = open(20);
    const { touch, fetched } = reader(cache);
    expect(await cache.size()).toBe(20);
    expect(await filesOf()).toEqual(namesOf(text('a'), text('c')));
    expect(await readdir(join(folder, 'partial'))).toEqual([]);
    await touch(text('a'));
    await touch(text('c'));
    expect(fetched).toEqual([]);
  });

  it('fetches again what is cut short or gone', async () => {
    const { touch, get, fetched } = reader(open(100));
    await touch('abcdef');
    await truncate(join(folder, item('abcdef').name), 3);
    expect(await readFile(await get('abcdef', new Lease()), 'utf8')).toBe('abcdef');
    await rm(join(folder, item('abcdef').name));
    expect(await readFile(await get('abcdef', new Lease()), 'utf8')).toBe('abcdef');
    expect(fetched).toHaveLength(3);
  });

  it('tells every caller of a failure, leaves nothing behind, and tries again next time', async () => {
    const cache = open(100);
    const fail = (): Promise<string> =>
      cache.path(item('x'), undefined, async (path) => {
        await writeFile(path, 'half');
        throw new Error('the network is down');
      });
    const results = await Promise.allSettled([fail(), fail(), fail()]);
    expect(results.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected']);
    expect(await filesOf()).toEqual([]);
    expect(await readdir(join(folder, 'partial'))).toEqual([]);
    expect(await cache.size()).toBe(0);
    expect(await readFile(await reader(cache).get('x'), 'utf8')).toBe('x');
  });

  it('refuses a file of another size', async () => {
    const cache = open(100);
    const short = cache.path(item('longer'), undefined, (path) => writeFile(path, 'short'));
    await expect(short).rejects.toMatchObject({ code: 'CACHE_SIZE' });
    expect(await filesOf()).toEqual([]);
  });

  it('makes room where the disk is full, and then tries once more', async () => {
    const cache = open(1000);
    for (const letter of 'abc') await reader(cache).touch(text(letter));
    const lease = new Lease();
    await reader(cache).get(text('h'), lease);
    let tries = 0;
    const path = await cache.path(item('new'), lease, async (temporary) => {
      if ((tries += 1) === 1) await writeFile('/dev/full', 'new');
      await writeFile(temporary, 'new');
    });
    expect(await readFile(path, 'utf8')).toBe('new');
    expect(await filesOf()).toEqual(namesOf(text('h'), 'new'));
    const full = cache.path(item('other'), lease, () => writeFile('/dev/full', 'other'));
    await expect(full).rejects.toMatchObject({ code: 'DISK_FULL', transient: true });
  });

  it('takes over a file by renaming it', async () => {
    const cache = open(100);
    const path = join(root, 'made');
    await writeFile(path, 'made here');
    const { ino } = await stat(path);
    await cache.adopt(item('made here'), path);
    const { get, fetched } = reader(cache);
    expect((await stat(await get('made here'))).ino).toBe(ino);
    expect(fetched).toEqual([]);
    await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('removes what it need not take over: what it has, what has no room, what lies on another disk', async () => {
    const shm = await mkdtemp('/dev/shm/hullcast-');
    try {
      const cache = open(5);
      await reader(cache).touch('a');
      const paths = [join(root, 'a'), join(root, 'big'), join(shm, 'far')];
      const [a, big, far] = paths as [string, string, string];
      await writeFile(a, 'a');
      await writeFile(big, 'much too big');
      await writeFile(far, 'far');
      await cache.adopt(item('a'), a);
      await cache.adopt(item('far'), far);
      expect(await filesOf()).toEqual(namesOf('a'));
      await cache.adopt(item('much too big'), big);
      for (const path of paths) await expect(stat(path)).rejects.toMatchObject({ code: 'ENOENT' });
      expect(await cache.size()).toBeLessThanOrEqual(5);
    } finally {
      await rm(shm, { recursive: true });
    }
  });

  it('never loses what is in use nor has more than allowed of the rest, whatever is asked in whatever order', async () => {
    const request = fc.record({
      text: fc.integer({ min: 0, max: 9 }).map((n) => text(String(n), 1 + 3 * n)),
      /** How many further requests it is held for. */
      held: fc.integer({ min: 0, max: 4 }),
      together: fc.boolean(),
    });
    let count = 0;
    await fc.assert(
      fc.asyncProperty(
        fc.array(request, { maxLength: 30 }),
        fc.integer({ min: 0, max: 60 }),
        async (requests, max) => {
          folder = join(root, `cache-${(count += 1)}`);
          const cache = open(max);
          const { get } = reader(cache);
          const holds: { path: string; text: string; left: number; lease: Lease }[] = [];
          let running: Promise<unknown>[] = [];
          for (const { text: wanted, held, together } of requests) {
            const lease = new Lease();
            const ask = get(wanted, lease).then((path) =>
              holds.push({ path, text: wanted, left: held, lease }),
            );
            running.push(ask);
            if (together) continue;
            await Promise.all(running);
            running = [];
            for (const hold of holds) expect(await readFile(hold.path, 'utf8')).toBe(hold.text);
            for (const hold of holds.splice(0)) {
              if (hold.left === 0) hold.lease.end();
              else holds.push({ ...hold, left: hold.left - 1 });
            }
          }
          await Promise.all(running);
          for (const { lease } of holds) lease.end();
          const last = new Lease();
          await get('z', last);
          last.end();
          const files = await filesOf();
          const sizes = await Promise.all(files.map(async (name) => (await stat(join(folder, name))).size));
          const total = sizes.reduce((sum, size) => sum + size, 0);
          expect(total).toBe(await cache.size());
          expect(total).toBeLessThanOrEqual(Math.max(max, 1));
        },
      ),
      { numRuns: 40 },
    );
  });
});
