import { mkdtemp, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { registerFsck } from '../../src/cli/fsck.js';
import { registerGc } from '../../src/cli/gc.js';
import { blobKey, recordKey } from '../../src/pipeline/artifact.js';
import { ArtifactStore, type BlobRef, openHome, refsKey, writeRefs } from '../../src/pipeline/index.js';
import { type ObjectStore, openStore } from '../../src/storage/index.js';
import { silent } from '../pipeline/support.js';
import { type TestS3, startS3 } from '../support/s3-server.js';
import { cli } from './terminal.js';

const commands = [registerGc, registerFsck];
const DAY_MS = 24 * 3600 * 1000;
const PUBLISHED = 'titles/published/video/1.m4s';
let root: string;
let server: TestS3;
let runs = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-maintenance-'));
  server = await startS3({ folder: join(root, 'server') });
});
afterAll(async () => {
  await server.stop();
  await rm(root, { recursive: true });
});

interface Place {
  store: ObjectStore;
  env: NodeJS.ProcessEnv;
  /** Makes an object look that old. */
  age(key: string, days: number): Promise<void>;
  /** Changes an object's bytes behind the store's back, not their number. */
  rot(key: string): Promise<void>;
}

async function touch(path: string, days: number): Promise<void> {
  const then = new Date(Date.now() - days * DAY_MS);
  await utimes(path, then, then);
}
const damage = async (path: string): Promise<void> => writeFile(path, 'x'.repeat((await stat(path)).size));

async function files(): Promise<Place> {
  const home = join(root, `home-${(runs += 1)}`);
  const store = await openStore(undefined, { home });
  const pathOf = (key: string): string => join(home, 'store', key);
  const env = { HULLCAST_HOME: home };
  return { store, env, age: (key, days) => touch(pathOf(key), days), rot: (key) => damage(pathOf(key)) };
}

async function bucket(): Promise<Place> {
  const prefix = `run-${(runs += 1)}`;
  const env = {
    ...server.env,
    ...{ HULLCAST_HOME: join(root, prefix), HULLCAST_STORE: `s3://${server.bucket}/${prefix}` },
  };
  const store = await openStore(env.HULLCAST_STORE, { home: env.HULLCAST_HOME, env });
  const pathOf = (key: string): string =>
    join(root, 'server', 'buckets', server.bucket, prefix, `${key}._S3rver_object`);
  return { store, env, age: (key, days) => touch(pathOf(key), days), rot: (key) => damage(pathOf(key)) };
}

