import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { registerFsck } from '../../src/cli/fsck.js';
import { registerGc } from '../../src/cli/gc.js';
import { registerKeys } from '../../src/cli/keys.js';
import { type KeyUse, keyIdOf, openKeyService } from '../../src/keys/index.js';
import { type ObjectStore, openStore } from '../../src/storage/index.js';
import { LABELS, requestOf } from '../keys/key-service.contract.js';
import { filesWithKeys, holdsKey } from '../keys/secrets.js';
import { type TestS3, startS3 } from '../support/s3-server.js';
import { type CliRun, cli } from './terminal.js';

const commands = [registerKeys, registerGc, registerFsck];
let root: string;
let server: TestS3;
let runs = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-cli-keys-'));
  server = await startS3({ folder: join(root, 'server'), conditionalWrites: true });
});
afterAll(async () => {
  await server.stop();
  await rm(root, { recursive: true });
});

const places: Record<string, () => NodeJS.ProcessEnv> = {
  files: () => ({ HULLCAST_HOME: join(root, `home-${(runs += 1)}`) }),
  S3: () => ({
    ...server.env,
    HULLCAST_HOME: join(root, `home-${(runs += 1)}`),
    HULLCAST_STORE: `s3://${server.bucket}/run-${runs}`,
    HULLCAST_MASTER_KEY_FILE: join(root, `masters-${runs}`),
  }),
};

