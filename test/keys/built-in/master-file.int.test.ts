import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  readFile,
  readdir,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { addMasterKey, openMasterKeys } from '../../../src/keys/built-in/index.js';
import { openKeyService } from '../../../src/keys/index.js';
import { takeLock } from '../../../src/lock.js';
import { FileStore } from '../../../src/storage/index.js';
import { LABELS, requestOf } from '../key-service.contract.js';

let root: string;
let home: string;
let store: FileStore;
let homes = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-masters-'));
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(() => {
  home = join(root, `home-${(homes += 1)}`);
  store = new FileStore(join(home, 'store'));
});

const request = requestOf('film', LABELS);
const obtain = (env: NodeJS.ProcessEnv = {}) => openKeyService(env, { store, home }).obtain(request);
const namesIn = async (path: string): Promise<string[]> =>
  (await readFile(path, 'utf8'))
    .split('\n')
    .filter((one) => one !== '' && !one.startsWith('#'))
    .map((one) => one.split(':')[0]!);

describe('the master keys of a home', () => {
  it('are made when the first key is, for their owner alone, and say what they are', async () => {
    const masters = openMasterKeys({}, { store, home });
    expect(await masters.read()).toEqual([]);
    await expect(readdir(home)).rejects.toMatchObject({ code: 'ENOENT' });
    await obtain();
    const path = join(home, 'master-keys');
    expect(masters.place).toBe(path);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(await readFile(path, 'utf8')).toMatch(/Who loses it loses them all/);
    expect(await masters.read()).toHaveLength(1);
    expect(await readdir(home)).toEqual(['master-keys', 'store']); // no draft is left
  });

  it('are the same for all who need them first at once', async () => {
    const given = await Promise.all(Array.from({ length: 10 }, () => obtain()));
    const values = given.map(({ keys }) => keys.map(({ key }) => key.reveal().toString('hex')).join());
    expect(new Set(values).size).toBe(1);
    expect(await namesIn(join(home, 'master-keys'))).toHaveLength(1);
  });

  it('are not made anew where they are lost, which would hide the loss', async () => {
    await obtain();
    await rm(join(home, 'master-keys'));
    const missing = { code: 'KEY_MASTER_MISSING', hint: expect.any(String) };
    await expect(obtain()).rejects.toMatchObject(missing);
    const other = requestOf('other film', LABELS);
    await expect(openKeyService({}, { store, home }).obtain(other)).rejects.toMatchObject(missing);
    await expect(stat(join(home, 'master-keys'))).rejects.toMatchObject({ code: 'ENOENT' });
  });

  it('are refused where others may read or change them', async () => {
    await obtain();
    const path = join(home, 'master-keys');
    for (const mode of [0o604, 0o602, 0o601, 0o620, 0o644, 0o666, 0o777]) {
      await chmod(path, mode);
      await expect(obtain(), mode.toString(8)).rejects.toMatchObject({
        ...{ code: 'KEY_FILE_EXPOSED', exitCode: 2 },
        message: expect.stringContaining(`mode ${mode.toString(8)}`),
      });
    }
    for (const mode of [0o600, 0o640, 0o400, 0o440]) {
      await chmod(path, mode);
      expect((await obtain()).keys).toHaveLength(4);
    }
  });
});

