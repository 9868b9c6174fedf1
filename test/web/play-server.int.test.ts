import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, type RequestOptions, request } from 'node:http';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlayServer, servePlayer } from '../../src/cli/play-server.js';
import { EXIT } from '../../src/errors.js';

const BYTES = Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7) % 251));
let root: string;
let title: string;
let server: PlayServer;
const errors: unknown[] = [];

interface Answer {
  status: number;
  headers: IncomingHttpHeaders;
  body: Buffer;
}

/** A request as written: unlike fetch and URL, it does not tidy `..` away. */
function get(path: string, options: RequestOptions = {}): Promise<Answer> {
  const { hostname, port } = new URL(server.url);
  return new Promise((done, fail) => {
    const call = request({ hostname, port, path, agent: false, ...options }, (response) => {
      const parts: Buffer[] = [];
      response.on('data', (part: Buffer) => parts.push(part));
      response.on('end', () =>
        done({ status: response.statusCode ?? 0, headers: response.headers, body: Buffer.concat(parts) }),
      );
      response.on('error', fail);
    });
    call.on('error', fail);
    call.end();
  });
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-play-'));
  title = join(root, 'title');
  await mkdir(join(title, 'v1'), { recursive: true });
  await mkdir(join(root, 'title-secret'));
  await writeFile(join(root, 'secret.txt'), 'secret');
  await writeFile(join(root, 'title-secret', 'secret.txt'), 'secret');
  await writeFile(join(title, 'manifest.mpd'), '<MPD/>');
  await writeFile(
    join(title, 'report.json'),
    JSON.stringify({ title: { name: '</script><b>"Name" & more' } }),
  );
  await writeFile(join(title, 'v1', 'seg 1.m4s'), BYTES);
  await writeFile(join(title, 'empty.mp4'), '');
  await symlink(join(root, 'secret.txt'), join(title, 'out.txt'));
  await symlink(root, join(title, 'up'));
  await symlink(join(title, 'v1'), join(title, 'inside'));
  server = await servePlayer(title, { onError: (error) => errors.push(error) });
});
afterAll(async () => {
  await server.close();
  await rm(root, { recursive: true, force: true });
});

