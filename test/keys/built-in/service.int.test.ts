import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { audited, AuditTrail } from '../../../src/keys/audit/index.js';
import { builtInKeyService, openMasterKeys } from '../../../src/keys/built-in/index.js';
import { openKeyService } from '../../../src/keys/index.js';
import { FileStore, type ObjectStore } from '../../../src/storage/index.js';
import { type TestS3, startS3 } from '../../support/s3-server.js';
import { S3Stores } from '../../support/s3-stores.js';
import { LABELS, all, keyServiceContract, requestOf } from '../key-service.contract.js';
import { filesWithKeys } from '../secrets.js';

let root: string;
let stores: S3Stores;
const servers: Promise<TestS3>[] = [];
let homes = 0;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-keys-'));
  stores = await S3Stores.open();
});
afterAll(async () => {
  for (const server of servers) await (await server).stop();
  await stores.cleanUp();
  await rm(root, { recursive: true });
});

const newHome = (): string => join(root, `home-${(homes += 1)}`);

function ofHome(home: string): { store: ObjectStore; open: () => ReturnType<typeof openKeyService> } {
  const store = new FileStore(join(home, 'store'));
  return { store, open: () => openKeyService({}, { store, home }) };
}

keyServiceContract('built in, in a folder', () => Promise.resolve(ofHome(newHome())));

function onS3(name: string, options: Parameters<typeof startS3>[0]): void {
  let server: Promise<TestS3> | undefined;
  keyServiceContract(`built in, on S3 ${name}`, async () => {
    if (!server) servers.push((server = startS3(options)));
    const { store } = stores.make(await server);
    await store.check();
    const home = newHome();
    const masters = openMasterKeys({}, { store, home });
    // The moment in which two may make a key is shorter here than with a server far away.
    const open = () => audited(builtInKeyService({ store, masters, settleMs: 100 }), new AuditTrail(store));
    const list = store.list.bind(store);
    store.list = async function* (prefix) {
      for await (const found of list(prefix)) if (!found.key.startsWith('trials/')) yield found;
    };
    return { store, open };
  });
}
onS3('without conditional writes', {});
onS3('with conditional writes', { conditionalWrites: true });

describe('keys that are kept', () => {
  const licence = { use: { purpose: 'license', subject: 'session 1' } } as const;

  it('are made for packaging only: nobody gets a licence for a key that nothing is encrypted with', async () => {
    const { store, open } = ofHome(newHome());
    const request = requestOf('film', LABELS);
    for (const purpose of ['license', 'verify'] as const) {
      const asked = open().obtain({ ...request, use: { purpose, subject: 'x' } });
      await expect(asked).rejects.toMatchObject({
        code: 'KEY_MISSING',
        message: expect.stringContaining(
          `lacks ${request.keys.map(({ label, kid }) => `${label} ${kid}`).join('; ')}`,
        ),
      });
    }
    expect(await all(store.list(''))).toEqual([]);

    await open().obtain({ ...request, keys: request.keys.slice(0, 2) });
    await expect(open().obtain({ ...request, ...licence })).rejects.toMatchObject({
      code: 'KEY_MISSING',
      message: expect.not.stringContaining(request.keys[0]!.kid),
    });
  });

  it('lie nowhere in the home in a form that can be read', async () => {
    const home = newHome();
    const { open } = ofHome(home);
    const { keys } = await open().obtain(requestOf('film', LABELS));
    const secrets = keys.map(({ key }) => key.reveal());
    const { found, looked } = await filesWithKeys(home, secrets);
    expect(found).toEqual([]);
    expect(looked).toBe(4 + 1 + 1); // records, trail, master keys
    // The scan would find one.
    await writeFile(join(home, 'leak'), `x${secrets[2]!.toString('base64')}x`);
    expect((await filesWithKeys(home, secrets)).found).toEqual([join(home, 'leak')]);
  });

  it('cannot be opened where records were swapped, changed or cut short', async () => {
    const home = newHome();
    const { open } = ofHome(home);
    const request = requestOf('film', ['SD', 'HD']);
    await open().obtain(request);
    const paths = request.keys.map(({ kid }) =>
      join(home, 'store', 'keys', 'content', kid.slice(0, 2), `${kid}.json`),
    );
    const [sd = '', hd = ''] = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
    type Fields = Record<string, unknown> & { sealed: { data: string }; wrapped: { data: string } };
    const changed = (change: (record: Fields) => unknown): string => {
      const record = JSON.parse(sd) as Fields;
      return JSON.stringify({ ...record, ...(change(record) as object) });
    };
    const other = JSON.parse(hd) as Fields;
    const flip = (text: string): string => `${text.startsWith('A') ? 'B' : 'A'}${text.slice(1)}`;
    const records: Record<string, string> = {
      swapped: hd,
      'swapped, and named as the other': changed(() => ({ ...other, kid: request.keys[0]!.kid })),
      'with another label': changed(() => ({ label: 'HD' })),
      'with another content id': changed(() => ({ contentId: 'other film' })),
      'with another date': changed(() => ({ createdAt: '2020-01-01T00:00:00.000Z' })),
      'with the other data key': changed(() => ({ wrapped: other.wrapped })),
      'with the other key': changed(() => ({ sealed: other.sealed })),
      'with one bit more in its key': changed(({ sealed }) => ({
        sealed: { ...sealed, data: flip(sealed.data) },
      })),
      'with one bit more in its data key': changed(({ wrapped }) => ({
        wrapped: { ...wrapped, data: flip(wrapped.data) },
      })),
      'with a field more': changed(() => ({ more: 1 })),
      'cut short': sd.slice(0, -20),
      empty: '',
    };
    for (const [how, text] of Object.entries(records)) {
      await writeFile(paths[0]!, text);
      const asked = open().obtain({ ...request, keys: request.keys.slice(0, 1), ...licence });
      await expect(asked, how).rejects.toMatchObject({ code: 'KEY_TAMPERED', hint: expect.any(String) });
    }
    await writeFile(paths[0]!, sd);
    expect((await open().obtain({ ...request, ...licence })).keys).toHaveLength(2);
  });

  it('are not opened by another name than they were made with', async () => {
    const { open } = ofHome(newHome());
    const request = requestOf('film', ['SD', 'HD']);
    await open().obtain(request);
    await expect(open().obtain({ ...request, contentId: 'other' })).rejects.toMatchObject({
      code: 'KEY_TAMPERED',
    });
  });
});