describe('the master keys of a file', () => {
  const file = (): string => join(home, 'secret', 'masters');
  const env = (): NodeJS.ProcessEnv => ({ HULLCAST_MASTER_KEY_FILE: file() });
  beforeEach(() => mkdir(join(home, 'secret'), { recursive: true }));

  it('are used instead of the home’s, which are not made', async () => {
    await addMasterKey(file(), { last: false });
    await obtain(env());
    expect(await readdir(home)).toEqual(['secret', 'store']);
    await expect(obtain()).rejects.toMatchObject({ code: 'KEY_MASTER_MISSING' });
  });

  it('may lie behind a link, as Kubernetes has them', async () => {
    await addMasterKey(join(home, 'secret', '..data'), { last: false });
    await symlink('..data', file());
    expect((await obtain(env())).keys).toHaveLength(4);
  });

  it('have to be there, and to be a file', async () => {
    const unreadable = { code: 'KEY_FILE_UNREADABLE', exitCode: 2 };
    await expect(obtain(env())).rejects.toMatchObject(unreadable);
    await mkdir(file());
    await expect(obtain(env())).rejects.toMatchObject(unreadable);
    await rm(file(), { recursive: true });
    await writeFile(file(), '#'.repeat(70_000), { mode: 0o600 });
    await expect(obtain(env())).rejects.toMatchObject(unreadable);
  });

  it('have to be named where others share the store', async () => {
    const shared = { HULLCAST_STORE: 's3://bucket' };
    await expect(obtain(shared)).rejects.toMatchObject({ code: 'KEY_MASTER_UNSET', exitCode: 2 });
    await addMasterKey(file(), { last: false });
    expect((await obtain({ ...shared, ...env() })).keys).toHaveLength(4);
  });

  it('say of a key whose master key is not among them, or is another of its name', async () => {
    const old = await addMasterKey(file(), { last: false });
    await obtain(env());
    const [line = ''] = (await readFile(file(), 'utf8')).split('\n').filter((one) => one.startsWith(old));
    const own = Buffer.alloc(32, 1).toString('base64');
    await writeFile(file(), `new:${own}\n`);
    await expect(obtain(env())).rejects.toMatchObject({
      code: 'KEY_MASTER_MISSING',
      message: expect.stringContaining(`the master key ${old} (${old}), which is not in ${file()}`),
    });
    await writeFile(file(), `${old}:${own}\n`);
    await expect(obtain(env())).rejects.toMatchObject({
      code: 'KEY_MASTER_WRONG',
      message: expect.stringMatching(new RegExp(`fingerprint ${old}; that of .* is another`)),
    });
    // The service reads the file anew: who brings the line back needs no restart.
    await writeFile(file(), `new:${own}\n${line}\n`);
    expect((await obtain(env())).keys).toHaveLength(4);
  });

  it('get another, before or behind the others, without losing what else is in the file', async () => {
    await writeFile(file(), `# ours\n\nold:${Buffer.alloc(32, 1).toString('base64')}\n# end\n`, {
      mode: 0o640,
    });
    const first = await addMasterKey(file(), { last: false });
    const last = await addMasterKey(file(), { last: true });
    expect(await namesIn(file())).toEqual([first, 'old', last]);
    expect(await readFile(file(), 'utf8')).toMatch(/^# ours\n\n.*\nold:.*\n# end\n.*\n$/);
    expect((await stat(file())).mode & 0o777).toBe(0o640);
    expect(await readdir(join(home, 'secret'))).toEqual(['masters']);
  });

  it('stay readable for the group that could read them', async () => {
    // Root may give files to any group, others to those that they are in.
    const gid = process.getuid!() === 0 ? 12345 : process.getgroups!().at(-1)!;
    await addMasterKey(file(), { last: false });
    await chown(file(), process.getuid!(), gid);
    await chmod(file(), 0o640);
    await addMasterKey(file(), { last: false });
    expect(await stat(file())).toMatchObject({ uid: process.getuid!(), gid, mode: 0o100640 });
  });

  it('lose none where several are added at once', async () => {
    await addMasterKey(file(), { last: false });
    const added = await Promise.allSettled(
      Array.from({ length: 6 }, () => addMasterKey(file(), { last: true })),
    );
    const names = await namesIn(file());
    const told = added.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(told.length).toBeGreaterThan(0);
    expect(names.slice(1).sort()).toEqual(told.sort());
    for (const one of added)
      if (one.status === 'rejected') expect(one.reason).toMatchObject({ code: 'KEY_MASTER_BUSY' });
    const release = await takeLock(`${file()}.lock`, () => new Error('not now') as never);
    await expect(addMasterKey(file(), { last: true })).rejects.toMatchObject({ code: 'KEY_MASTER_BUSY' });
    await release();
  });

  it('get a folder of their own, unless that cannot be', async () => {
    const deep = join(home, 'a', 'b', 'masters');
    await addMasterKey(deep, { last: false });
    expect((await stat(join(home, 'a', 'b'))).mode & 0o777).toBe(0o700);
    const below = join(deep, 'masters');
    await expect(addMasterKey(below, { last: false })).rejects.toMatchObject({
      ...{ code: 'KEY_FILE_UNWRITABLE', exitCode: 2 },
      message: expect.stringContaining(`cannot be written to ${below}: `),
    });
  });

  it('are not touched where the file is no such file', async () => {
    await writeFile(file(), 'password\n', { mode: 0o600 });
    await expect(addMasterKey(file(), { last: false })).rejects.toMatchObject({ code: 'KEY_MASTER_FILE' });
    expect(await readFile(file(), 'utf8')).toBe('password\n');
  });
});
