import { createHash, randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { ApiDeps } from '../../../../src/services/api/index.js';
import { type TestApi, problemOf, startApi } from '../support.js';
import { type TusClient, tusClient } from './tus-client.js';

const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const checksum = (algorithm: string, bytes: Uint8Array): Record<string, string> => ({
  'upload-checksum': `${algorithm} ${createHash(algorithm).update(bytes).digest('base64')}`,
});
const codeOf = (body: string): string => (JSON.parse(body) as { code: string }).code;

export interface UploadSetting {
  api: TestApi;
  /** The stored object of an upload. */
  read(id: string): Promise<Buffer>;
  /** Names of everything that is kept of unfinished uploads. */
  leftovers(): Promise<string[]>;
  /** What another server on the same database and store needs. */
  shared: Partial<ApiDeps>;
}

/** What uploads do wherever their bytes are. `chunk` is a size at which a part can be committed by itself. */
export function uploadContract(
  name: string,
  chunk: number,
  open: () => Promise<UploadSetting>,
  close: () => Promise<void>,
): void {
  describe(`uploads: ${name}`, () => {
    let api: TestApi;
    let setting: UploadSetting;
    let tus: TusClient;
    let owner: { secret: string; id: string };
    beforeAll(async () => {
      setting = await open();
      api = setting.api;
      owner = await api.token('submit');
      tus = tusClient(api.url, owner.secret);
    });
    afterAll(close);

    const idOf = (path: string): string => path.split('/').at(-1)!;

    it('arrive in one request', async () => {
      const bytes = randomBytes(100_000);
      const answer = await tus.send(
        'POST',
        '/v1/uploads',
        {
          'upload-length': String(bytes.length),
          'content-type': 'application/offset+octet-stream',
          'upload-metadata': `filename ${Buffer.from('../übung.mov').toString('base64')}`,
        },
        bytes,
      );
      expect(answer.status).toBe(201);
      expect(answer.headers['upload-offset']).toBe('100000');
      expect(answer.headers['upload-expires']).toBeUndefined();
      const id = idOf(answer.headers.location!);
      expect(await setting.read(id)).toEqual(bytes);
      expect(await api.db.uploads.get(id)).toMatchObject({
        name: 'übung.mov',
        bytes: 100_000,
        tokenId: owner.id,
      });
      expect((await api.db.uploads.get(id))?.finishedAt).toBeDefined();
    });

    it('arrive whole although the connection is cut again and again', async () => {
      const bytes = randomBytes(chunk * 3 + 12_345);
      const metadata = `filename ${Buffer.from('a.mov').toString('base64')},is_odd`;
      const path = await tus.create(bytes.length, { 'upload-metadata': metadata });
      const before = await tus.send('HEAD', path);
      expect(before.headers).toMatchObject({
        'upload-offset': '0',
        'upload-length': String(bytes.length),
        'upload-metadata': metadata,
        'cache-control': 'no-store',
        'tus-resumable': '1.0.0',
      });
      expect(Date.parse(before.headers['upload-expires'] as string)).toBeGreaterThan(Date.now());
      let offset = 0;
      for (let cuts = 0; cuts < 6; cuts++) {
        const end = Math.min(offset + Math.floor(bytes.length / 8), bytes.length - 1);
        await tus.cut(path, offset, bytes.length - offset, bytes.subarray(offset, end));
        const reached = await tus.offset(path);
        expect(reached).toBeGreaterThan(offset);
        expect(reached).toBeLessThanOrEqual(end);
        offset = reached;
      }
      expect((await api.db.uploads.get(idOf(path)))?.finishedAt).toBeUndefined();
      const last = await tus.patch(path, offset, bytes.subarray(offset));
      expect(last.status).toBe(204);
      expect(last.headers['upload-offset']).toBe(String(bytes.length));
      expect(await tus.offset(path)).toBe(bytes.length);
      expect(sha256(await setting.read(idOf(path)))).toBe(sha256(bytes));
      expect((await setting.leftovers()).filter((key) => key.includes(idOf(path)))).toEqual([]);
    });

    it('take chunks with right checksums, of every algorithm', async () => {
      const bytes = randomBytes(4000);
      const path = await tus.create(bytes.length);
      let offset = 0;
      for (const algorithm of ['sha1', 'sha256', 'sha512', 'md5']) {
        const part = bytes.subarray(offset, offset + 1000);
        const answer = await tus.patch(path, offset, part, checksum(algorithm, part));
        expect(answer.status, algorithm).toBe(204);
        offset += 1000;
      }
      expect(await setting.read(idOf(path))).toEqual(bytes);
    });

    it('keep nothing of a chunk with a wrong checksum, nor of one that was cut off', async () => {
      const bytes = randomBytes(3000);
      const path = await tus.create(bytes.length);
      const [first, second] = [bytes.subarray(0, 1000), bytes.subarray(1000)];
      expect((await tus.patch(path, 0, first)).status).toBe(204);
      const wrong = await tus.patch(path, 1000, second, checksum('sha256', first));
      expect([wrong.status, codeOf(wrong.body)]).toEqual([460, 'UPLOAD_CHECKSUM']);
      const from = api.log.length;
      await tus.cut(path, 1000, second.length, second.subarray(0, 1500), checksum('sha256', second));
      expect(await tus.offset(path)).toBe(1000);
      // A line that breaks is no failure of the server.
      await vi.waitUntil(() => api.log.slice(from).some(({ code }) => code !== undefined), 10_000);
      expect(api.log.slice(from).filter(({ level }) => Number(level) > 30)).toEqual([]);
      expect((await tus.patch(path, 1000, second, checksum('sha256', second))).status).toBe(204);
      expect(await setting.read(idOf(path))).toEqual(bytes);
    });

    it('refuse checksums that they cannot check', async () => {
      const path = await tus.create(10);
      for (const header of [
        'crc32 AAAAAA==',
        'sha1',
        'sha1 zzz',
        'sha1 AAAA',
        'SHA1 AAAA',
        'constructor AAAA',
      ]) {
        const answer = await tus.patch(path, 0, Buffer.alloc(10), { 'upload-checksum': header });
        expect([answer.status, codeOf(answer.body)], header).toEqual([400, 'CHECKSUM_INVALID']);
      }
      expect(await tus.offset(path)).toBe(0);
    });

    it('take no more bytes than declared', async () => {
      const path = await tus.create(1000);
      const answer = await tus.patch(path, 0, randomBytes(1001));
      expect([answer.status, codeOf(answer.body)]).toEqual([413, 'UPLOAD_OVERRUN']);
      expect(await tus.offset(path)).toBe(0);
      // Without a length one sees it only on the way.
      const endless = await tus.patch(path, 0, randomBytes(200_000), {
        'content-length': '',
        'transfer-encoding': 'chunked',
      });
      expect([endless.status, codeOf(endless.body)]).toEqual([413, 'UPLOAD_OVERRUN']);
      expect(await tus.offset(path)).toBeLessThanOrEqual(1000);
      expect((await api.db.uploads.get(idOf(path)))?.finishedAt).toBeUndefined();
    });

    it('refuse a wrong offset and change nothing', async () => {
      const path = await tus.create(100);
      expect((await tus.patch(path, 0, randomBytes(50))).status).toBe(204);
      for (const offset of [0, 49, 51, 100]) {
        const answer = await tus.patch(path, offset, randomBytes(10));
        expect([answer.status, codeOf(answer.body)], String(offset)).toEqual([409, 'UPLOAD_OFFSET']);
      }
      expect(await tus.offset(path)).toBe(50);
    });

    it('belong to the token that began them', async () => {
      const path = await tus.create(100);
      const other = tusClient(api.url, (await api.token('submit', 'admin')).secret);
      for (const method of ['PATCH', 'HEAD', 'DELETE'] as const) {
        const answer =
          method === 'PATCH' ? await other.patch(path, 0, randomBytes(100)) : await other.send(method, path);
        expect(answer.status, method).toBe(403);
      }
      expect(await tus.offset(path)).toBe(0);
      const reader = tusClient(api.url, (await api.token('read')).secret);
      expect((await reader.send('POST', '/v1/uploads', { 'upload-length': '5' })).status).toBe(403);
    });

    it('can be given up, and are gone then', async () => {
      const path = await tus.create(100);
      await tus.patch(path, 0, randomBytes(50));
      expect((await tus.send('DELETE', path)).status).toBe(204);
      expect((await tus.send('HEAD', path)).status).toBe(404);
      const answer = await tus.patch(path, 50, randomBytes(50));
      expect([answer.status, codeOf(answer.body)]).toEqual([404, 'UPLOAD_NOT_FOUND']);
      expect((await setting.leftovers()).filter((key) => key.includes(idOf(path)))).toEqual([]);
    });

    it('cannot be given up when they are finished', async () => {
      const path = await tus.create(10);
      await tus.patch(path, 0, randomBytes(10));
      const answer = await tus.send('DELETE', path);
      expect([answer.status, codeOf(answer.body)]).toEqual([409, 'UPLOAD_FINISHED']);
      expect(await tus.offset(path)).toBe(10);
      expect((await tus.patch(path, 10, Buffer.alloc(0))).status).toBe(204);
      expect(codeOf((await tus.patch(path, 10, Buffer.alloc(1))).body)).toBe('UPLOAD_OVERRUN');
    });

    it('go on where a crash left all bytes but no end', async () => {
      const bytes = randomBytes(5000);
      const path = await tus.create(bytes.length);
      const finished = api.db.uploads.finished.bind(api.db.uploads);
      api.db.uploads.finished = () => Promise.reject(new Error('the process dies here'));
      expect((await tus.patch(path, 0, bytes)).status).toBe(500);
      api.db.uploads.finished = finished;
      expect((await api.db.uploads.get(idOf(path)))?.finishedAt).toBeUndefined();
      expect(await tus.offset(path)).toBe(5000);
      expect((await api.db.uploads.get(idOf(path)))?.finishedAt).toBeDefined();
      expect(await setting.read(idOf(path))).toEqual(bytes);
    });

    it('let a new connection in when the old one hangs', async () => {
      const bytes = randomBytes(2000);
      const path = await tus.create(bytes.length);
      // Sends a part and then nothing: to the server the connection is alive.
      const old = await tus.hold(path, 0, 2000, bytes.subarray(0, 500));
      expect(await tus.offset(path)).toBe(500);
      expect((await tus.patch(path, 500, bytes.subarray(500))).status).toBe(204);
      old.close();
      expect(await setting.read(idOf(path))).toEqual(bytes);
    });

    it('may take longer than other requests', async () => {
      const busy = await startApi({ ...setting.shared, limits: { requestSeconds: 2 } });
      const slow = tusClient(busy.url, owner.secret);
      const bytes = randomBytes(20_000);
      const patch = { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' };
      const length = { 'upload-length': String(bytes.length) };
      const [plain, checked, overridden] = await Promise.all([1, 2, 3].map(() => tus.create(bytes.length)));
      const override = { ...patch, 'x-http-method-override': 'PATCH' };
      const sent: [string, string, Record<string, string>][] = [
        ['PATCH', plain!, patch],
        ['PATCH', checked!, { ...patch, ...checksum('sha256', bytes) }],
        ['POST', overridden!, override],
        ['POST', '/v1/uploads', { ...length, 'content-type': 'application/offset+octet-stream' }],
      ];
      const answers = await Promise.all(
        sent.map(([method, path, headers]) => slow.trickle(method, path, headers, bytes, 4000)),
      );
      expect(answers.map(({ status, body }) => [status, body])).toEqual([
        ...Array<[number, string]>(3).fill([204, '']),
        [201, ''],
      ]);
      for (const path of [plain!, checked!, overridden!, answers[3]!.headers.location!])
        expect(await setting.read(idOf(path))).toEqual(bytes);

      // Where nothing is sent, the answer has its limit.
      const get = api.db.uploads.get.bind(api.db.uploads);
      let answer = (): void => undefined;
      const answered = new Promise<void>((resolve) => (answer = resolve));
      api.db.uploads.get = (id) => answered.then(() => get(id));
      expect((await slow.send('HEAD', plain!)).status).toBe(503);
      api.db.uploads.get = get;
      answer();
      await busy.close();
    });

    it('do not wait for ever for a client that sends nothing more: that is the limit', async () => {
      const impatient = await startApi({ ...setting.shared, limits: { idleSeconds: 1 } });
      const path = await tus.create(100);
      const held = await tusClient(impatient.url, owner.secret).hold(path, 0, 100, randomBytes(40));
      await held.closed;
      await vi.waitUntil(async () => (await tus.offset(path)) === 40, { timeout: 10_000, interval: 200 });
      await impatient.close();
    });

    it('keep what has come when the server is stopped', async () => {
      const bytes = randomBytes(3000);
      const other = await startApi(setting.shared);
      const before = tusClient(other.url, owner.secret);
      const path = await before.create(bytes.length);
      const held = await before.hold(path, 0, 3000, bytes.subarray(0, 1000));
      await sleep(1500); // also a busy machine has read them by then
      await other.close();
      held.close();
      const offset = await tus.offset(path);
      expect(offset).toBe(1000);
      expect((await tus.patch(path, offset, bytes.subarray(offset))).status).toBe(204);
      expect(await setting.read(idOf(path))).toEqual(bytes);
    });

    it('answer what the API answers to requests that are none of tus', async () => {
      const cases: [string, string, Record<string, string>, number, string][] = [
        ['POST', '/v1/uploads', {}, 400, 'UPLOAD_LENGTH'],
        ['POST', '/v1/uploads', { 'upload-length': '0' }, 400, 'UPLOAD_LENGTH'],
        ['POST', '/v1/uploads', { 'upload-length': '-1' }, 400, 'TUS_REQUEST'],
        ['POST', '/v1/uploads', { 'upload-length': '1e3' }, 400, 'TUS_REQUEST'],
        ['POST', '/v1/uploads', { 'upload-length': '99999999999999' }, 413, 'UPLOAD_TOO_LARGE'],
        ['POST', '/v1/uploads', { 'upload-defer-length': '1' }, 501, 'TUS_UNSUPPORTED'],
        ['POST', '/v1/uploads', { 'upload-concat': 'partial', 'upload-length': '1' }, 501, 'TUS_UNSUPPORTED'],
        ['POST', '/v1/uploads', { 'upload-length': '1', 'upload-metadata': 'a b c' }, 400, 'TUS_REQUEST'],
        ['POST', '/v1/uploads', { 'upload-length': '1', 'tus-resumable': '' }, 412, 'TUS_VERSION'],
        ['POST', '/v1/uploads', { 'upload-length': '1', 'tus-resumable': '0.2.2' }, 412, 'TUS_VERSION'],
        ['PATCH', '/v1/uploads/none', { 'upload-offset': '0' }, 415, 'MEDIA_TYPE'],
        [
          'PATCH',
          '/v1/uploads/none',
          { 'content-type': 'application/offset+octet-stream' },
          400,
          'TUS_REQUEST',
        ],
        [
          'PATCH',
          '/v1/uploads/..%2f..%2fetc',
          { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' },
          404,
          'UPLOAD_NOT_FOUND',
        ],
        ['DELETE', '/v1/uploads/none', {}, 404, 'UPLOAD_NOT_FOUND'],
        ['POST', '/v1/uploads/none', { 'x-http-method-override': 'TRACE' }, 400, 'TUS_REQUEST'],
        ['POST', '/v1/uploads/none', { 'x-http-method-override': 'delete' }, 404, 'UPLOAD_NOT_FOUND'],
      ];
      for (const [method, path, headers, status, code] of cases) {
        const answer = await tus.send(method, path, headers);
        const said = `${method} ${JSON.stringify(headers)}: ${answer.body}`;
        expect([answer.status, codeOf(answer.body)], said).toEqual([status, code]);
        expect(answer.headers['content-type']).toBe('application/problem+json');
        expect(answer.headers['tus-resumable']).toBe('1.0.0');
        if (status === 412) expect(answer.headers['tus-version']).toBe('1.0.0');
      }
    });

    it('say what they can, to everybody', async () => {
      const answer = await api.call('OPTIONS', '/v1/uploads');
      expect(answer.status).toBe(204);
      expect(answer.headers.get('tus-extension')?.split(',').sort()).toEqual([
        'checksum',
        'creation',
        'creation-with-upload',
        'expiration',
        'termination',
      ]);
      expect(answer.headers.get('tus-checksum-algorithm')).toBe('sha1,sha256,sha512,md5');
      expect(answer.headers.get('tus-max-size')).toBe(String(2 ** 40));
    });

    it('take other methods by way of POST', async () => {
      const path = await tus.create(10);
      const answer = await tus.send(
        'POST',
        path,
        {
          'x-http-method-override': 'PATCH',
          'upload-offset': '0',
          'content-type': 'application/offset+octet-stream',
        },
        Buffer.from('0123456789'),
      );
      expect([answer.status, answer.headers['upload-offset']]).toEqual([204, '10']);
      expect((await setting.read(idOf(path))).toString()).toBe('0123456789');
    });

    it('are removed when they have expired, unless a title is made of them', async () => {
      const short = await startApi({ ...setting.shared, limits: { uploadSeconds: 6 } });
      const quick = tusClient(short.url, owner.secret);
      const abandoned = await quick.create(100);
      await quick.patch(abandoned, 0, randomBytes(60));
      const [forgotten, used] = [await quick.create(10), await quick.create(10)];
      for (const path of [forgotten, used]) await quick.patch(path, 0, randomBytes(10));
      const submitted = await short.call('POST', '/v1/titles', owner.secret, {
        body: { source: { upload: idOf(used) } },
      });
      expect(submitted.status).toBe(201);
      const { expiresAt } = (await api.db.uploads.get(idOf(used)))!;
      await sleep(Date.parse(expiresAt) - Date.now() + 300);
      expect((await quick.send('HEAD', abandoned)).status).toBe(410);
      expect(codeOf((await quick.patch(abandoned, 60, randomBytes(40))).body)).toBe('UPLOAD_EXPIRED');
      await short.close();

      // Every server sweeps when it starts.
      const sweeper = await startApi(setting.shared);
      await vi.waitUntil(() => sweeper.log.some(({ msg }) => msg === 'expired uploads removed'), 10_000);
      await sweeper.close();
      for (const path of [abandoned, forgotten]) {
        expect(await api.db.uploads.get(idOf(path))).toBeUndefined();
        expect((await setting.leftovers()).filter((key) => key.includes(idOf(path)))).toEqual([]);
        await expect(setting.read(idOf(path))).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
      }
      expect(await setting.read(idOf(used))).toHaveLength(10);
      const late = await api.call('POST', '/v1/titles', owner.secret, {
        body: { source: { upload: idOf(forgotten) } },
      });
      expect((await problemOf(late)).code).toBe('UPLOAD_NOT_FOUND');
    });
  });
}
