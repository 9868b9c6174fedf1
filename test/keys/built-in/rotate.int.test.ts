import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import {
  AuditTrail,
  type KeyRequest,
  type Rotated,
  addMasterKey,
  keyIdOf,
  listKeys,
  openKeyService,
  openMasterKeys,
  readTrail,
  rotateMasterKey,
} from '../../../src/keys/index.js';
import { FileStore, type ObjectStore } from '../../../src/storage/index.js';
import { LABELS, all, requestOf } from '../key-service.contract.js';

let root: string;
let home: string;
let store: FileStore;
let file: string;
let env: NodeJS.ProcessEnv;
let old: string;
let values: string[];
let runs = 0;
const titles: KeyRequest[] = Array.from({ length: 10 }, (_, i) => requestOf(`film ${i}`, LABELS));

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-rotate-'));
});
afterAll(() => rm(root, { recursive: true }));
beforeEach(async () => {
  home = join(root, `home-${(runs += 1)}`);
  store = new FileStore(join(home, 'store'));
  file = join(root, `masters-${runs}`);
  env = { HULLCAST_MASTER_KEY_FILE: file };
  old = await addMasterKey(file, { last: false });
  values = await valuesOf();
});

/** All keys of all titles. */
async function valuesOf(): Promise<string[]> {
  const service = openKeyService(env, { store, home });
  const sets = await Promise.all(titles.map((request) => service.obtain(request)));
  return sets.flatMap(({ keys }) => keys.map(({ key }) => key.reveal().toString('hex')));
}
function rotate(within: ObjectStore = store, signal?: AbortSignal): AsyncGenerator<Rotated> {
  const masters = openMasterKeys(env, { store, home });
  return rotateMasterKey({ store: within, masters, trail: new AuditTrail(store), signal });
}
const outcomes = (rotated: readonly Rotated[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const { outcome } of rotated) counts[outcome] = (counts[outcome] ?? 0) + 1;
  return counts;
};
const mastersInUse = async (): Promise<Set<string>> =>
  new Set((await all(listKeys(store))).map((key) => ('master' in key ? key.master.id : key.code)));
/** The same store with some methods of its own. */
const wrapped = (more: Partial<ObjectStore>): ObjectStore =>
  new Proxy<ObjectStore>(store, {
    get: (target, name) => {
      const own = more[name as keyof ObjectStore] ?? target[name as keyof ObjectStore];
      return own.bind(target) as unknown;
    },
  });
async function withoutOld(): Promise<void> {
  const lines = (await readFile(file, 'utf8')).split('\n');
  await writeFile(file, lines.filter((line) => !line.startsWith(old)).join('\n'));
}

