import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { type KeyLabel, type KeyRequest, type KeyService, keyIdOf, readTrail } from '../../src/keys/index.js';
import type { ObjectStore } from '../../src/storage/index.js';
import { holdsKey } from './secrets.js';

/** A fresh deployment: a store with nothing in it, and processes of it. */
export interface KeyDeployment {
  store: ObjectStore;
  /** Another process. */
  open(): KeyService;
}

/** A title that wants these labels, of one period or without. */
export function requestOf(
  contentId: string,
  labels: readonly KeyLabel[],
  more: Partial<KeyRequest> & { period?: number } = {},
): KeyRequest {
  const { period, ...rest } = more;
  return {
    contentId,
    scheme: 'cbcs',
    systems: ['widevine', 'playready', 'fairplay'],
    keys: labels.map((label) => ({
      kid: keyIdOf(contentId, label, period ?? 0),
      label,
      ...(period === undefined ? {} : { period }),
    })),
    use: { purpose: 'package', subject: `title of ${contentId}` },
    ...rest,
  };
}

export const LABELS: readonly KeyLabel[] = ['SD', 'HD', 'UHD', 'AUDIO'];

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

/** What every key service does. */
export function keyServiceContract(name: string, deploy: () => Promise<KeyDeployment>): void {
  describe(`the key service ${name}`, () => {
    const valuesOf = async (service: KeyService, request: KeyRequest): Promise<string[]> =>
      (await service.obtain(request)).keys.map(({ key }) => key.reveal().toString('hex'));

    it('gives a key for each that is asked for, in that order, and all of them differ', async () => {
      const service = (await deploy()).open();
      const request = requestOf('film 1', LABELS);
      const { keys } = await service.obtain(request);
      expect(keys.map(({ kid, label }) => ({ kid, label }))).toEqual(request.keys);
      for (const { key } of keys) expect(key.reveal()).toHaveLength(16);
      expect(new Set(keys.map(({ key }) => key.reveal().toString('hex')))).toHaveProperty('size', 4);

      const turned = await service.obtain({ ...request, keys: request.keys.toReversed() });
      expect(turned.keys.map(({ label }) => label)).toEqual(LABELS.toReversed());
      expect(turned.keys.toReversed().map(({ key }) => key.reveal())).toEqual(
        keys.map(({ key }) => key.reveal()),
      );
    });

    it('gives the same again, to whatever process, purpose, scheme and systems', async () => {
      const deployment = await deploy();
      const request = requestOf('film 2', LABELS);
      const first = await valuesOf(deployment.open(), request);
      expect(await valuesOf(deployment.open(), request)).toEqual(first);
      for (const purpose of ['verify', 'license'] as const) {
        const use = { purpose, subject: 'somebody' };
        const other = { ...request, use, scheme: 'cenc', systems: ['widevine', 'clearkey'] } as const;
        expect(await valuesOf(deployment.open(), other)).toEqual(first);
      }
      const some = { ...request, keys: request.keys.slice(1, 3) };
      expect(await valuesOf(deployment.open(), some)).toEqual(first.slice(1, 3));
    });

    it('gives all of those who ask at once the same', async () => {
      const deployment = await deploy();
      const request = requestOf('film 3', LABELS);
      const given = await Promise.all(Array.from({ length: 8 }, () => valuesOf(deployment.open(), request)));
      expect(new Set(given.map((one) => one.join()))).toHaveProperty('size', 1);
      expect(await valuesOf(deployment.open(), request)).toEqual(given[0]);
    });

    it('has other keys for other titles, and for other periods of one', async () => {
      const service = (await deploy()).open();
      const periods = [0, 1, 2].map((period) => requestOf('film 4', LABELS, { period }).keys);
      const { keys } = await service.obtain({ ...requestOf('film 4', []), keys: periods.flat() });
      expect(keys.map(({ kid, period }) => ({ kid, period }))).toEqual(
        periods.flat().map(({ kid, period }) => ({ kid, period })),
      );
      const values = keys.map(({ key }) => key.reveal().toString('hex'));
      expect(new Set([...values, ...(await valuesOf(service, requestOf('film 5', LABELS)))])).toHaveProperty(
        'size',
        16,
      );
    });

    it('gives one key for all of a title, and signalling of no other system than was asked for', async () => {
      const service = (await deploy()).open();
      const request = requestOf('film 6', ['ALL'], { systems: ['widevine'], scheme: 'cenc' });
      const { keys, signalling } = await service.obtain(request);
      expect(keys.map(({ label }) => label)).toEqual(['ALL']);
      for (const { system, kid } of signalling)
        expect([system, kid]).toEqual(['widevine', request.keys[0]!.kid]);
    });

    it.each<[string, Partial<KeyRequest>]>([
      ['no key', { keys: [] }],
      ['no content id', { contentId: '' }],
      ['a content id that no terminal should see', { contentId: 'film\u001b[31m' }],
      ['no subject', { use: { purpose: 'package', subject: '' } }],
      ['a key id that is none', { keys: [{ kid: 'ABC', label: 'HD' }] }],
      [
        'a key id twice',
        { keys: ['HD', 'SD'].map((label) => ({ kid: '0'.repeat(32), label: label as KeyLabel })) },
      ],
      [
        'a label twice',
        { keys: ['0', '1'].map((digit) => ({ kid: digit.repeat(32), label: 'HD' as const })) },
      ],
      ['one key for all beside another', { keys: requestOf('film', ['ALL', 'HD']).keys }],
      ['half a period', { keys: requestOf('film', ['HD'], { period: 0.5 }).keys }],
      ['a system twice', { systems: ['widevine', 'widevine'] }],
      ['FairPlay with cenc', { scheme: 'cenc', systems: ['fairplay'] }],
    ])('refuses a request with %s, and keeps nothing', async (_, wrong) => {
      const { store, open } = await deploy();
      const request = { ...requestOf('film 7', LABELS), ...wrong };
      await expect(open().obtain(request)).rejects.toMatchObject({ code: 'KEY_REQUEST' });
      expect(await all(store.list(''))).toEqual([]);
    });

    it('ends with the reason of a signal', async () => {
      const { store, open } = await deploy();
      const reason = new Error('no longer wanted');
      const request = requestOf('film 8', LABELS);
      await expect(open().obtain(request, AbortSignal.abort(reason))).rejects.toBe(reason);
      expect(await all(store.list(''))).toEqual([]);
    });

    it('notes every use, and no key with it', async () => {
      const { store, open } = await deploy();
      const service = open();
      const before = Date.now();
      const request = requestOf('film 9', LABELS);
      const { keys } = await service.obtain(request);
      await service.obtain({ ...request, use: { purpose: 'license', subject: 'session 77' } });
      const entries = (await all(readTrail(store))).map(({ entry }) => entry!);
      expect(entries).toMatchObject([
        { purpose: 'package', subject: 'title of film 9', contentId: 'film 9', service: service.name },
        { purpose: 'license', subject: 'session 77', contentId: 'film 9', service: service.name },
      ]);
      for (const { time, host, keys: noted } of entries) {
        expect(Date.parse(time)).toBeGreaterThanOrEqual(before);
        expect(Date.parse(time)).toBeLessThanOrEqual(Date.now());
        expect(host).not.toBe('');
        expect(noted).toEqual(request.keys);
      }
      const secrets = keys.map(({ key }) => key.reveal());
      expect(holdsKey(JSON.stringify(entries), secrets)).toBe(false);
    });

    it('gives no key where its use cannot be noted', async () => {
      const { store, open } = await deploy();
      const service = open();
      const request = requestOf('film 10', LABELS);
      await service.obtain(request);
      const full = new Error('the disk is full');
      const { put } = store;
      store.put = () => Promise.reject(full);
      await expect(service.obtain(request)).rejects.toBe(full);
      store.put = put;
      expect((await service.obtain(request)).keys).toHaveLength(4);
    });

    it('gives keys that nothing prints', async () => {
      const set = await (await deploy()).open().obtain(requestOf('film 11', LABELS));
      const secrets = set.keys.map(({ key }) => key.reveal());
      const printed = [
        JSON.stringify(set),
        inspect(set, { depth: null, showHidden: true }),
        ...set.keys.map(({ key }) => `${String(key)} ${JSON.stringify({ ...key })}`),
      ].join();
      expect(printed).toContain('[secret]');
      expect(holdsKey(printed, secrets)).toBe(false);
    });
  });
}