describe.each(Object.entries(places))('hullcast keys, in a store on %s', (_, place) => {
  let env: NodeJS.ProcessEnv;
  let home: string;
  let store: ObjectStore;
  let keys: Buffer[];
  const films = ['film 1', 'film 2'].map((film) => requestOf(film, LABELS));
  const kids = films.flatMap((film) => film.keys.map(({ kid }) => kid)).sort();
  /** Everything that any command has printed. */
  let printed: string;

  const run = async (...argv: string[]): Promise<CliRun> => {
    const done = await cli(argv, { commands, env, cwd: root });
    printed += done.stdout.text + done.stderr.text;
    return done;
  };
  const obtain = async (purpose: KeyUse['purpose'] = 'package'): Promise<Buffer[]> => {
    const service = openKeyService(env, { store, home });
    const sets = await Promise.all(
      films.map((film) =>
        service.obtain({ ...film, use: { purpose, subject: `${purpose} of ${film.contentId}` } }),
      ),
    );
    return sets.flatMap((set) => set.keys.map(({ key }) => key.reveal()));
  };

  beforeEach(async () => {
    printed = '';
    env = place();
    home = env['HULLCAST_HOME']!;
    store = await openStore(env['HULLCAST_STORE'], { home, env });
    if (env['HULLCAST_MASTER_KEY_FILE']) await run('keys', 'new-master');
    keys = await obtain();
  });

  it('lists keys, and never shows one', async () => {
    const { code, stdout, stderr } = await run('keys', 'list', '--json');
    expect([code, stderr.text]).toEqual([0, '']);
    const lines = stdout.json();
    expect(lines.slice(0, -1).map(({ type, kid }) => [type, kid])).toEqual(kids.map((kid) => ['key', kid]));
    expect(lines.at(-1)).toEqual({ type: 'keys', count: 8 });
    const hd = lines.find(({ kid }) => kid === keyIdOf('film 2', 'HD', 0))!;
    expect(Object.keys(hd)).toEqual(['type', 'kid', 'label', 'contentId', 'createdAt', 'master']);
    expect(hd).toMatchObject({
      label: 'HD',
      contentId: 'film 2',
      master: { id: expect.stringMatching(/^\w{12}$/) },
    });

    const one = await run('keys', 'list', '--title', 'film 1');
    expect(one.stdout.text.split('\n')).toHaveLength(1 + 4 + 1);
    expect(one.stdout.text).toMatch(
      /^KEY ID {26} {2}FOR {4}MADE {20} {2}MASTER KEY {4}TITLE\n\w{32} {2}\w{2,5} +2\S{23} {2}\w{12} {2}film 1\n/,
    );
    expect((await run('keys', 'list', '--title', 'film 3')).stderr.text).toBe('There are no keys.\n');
  });

  it('tells who used them for what', async () => {
    await obtain('license');
    const lines = (await run('keys', 'audit', '--json')).stdout.json();
    expect(lines.at(-1)).toEqual({ type: 'uses', count: 4 });
    expect(
      lines
        .slice(0, -1)
        .map(({ purpose, subject, contentId }) => [purpose, subject, contentId])
        .sort(),
    ).toEqual(
      ['license', 'package'].flatMap((purpose) =>
        films.map(({ contentId }) => [purpose, `${purpose} of ${contentId}`, contentId]),
      ),
    );
    const kid = keyIdOf('film 1', 'UHD', 0);
    const text = (await run('keys', 'audit', '--kid', kid.toUpperCase(), '--since', '1h')).stdout.text;
    expect(text.split('\n').filter((line) => line.includes(kid))).toEqual([
      expect.stringMatching(
        /^2\S{23} {2}package {2}\w{32} {2}UHD {4}title film 1, by package of film 1 on \S+$/,
      ),
      expect.stringMatching(
        /^2\S{23} {2}license {2}\w{32} {2}UHD {4}title film 1, by license of film 1 on \S+$/,
      ),
    ]);
    expect((await run('keys', 'audit', '--title', 'license of film 2', '--json')).stdout.json()).toHaveLength(
      2,
    );
    expect((await run('keys', 'audit', '--since', '2100-01-01')).stderr.text).toBe(
      'No such use was noted.\n',
    );
  });

  it('rotates the master key', async () => {
    const before = (await run('keys', 'list', '--json')).stdout.json();
    expect((await run('keys', 'rotate')).stdout.text).toBe('0 keys wrapped anew, 8 were already.\n');
    const made = await run('keys', 'new-master', '--json');
    const [{ id, file }] = made.stdout.json() as [{ id: string; file: string }];
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const { code, stdout } = await run('keys', 'rotate', '--json');
    expect(code).toBe(0);
    expect(stdout.json()).toEqual([
      ...kids.map((kid) => ({ type: 'rotated', kid, outcome: 'rewrapped', code: null })),
      { type: 'rotation', rewrapped: 8, current: 0, failed: 0 },
    ]);
    const after = (await run('keys', 'list', '--json')).stdout.json();
    expect(after).toEqual(
      before.map((key) => (key['type'] === 'key' ? { ...key, master: { id, name: id } } : key)),
    );
    expect(await obtain('verify')).toEqual(keys);
    const noted = (await run('keys', 'audit', '--json')).stdout.json();
    expect(noted.filter(({ purpose }) => purpose === 'rotate')).toHaveLength(8);
  });

  it('leaves the rest as it is where one is damaged, and says so', async () => {
    await run('keys', 'new-master');
    const victim = kids[3]!;
    await store.put(`keys/content/${victim.slice(0, 2)}/${victim}.json`, '{}');
    await store.put('keys/audit/2026-08-09/000000.000-x.jsonl', 'nothing\n');
    const listed = await run('keys', 'list', '--json');
    expect(listed.code).toBe(1);
    expect(
      listed.stdout
        .json()
        .map(({ type }) => type)
        .sort(),
    ).toEqual([...['error', ...Array.from({ length: 7 }, () => 'key'), 'keyDamaged']]);
    expect(listed.stderr.text).toContain(`error KEY_TAMPERED: the record of key ${victim} is no record`);

    const rotated = await run('keys', 'rotate');
    expect([rotated.code, rotated.stdout.text]).toEqual([1, '7 keys wrapped anew, 0 were already.\n']);
    expect(rotated.stderr.text).toContain(
      'error KEY_ROTATION: 1 key could not be wrapped anew, and is as before',
    );

    const audited = await run('keys', 'audit', '--json');
    expect(audited.code).toBe(1);
    expect(audited.stdout.json().at(-1)).toMatchObject({ type: 'error', code: 'KEY_AUDIT_DAMAGED' });
    expect(audited.stdout.json()).toHaveLength(2 + 7 + 1);
  });

  it('is left alone by gc and fsck, whatever they remove', async () => {
    const objects = async (): Promise<string[]> => {
      const found: string[] = [];
      for await (const { key } of store.list('keys/'))
        found.push(`${key} ${(await store.read(key)).toString('hex')}`);
      return found;
    };
    const before = await objects();
    expect(before).toHaveLength(8 + 2);
    const least = env['HULLCAST_STORE'] ? '2' : '0';
    const fsck = await run('fsck', '--deep', '--repair', '--min-age', least, '--json');
    expect(fsck.stdout.json()).toEqual([
      { type: 'fsck', ok: true, deep: true, damaged: 0, repaired: 0, left: 0, superfluous: 0, unchecked: 0 },
    ]);
    for (const options of [
      ['--max-age', '0'],
      ['--max-bytes', '0'],
    ]) {
      const gc = await run('gc', ...options, '--min-age', least, '--json');
      expect(gc.stdout.json()).toMatchObject([{ type: 'gc', removed: { records: 0, blobs: 0 } }]);
    }
    expect(await objects()).toEqual(before);
    expect(await obtain('verify')).toEqual(keys);
  });

  it('leaves no key anywhere: not in what is printed, nor in the home, nor in the store', async () => {
    await obtain('license');
    await run('keys', 'new-master', '--last', '--verbose');
    for (const argv of [
      ['list'],
      ['audit'],
      ['rotate'],
      ['list', '--json'],
      ['audit', '--json'],
      ['rotate', '--json'],
    ])
      await run('keys', ...argv, '--verbose');
    expect(printed.length).toBeGreaterThan(5000);
    expect(holdsKey(printed, keys)).toBe(false);
    const masters = await readFile(env['HULLCAST_MASTER_KEY_FILE'] ?? join(home, 'master-keys'), 'utf8');
    const secrets = [...masters.matchAll(/^\w+:(.*)$/gm)].map((match) => Buffer.from(match[1]!, 'base64'));
    expect(secrets).toHaveLength(2);
    expect(holdsKey(printed, secrets)).toBe(false);

    const folder = env['HULLCAST_STORE'] ? join(root, 'server') : home;
    const { found, looked } = await filesWithKeys(folder, keys);
    expect(found).toEqual([]);
    expect(looked).toBeGreaterThanOrEqual(8 + 4);
    const inStore = env['HULLCAST_STORE'] ? folder : join(home, 'store');
    expect((await filesWithKeys(inStore, secrets)).found).toEqual([]);
  });
});