describe('servePlayer', () => {
  it('sends whole files with their type and length', async () => {
    const answer = await get('/title/v1/seg%201.m4s?x=1');
    expect(answer.status).toBe(200);
    expect(answer.headers).toMatchObject({
      'content-type': 'video/iso.segment',
      'content-length': '5000',
      'accept-ranges': 'bytes',
      'x-content-type-options': 'nosniff',
    });
    expect(answer.body.equals(BYTES)).toBe(true);
    expect((await get('/title/inside/seg%201.m4s')).body.equals(BYTES)).toBe(true);
    expect((await get('/title/empty.mp4')).headers['content-length']).toBe('0');
  });

  it.each([
    ['bytes=10-19', 10, 20],
    ['bytes=4990-', 4990, 5000],
    ['bytes=-1', 4999, 5000],
    ['bytes=0-99999', 0, 5000],
  ])('sends the part %s', async (range, from, to) => {
    const answer = await get('/title/v1/seg%201.m4s', { headers: { range } });
    expect(answer.status).toBe(206);
    expect(answer.headers['content-range']).toBe(`bytes ${from}-${to - 1}/5000`);
    expect(answer.headers['content-length']).toBe(String(to - from));
    expect(answer.body.equals(BYTES.subarray(from, to))).toBe(true);
  });

  it('answers 416 beyond the end, the whole where a range is no such thing or bound to a validator', async () => {
    const path = '/title/v1/seg%201.m4s';
    const beyond = await get(path, { headers: { range: 'bytes=5000-' } });
    expect([beyond.status, beyond.headers['content-range'], beyond.body.length]).toEqual([
      416,
      'bytes */5000',
      0,
    ]);
    expect((await get('/title/empty.mp4', { headers: { range: 'bytes=0-0' } })).status).toBe(416);
    for (const headers of [{ range: 'bytes=9-1' }, { range: 'bytes=0-1', 'if-range': '"x"' }]) {
      const answer = await get(path, { headers });
      expect([answer.status, answer.body.length]).toEqual([200, 5000]);
    }
  });

  it('answers HEAD with the headers of GET, and refuses what writes', async () => {
    for (const [path, headers] of [
      ['/title/v1/seg%201.m4s', {}],
      ['/title/v1/seg%201.m4s', { range: 'bytes=1-2' }],
      ['/', {}],
      ['/player/page.js', {}],
    ] as const) {
      const head = await get(path, { method: 'HEAD', headers });
      const full = await get(path, { headers });
      expect([head.status, head.body.length]).toEqual([full.status, 0]);
      expect(head.headers['content-length']).toBe(full.headers['content-length']);
      expect(head.headers['content-length']).toBe(String(full.body.length));
    }
    for (const method of ['POST', 'PUT', 'DELETE']) {
      const answer = await get('/title/manifest.mpd', { method });
      expect([answer.status, answer.headers.allow]).toEqual([405, 'GET, HEAD']);
    }
  });

  it.each([
    '/title/../secret.txt',
    '/title/v1/../../secret.txt',
    '/title/%2e%2e/secret.txt',
    '/title/..%2fsecret.txt',
    '/title/%2e%2e%2fsecret.txt',
    '/title/..%5csecret.txt',
    '/title/../title-secret/secret.txt',
    '/title//etc/passwd',
    '/title/%2fetc%2fpasswd',
    '/title/out.txt',
    '/title/up/secret.txt',
    '/title/up/title/manifest.mpd%00',
    '/title/%zz',
    '/title/',
    '/title',
    '/title/v1',
    '/title/v1/',
    '/title/none.m4s',
    '/player/',
    '/player/../title/manifest.mpd',
    '/package.json',
    '//title/manifest.mpd',
  ])('gives nothing for %s', async (path) => {
    const answer = await get(path);
    expect(answer.status).toBe(404);
    expect(answer.body.toString()).toBe('Not found\n');
  });

  it('answers only to its own name, on the loopback interface', async () => {
    expect((await get('/', { headers: { host: 'evil.example' } })).status).toBe(421);
    expect((await get('/', { headers: { host: 'localhost:1' } })).status).toBe(200);
    const others = Object.values(networkInterfaces())
      .flatMap((addresses) => addresses ?? [])
      .filter((address) => address.family === 'IPv4' && !address.internal)
      .map(({ address }) => address);
    // On Linux all of 127/8 is local: a server on every interface would answer there.
    if (process.platform === 'linux') others.push('127.0.0.2');
    for (const hostname of others) await expect(get('/', { hostname })).rejects.toThrow(/ECONNREFUSED/);
    expect(new URL(server.url).hostname).toBe('127.0.0.1');
  });

  it('shows the name from the report, as text', async () => {
    const page = await get('/');
    expect(page.headers['content-security-policy']).toContain("default-src 'self'");
    const text = page.body.toString();
    expect(text).toContain('<h1>&#60;/script&#62;&#60;b&#62;&#34;Name&#34; &#38; more</h1>');
    expect(text).not.toContain('<b>');
    const config = /<script id="config"[^>]*>(.*?)<\/script>/.exec(text)?.[1] ?? '';
    expect(JSON.parse(config)).toEqual({
      name: '</script><b>"Name" & more',
      manifests: { dash: '/title/manifest.mpd' },
      report: '/title/report.json',
    });
    expect((await get('/player/shaka.js')).body.length).toBeGreaterThan(500_000);
  });

  it('refuses a folder without a manifest, a folder that is none, and a port that is taken', async () => {
    const code = { code: 'PLAY_NO_TITLE', exitCode: EXIT.usage };
    await expect(servePlayer(root)).rejects.toMatchObject(code);
    await expect(servePlayer(join(root, 'nowhere'))).rejects.toMatchObject(code);
    await expect(servePlayer(title, { port: Number(new URL(server.url).port) })).rejects.toMatchObject({
      code: 'PLAY_PORT',
    });
  });

  it('had no errors of its own', () => {
    expect(errors).toEqual([]);
  });
});