describe('a rotation of the master key', () => {
  it('wraps every key by the current one; then the old one may go', async () => {
    const current = await addMasterKey(file, { last: false });
    expect(await mastersInUse()).toEqual(new Set([old]));
    const rotated = await all(rotate());
    expect(outcomes(rotated)).toEqual({ rewrapped: 40 });
    expect(rotated.map(({ kid }) => kid)).toEqual(
      titles.flatMap(({ keys }) => keys.map(({ kid }) => kid)).sort(),
    );
    expect(await mastersInUse()).toEqual(new Set([current]));
    await withoutOld();
    expect(await valuesOf()).toEqual(values);
  });

  it('changes nothing the second time, nor where there is nothing to do', async () => {
    expect(outcomes(await all(rotate()))).toEqual({ current: 40 });
    await addMasterKey(file, { last: true });
    expect(outcomes(await all(rotate()))).toEqual({ current: 40 });
    await addMasterKey(file, { last: false });
    await all(rotate());
    const before = await all(store.list('keys/content/'));
    expect(outcomes(await all(rotate()))).toEqual({ current: 40 });
    expect(await all(store.list('keys/content/'))).toEqual(before);
  });

  it('goes on where it was interrupted, and every key opens meanwhile', async () => {
    await addMasterKey(file, { last: false });
    const stop = new AbortController();
    await expect(async () => {
      for await (const _ of rotate(store, stop.signal)) stop.abort(new Error('stopped'));
    }).rejects.toThrow('stopped');
    expect((await mastersInUse()).size).toBe(2);
    expect(await valuesOf()).toEqual(values);
    const counts = outcomes(await all(rotate()));
    expect(counts['current']).toBeGreaterThan(0);
    expect(counts['rewrapped']).toBe(40 - counts['current']!);
    expect(await valuesOf()).toEqual(values);
  });

  it('survives the death of the store at any write', async () => {
    await addMasterKey(file, { last: false });
    for (let deaths = 1; (await mastersInUse()).has(old); deaths += 4) {
      let left = deaths;
      const put: ObjectStore['put'] = (key, data) =>
        (left -= 1) > 0 ? store.put(key, data) : Promise.reject(new Error('the store is gone'));
      await all(rotate(wrapped({ put }))).catch(() => undefined);
      expect(await valuesOf()).toEqual(values);
    }
    expect((await mastersInUse()).size).toBe(1);
  });

  it('puts the old record back where the store gives back something else', async () => {
    await addMasterKey(file, { last: false });
    const victim = titles[3]!.keys[1]!.kid;
    let broken = true;
    const put: ObjectStore['put'] = (key, data) => {
      const isVictim = broken && key.endsWith(`${victim}.json`);
      if (isVictim) broken = false;
      return store.put(key, isVictim ? String(data).replace(/"data":"..../, '"data":"AAAA') : data);
    };
    const rotated = await all(rotate(wrapped({ put })));
    expect(outcomes(rotated)).toEqual({ rewrapped: 39, failed: 1 });
    expect(rotated.find(({ outcome }) => outcome === 'failed')).toMatchObject({
      ...{ kid: victim, error: { code: 'KEY_ROTATION' } },
    });
    expect(await valuesOf()).toEqual(values);
    expect(outcomes(await all(rotate()))).toEqual({ rewrapped: 1, current: 39 });
    expect(await valuesOf()).toEqual(values);
  });

  it('is not taken for done where the store lost what it was given', async () => {
    await addMasterKey(file, { last: false });
    const victim = titles[5]!.keys[2]!.kid;
    const put: ObjectStore['put'] = (key, data) =>
      key.endsWith(`${victim}.json`) ? Promise.resolve({ key, bytes: data.length }) : store.put(key, data);
    const rotated = await all(rotate(wrapped({ put })));
    expect(rotated.filter(({ outcome }) => outcome === 'failed')).toMatchObject([
      {
        kid: victim,
        error: { code: 'KEY_ROTATION', message: expect.stringContaining('another master key') },
      },
    ]);
    expect(await mastersInUse()).toHaveProperty('size', 2);
    expect(await valuesOf()).toEqual(values);
  });

  it('goes past records that do not open, and leaves them as they are', async () => {
    const current = await addMasterKey(file, { last: false });
    const [tampered, swapped] = [titles[1]!.keys[0]!.kid, titles[2]!.keys[0]!.kid];
    const paths = [tampered, swapped].map((kid) => `keys/content/${kid.slice(0, 2)}/${kid}.json`);
    await store.put(paths[0]!, 'not a record');
    await store.copy(
      `keys/content/${titles[0]!.keys[0]!.kid.slice(0, 2)}/${titles[0]!.keys[0]!.kid}.json`,
      paths[1]!,
    );
    const before = await Promise.all(paths.map((path) => store.read(path)));
    const rotated = await all(rotate());
    expect(outcomes(rotated)).toEqual({ rewrapped: 38, failed: 2 });
    const failed = rotated.filter(({ outcome }) => outcome === 'failed');
    expect(failed.map(({ kid }) => kid).sort()).toEqual([tampered, swapped].sort());
    expect(failed.map(({ error }) => error?.code)).toEqual(['KEY_TAMPERED', 'KEY_TAMPERED']);
    expect(await Promise.all(paths.map((path) => store.read(path)))).toEqual(before);
    expect(await mastersInUse()).toEqual(new Set([current, 'KEY_TAMPERED']));
  });

  it('fails for keys of a master key that it does not have', async () => {
    const other = Buffer.alloc(32, 5).toString('base64');
    await writeFile(file, `other:${other}\n`);
    const rotated = await all(rotate());
    expect(outcomes(rotated)).toEqual({ failed: 40 });
    expect(rotated[0]?.error?.code).toBe('KEY_MASTER_MISSING');
  });

  it('may run twice at once, and while keys are made and used', async () => {
    await addMasterKey(file, { last: false });
    const service = openKeyService(env, { store, home });
    const more = Array.from({ length: 10 }, (_, i) => requestOf(`new film ${i}`, LABELS));
    const [first, second, , made] = await Promise.all([
      all(rotate()),
      all(rotate()),
      valuesOf(),
      Promise.all(more.map((request) => service.obtain(request))),
    ]);
    expect([...first, ...second].filter(({ outcome }) => outcome === 'failed')).toEqual([]);
    await all(rotate());
    await withoutOld();
    expect(await valuesOf()).toEqual(values);
    const again = await Promise.all(more.map((request) => service.obtain(request)));
    expect(again.map(({ keys }) => keys.map(({ key }) => key.reveal()))).toEqual(
      made.map(({ keys }) => keys.map(({ key }) => key.reveal())),
    );
  });

  it('is noted for every key, before it is done', async () => {
    const current = await addMasterKey(file, { last: false });
    await all(rotate());
    const entries = (await all(readTrail(store))).map(({ entry }) => entry!);
    const noted = entries.filter(({ purpose }) => purpose === 'rotate');
    expect(noted).toHaveLength(40);
    expect(new Set(noted.map(({ subject }) => subject))).toEqual(new Set([`master key ${current}`]));
    const kid = keyIdOf('film 4', 'HD', 0);
    expect(noted.filter(({ keys }) => keys[0]!.kid === kid)).toMatchObject([
      { contentId: 'film 4', keys: [{ kid, label: 'HD' }] },
    ]);
  });
});