describe('hullcast keys where nothing was encrypted', () => {
  const env = (): NodeJS.ProcessEnv => ({ HULLCAST_HOME: join(root, 'empty') });
  const run = (...argv: string[]): Promise<CliRun> =>
    cli(['keys', ...argv], { commands, env: env(), cwd: root });

  it('has nothing to tell or to do, and makes no master key', async () => {
    expect(await run('list')).toMatchObject({
      code: 0,
      stdout: { text: '' },
      stderr: { text: 'There are no keys.\n' },
    });
    expect(await run('audit')).toMatchObject({ code: 0, stdout: { text: '' } });
    expect(await run('rotate')).toMatchObject({
      code: 0,
      stdout: { text: '0 keys wrapped anew, 0 were already.\n' },
    });
    expect(await readdir(join(root, 'empty'))).toEqual(['store']);
  });

  it('says where keys come from', async () => {
    const cpix = { ...env(), HULLCAST_KEYS: 'cpix:https://keys.example.com/token' };
    const { stderr } = await cli(['keys', 'list'], { commands, env: cpix, cwd: root });
    expect(stderr.text).toContain('Keys come from cpix https://keys.example.com, which keeps them');
    expect(stderr.text).not.toContain('token');
    const wrong = await cli(['keys', 'list'], { commands, env: { HULLCAST_KEYS: 'x' }, cwd: root });
    expect([wrong.code, wrong.stderr.text]).toEqual([
      2,
      expect.stringContaining('error KEY_SERVICE_CONFIG: '),
    ]);
  });
});

it('a file of master keys that is named is made where it is named', async () => {
  const made = await cli(['keys', 'new-master', '--file', 'ours'], { commands, env: {}, cwd: root });
  expect(made.code).toBe(0);
  const path = join(root, 'ours');
  expect(made.stdout.text).toMatch(new RegExp(`^Master key \\w{12} is in ${path}, as the current one\\.\n$`));
  expect(made.stderr.text).toContain('Keep a copy of the file elsewhere');
  const last = await cli(['keys', 'new-master', '--file', 'ours', '--last'], {
    commands,
    env: {},
    cwd: root,
  });
  expect(last.stdout.text).toContain('as the last one.');
  const lines = (await readFile(path, 'utf8')).split('\n');
  expect(lines.filter((line) => /^\w{12}:/.test(line))).toHaveLength(2);
});
