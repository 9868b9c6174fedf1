import { randomBytes, randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type TestApi, problemOf, startApi } from './support.js';

const RESULT = {
  ...{
    frames: 1,
    fps: '24/1',
    width: 16,
    height: 16,
    findings: 0,
    manifests: ['manifest.mpd'],
    renditions: [],
  },
  cost: { wallSeconds: 1, cpuSeconds: 1, encodes: 1, cacheHits: 0 },
};
const SEGMENT = randomBytes(300_000);

let api: TestApi;
let secret: string;
let id: string;

const newTitle = async (done: boolean): Promise<string> => {
  const made = randomUUID();
  await api.db.titles.create({
    ...{ id: made, name: 'a.mov', profile: 'default', options: {}, priority: 5 },
    source: { kind: 's3', bucket: 'b', key: 'k', bytes: 1, etag: 'e' },
    ...{ requestDigest: 'd', tokenId: 'somebody' },
  });
  await api.db.titles.started(made);
  if (done) await api.db.titles.finished(made, RESULT);
  return made;
};

beforeAll(async () => {
  api = await startApi();
  ({ secret } = await api.token('read'));
  id = await newTitle(true);
  await api.store.put(`titles/${id}/master.m3u8`, '#EXTM3U\n');
  await api.store.put(`titles/${id}/manifest.mpd`, '<MPD/>');
  await api.store.put(`titles/${id}/report.html`, '<p>');
  await api.store.put(`titles/${id}/video/720p/seg-1.m4s`, SEGMENT);
  await api.store.put(`titles/${id}/empty.vtt`, '');
  await api.store.put('secret', 'nobody may see this');
});
afterAll(() => api.close());

const get = (
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
  of = id,
): Promise<Response> => api.call(method, `/v1/titles/${of}/files/${path}`, secret, { headers });

/** With a path as it is: fetch would tidy it up. */
function status(path: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(
      api.url,
      { path, agent: false, headers: { authorization: `Bearer ${secret}` } },
      (response) => {
        response.resume();
        resolve(response.statusCode ?? 0);
      },
    );
    sent.on('error', reject);
    sent.end();
  });
}

describe('published files', () => {
  it.each([
    ['master.m3u8', 'application/vnd.apple.mpegurl'],
    ['manifest.mpd', 'application/dash+xml'],
    ['video/720p/seg-1.m4s', 'video/iso.segment'],
    ['report.html', 'text/html; charset=utf-8'],
    ['empty.vtt', 'text/vtt; charset=utf-8'],
  ])('%s comes as %s', async (path, type) => {
    const response = await get(path);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, type]);
    expect(Buffer.from(await response.arrayBuffer())).toEqual(await api.store.read(`titles/${id}/${path}`));
    expect(response.headers.get('accept-ranges')).toBe('bytes');
    expect(response.headers.get('content-security-policy')).toMatch(/^sandbox/);
  });

  it('come in ranges', async () => {
    const path = 'video/720p/seg-1.m4s';
    for (const [range, start, end] of [
      ['bytes=0-0', 0, 0],
      ['bytes=100000-199999', 100_000, 199_999],
      ['bytes=299999-', 299_999, 299_999],
      ['bytes=-5', 299_995, 299_999],
      ['bytes=200000-999999', 200_000, 299_999],
    ] as const) {
      const response = await get(path, { range });
      expect([response.status, response.headers.get('content-range')], range).toEqual([
        206,
        `bytes ${start}-${end}/300000`,
      ]);
      expect(response.headers.get('content-length')).toBe(String(end - start + 1));
      expect(Buffer.from(await response.arrayBuffer()).equals(SEGMENT.subarray(start, end + 1))).toBe(true);
    }
    const beyond = await get(path, { range: 'bytes=300000-' });
    expect(beyond.headers.get('content-range')).toBe('bytes */300000');
    expect(await problemOf(beyond)).toMatchObject({ status: 416, code: 'RANGE_INVALID' });
    expect((await get(path, { range: 'bytes=0-1,5-6' })).status).toBe(200);
  });

  it('are not sent again to who has them', async () => {
    const etag = (await get('manifest.mpd')).headers.get('etag')!;
    for (const header of [etag, `W/${etag}`, `"x", ${etag}`, '*']) {
      const response = await get('manifest.mpd', { 'if-none-match': header });
      expect([response.status, await response.text()], header).toEqual([304, '']);
      expect(response.headers.get('etag')).toBe(etag);
    }
    expect((await get('manifest.mpd', { 'if-none-match': '"x"' })).status).toBe(200);
    const half = { range: 'bytes=0-1' };
    expect((await get('manifest.mpd', { ...half, 'if-range': etag })).status).toBe(206);
    expect((await get('manifest.mpd', { ...half, 'if-range': '"x"' })).status).toBe(200);
    expect((await get('master.m3u8')).headers.get('etag')).not.toBe(etag);
  });

  it('tell their size without their bytes', async () => {
    const response = await get('video/720p/seg-1.m4s', {}, 'HEAD');
    expect(response.status).toBe(200);
    expect(response.headers.get('content-length')).toBe('300000');
    expect(await response.text()).toBe('');
    // Ranges are of GET alone (RFC 9110, 14.2).
    for (const range of ['bytes=0-9', 'bytes=999999-']) {
      const whole = await get('video/720p/seg-1.m4s', { range }, 'HEAD');
      expect([whole.status, whole.headers.get('content-length')]).toEqual([200, '300000']);
    }
  });

  it.each(['', 'nosuch.mpd', 'video', 'video/720p/', '.tmp/x'])('are not there: %j', async (path) => {
    expect((await problemOf(await get(path))).status).toBe(404);
  });

  it('are of one title and nothing beside', async () => {
    for (const path of [
      '../../secret',
      '..%2f..%2fsecret',
      '%2e%2e/%2e%2e/secret',
      '..%5c..%5csecret',
      '/../../secret',
      './././../../secret',
      'a%00b',
      '//secret',
    ])
      expect(await status(`/v1/titles/${id}/files/${path}`), path).toBe(404);
    expect(await status(`/v1/titles/..%2f/files/secret`)).toBe(404);
  });

  it('are those of titles that are done', async () => {
    const running = await newTitle(false);
    await api.store.put(`titles/${running}/manifest.mpd`, '<MPD/>');
    const response = await get('manifest.mpd', {}, 'GET', running);
    expect(await problemOf(response)).toMatchObject({ status: 404, code: 'FILE_NOT_FOUND' });
    const unknown = await get('manifest.mpd', {}, 'GET', 'nosuch');
    expect(await problemOf(unknown)).toMatchObject({ status: 404, code: 'TITLE_NOT_FOUND' });
  });

  it('need a token', async () => {
    const response = await api.call('GET', `/v1/titles/${id}/files/manifest.mpd`);
    expect((await problemOf(response)).code).toBe('AUTH_REQUIRED');
  });
});