describe.each([
  ['files', files],
  ['S3', bucket],
])('maintenance of a store on %s', (_, open) => {
  let place: Place;
  let artifacts: ArtifactStore;
  const blobs: Record<string, BlobRef> = {};
  const key = (name: string): string => name.repeat(64);

  /** Two artifacts with a blob each, one of them a published title's only file; all of it 40 days old. */
  beforeEach(async () => {
    place = await open();
    artifacts = new ArtifactStore(place.store, silent);
    for (const name of ['a', 'b']) {
      await writeFile(join(root, 'file'), `content ${name}`);
      const blob = await artifacts.keep(join(root, 'file'), { move: false });
      blobs[name] = blob;
      const cost = { cpuSeconds: 1, wallSeconds: 1, processes: 1 };
      await artifacts.commit({
        key: key(name),
        stage: 'encode',
        version: 1,
        result: name,
        blobs: [blob],
        cost,
      });
      await place.age(blobKey(blob), 40);
      await place.age(recordKey('encode', key(name)), 40);
    }
    await place.store.copy(blobKey(blobs['a']!), PUBLISHED);
    await writeRefs(place.store, {
      ...{ schemaVersion: 1, title: 'published', blobs: [] },
      records: [{ stage: 'encode', key: key('a') }],
      files: [{ path: 'video/1.m4s', ...blobs['a']! }],
    });
  });

  const keysOf = async (): Promise<string[]> => {
    const keys: string[] = [];
    for await (const found of place.store.list('')) keys.push(found.key);
    return keys;
  };
  const run = (...argv: string[]) => cli(argv, { commands, env: place.env, cwd: root });

  it('gc lists, removes, and is done', async () => {
    const before = await keysOf();
    const dry = await run('gc', '--dry-run', '--json');
    expect(dry.stderr.text).toBe('');
    expect(dry.code).toBe(0);
    const gone = [recordKey('encode', key('b')), blobKey(blobs['b']!)];
    const lines = dry.stdout.json();
    expect(lines.slice(0, -1).map((line) => [line['type'], line['kind'], line['key']])).toEqual([
      ['garbage', 'record', gone[0]],
      ['garbage', 'blob', gone[1]],
    ]);
    const lastUsed = Date.parse(lines[1]!['lastUsed'] as string);
    expect(Math.abs(lastUsed - (Date.now() - 40 * DAY_MS))).toBeLessThan(60_000);
    expect(lines.at(-1)).toMatchObject({
      type: 'gc',
      dryRun: true,
      titles: 1,
      removed: { records: 1, blobs: 1 },
    });
    expect(await keysOf()).toEqual(before);

    const real = await run('gc');
    expect(real.code).toBe(0);
    expect(real.stdout.text).toMatch(
      /^Removed 1 record and 1 blob, \d+ B\.\nKept 1 record and 1 blob, .*1 title/,
    );
    expect(await keysOf()).toEqual(before.filter((one) => !gone.includes(one)));
    expect(await artifacts.find('encode', key('a'))).toMatchObject({ result: 'a' });
    expect(await artifacts.find('encode', key('b'))).toBeUndefined();
    expect((await run('gc', '--json')).stdout.json()).toHaveLength(1);
  });

  it('gc leaves what was used again a moment ago', async () => {
    await artifacts.find('encode', key('b'));
    const { stdout } = await run('gc', '--max-bytes', '0', '--json');
    expect(stdout.json()).toMatchObject([{ type: 'gc', removed: { records: 0, blobs: 0 } }]);
  });

  it('fsck finds, repairs, and is content', async () => {
    expect(await run('fsck', '--deep', '--json')).toMatchObject({ code: 0 });
    await place.rot(blobKey(blobs['b']!));
    expect(await run('fsck')).toMatchObject({ code: 0 }); // sizes tell nothing

    const found = await run('fsck', '--deep', '--json');
    expect(found.code).toBe(1);
    expect(found.stdout.json()).toMatchObject([
      { type: 'finding', problem: 'blob-corrupt', key: recordKey('encode', key('b')), repaired: false },
      { type: 'fsck', ok: false, deep: true, damaged: 1, repaired: 0, left: 1 },
      { type: 'error', code: 'FSCK_DAMAGE' },
    ]);
    const repaired = await run('fsck', '--deep', '--repair');
    expect(repaired.code).toBe(0);
    expect(repaired.stdout.text).toMatch(
      /^blob-corrupt: records\/encode\/b+\.json .*\n {2}repaired: .*\n1 finding repaired\.\n$/,
    );
    expect(await artifacts.find('encode', key('b'))).toBeUndefined();
    expect(await place.store.stat(blobKey(blobs['b']!))).toBeUndefined();
    expect(await run('fsck', '--deep')).toMatchObject({ code: 0 });
  });

  it('fsck finds published files that are gone or changed, and copies them from their blobs', async () => {
    await place.rot(PUBLISHED);
    expect(await run('fsck')).toMatchObject({ code: 0 }); // sizes tell nothing
    const changed = await run('fsck', '--deep', '--repair');
    expect(changed.stdout.text).toMatch(
      /^file-corrupt: titles\/published\/.*\n {2}repaired: it was copied .*\n/,
    );
    expect(changed.code).toBe(0);

    await place.store.delete(PUBLISHED);
    const gone = await run('fsck', '--json');
    expect(gone.code).toBe(1);
    expect(gone.stdout.json()).toMatchObject([
      { problem: 'file-missing', key: PUBLISHED, damage: true, repaired: false },
      { type: 'fsck', ok: false, damaged: 1, repaired: 0, left: 1, superfluous: 0, unchecked: 0 },
      { type: 'error', code: 'FSCK_DAMAGE' },
    ]);
    expect(await run('fsck', '--repair')).toMatchObject({ code: 0 });
    expect(await run('fsck', '--deep')).toMatchObject({ code: 0 });
    expect((await place.store.read(PUBLISHED)).toString()).toBe('content a');
  });

  it('fsck says of titles of an earlier version that their files cannot be checked', async () => {
    const refs = { schemaVersion: 1 as const, title: 'published', blobs: [], records: [] };
    await writeRefs(place.store, refs);
    const { code, stdout } = await run('fsck');
    expect(code).toBe(0);
    expect(stdout.text).toContain(`files-unlisted: ${refsKey('published')} `);
    expect(stdout.text).toMatch(/ The files of 1 title cannot be checked\.\n$/);
  });

  it('fsck says of a title what it has lost, and that it cannot bring it back', async () => {
    await place.store.delete(blobKey(blobs['a']!));
    const { code, stdout } = await run('fsck', '--repair', '--json');
    expect(code).toBe(1);
    expect(stdout.json()).toMatchObject([
      { problem: 'blob-missing', key: recordKey('encode', key('a')), repaired: true },
      { problem: 'refs-broken', key: refsKey('published'), repaired: false },
      { type: 'fsck', ok: false, damaged: 2, repaired: 1, left: 1 },
      { type: 'error', code: 'FSCK_DAMAGE' },
    ]);
  });
});

describe('a minimum age that is too little for others to work meanwhile', () => {
  it('is refused for a store that many share', async () => {
    const { env } = await bucket();
    for (const argv of [
      ['gc', '--min-age', '1'],
      ['fsck', '--repair', '--min-age', '0'],
    ]) {
      const { code, stderr } = await cli(argv, { commands, env, cwd: root });
      expect(code).toBe(2);
      expect(stderr.text).toContain('error MIN_AGE: ');
    }
    expect(await cli(['fsck', '--min-age', '0'], { commands, env, cwd: root })).toMatchObject({ code: 0 });
  });

  let release: (() => Promise<void>) | undefined;
  afterEach(() => release?.());

  it('needs a home that nobody uses, and then removes all', async () => {
    const { store, env } = await files();
    const artifacts = new ArtifactStore(store, silent);
    await writeFile(join(root, 'file'), 'content');
    await artifacts.keep(join(root, 'file'), { move: false });
    ({ release } = await openHome(env['HULLCAST_HOME']!));
    const argv = ['gc', '--min-age', '0', '--max-age', '0'];
    const busy = await cli(argv, { commands, env, cwd: root });
    expect([busy.code, busy.stderr.text]).toEqual([1, expect.stringContaining('error HOME_BUSY: ')]);
    await release();
    expect((await cli(argv, { commands, env, cwd: root })).stdout.text).toContain(
      'Removed 0 records and 1 blob',
    );
    expect(await readdir(join(env['HULLCAST_HOME']!, 'store', 'blobs'), { recursive: true })).toHaveLength(1);
  });
});

it('a bad store is said to be one', async () => {
  const { code, stderr } = await cli(['gc'], { commands, env: { HULLCAST_STORE: 'ftp://x' }, cwd: root });
  expect(code).toBe(2);
  expect(stderr.text).toContain('error STORE_SPEC: ');
});
