import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlayServer, servePlayer } from '../../src/cli/play-server.js';
import { keyIdOf } from '../../src/keys/index.js';
import { createRunner, ffmpeg, findTool } from '../../src/media/index.js';
import { exampleReport } from '../report/example.js';
import { launchChromium } from '../support/chromium.js';
import { type MemoryKeys, memoryKeys } from '../support/keys.js';

const CONTENT = 'content of the protected player';
const LABELS = ['SD', 'AUDIO'] as const;
const KEYS = LABELS.map((label) => ({ label, kid: keyIdOf(CONTENT, label, 0) }));
const REPORTED = KEYS.map(({ label, kid }) => ({ label, keyId: kid }));
const SECONDS = 4;
const WIDEVINE = 'urn:uuid:edef8ba9-79d6-4ace-a3c8-27dcd51d21ed';

/** A common `pssh` box, version 1, of one key id (ISO/IEC 23001-7; W3C "cenc" initialisation data). */
function commonPssh(kid: string): Buffer {
  const body = Buffer.from(
    `7073736801000000${'1077efecc0b24d02ace33c1e52e2fb4b'}00000001${kid}00000000`,
    'hex',
  );
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length + 4);
  return Buffer.concat([size, body]);
}

/** Picture and sound, each with a key of its own, by Shaka Packager itself. */
async function packageTitle(folder: string, keys: MemoryKeys, scheme: string): Promise<void> {
  const run = createRunner();
  await ffmpeg(run, await findTool(run, 'ffmpeg'), {
    cwd: folder,
    frames: SECONDS * 24,
    args: [
      ...['-f', 'lavfi', '-i', `testsrc2=size=320x180:rate=24:duration=${SECONDS}`],
      ...['-f', 'lavfi', '-i', `sine=frequency=440:duration=${SECONDS}:sample_rate=48000`],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '48', '-sc_threshold', '0'],
      ...['-c:a', 'aac', '-b:a', '64k', '-ac', '2', 'source.mp4'],
    ],
  });
  const packager = await findTool(run, 'packager');
  const stream = (kind: string, label: string): string =>
    `in=source.mp4,stream=${kind},init_segment=${kind}/init.mp4,segment_template=${kind}/$Number$.m4s,` +
    `playlist_name=${kind}/playlist.m3u8,drm_label=${label}`;
  const raw = KEYS.map(({ label, kid }) => `label=${label}:key_id=${kid}:key=${keys.keyOf(kid)}`);
  await run({
    ...{ file: packager.path, cwd: folder, timeoutMs: 120_000 },
    args: [
      ...[
        stream('video', 'SD'),
        stream('audio', 'AUDIO'),
        '--enable_raw_key_encryption',
        '--keys',
        raw.join(','),
      ],
      ...[
        '--protection_scheme',
        scheme,
        '--protection_systems',
        'Common',
        '--segment_duration',
        '2',
        '--clear_lead',
        '0',
      ],
      ...['--mpd_output', 'manifest.mpd', '--generate_static_live_mpd'],
      ...['--hls_master_playlist_output', 'master.m3u8', '--hls_playlist_type', 'VOD', '--quiet'],
    ],
  });
  // As the title's own playlists signal ClearKey to players that know no format of it: under Widevine's name.
  for (const [i, kind] of ['video', 'audio'].entries()) {
    const { kid } = KEYS[i]!;
    const method = scheme === 'cbcs' ? 'SAMPLE-AES' : 'SAMPLE-AES-CTR';
    const path = join(folder, kind, 'playlist.m3u8');
    const text = await readFile(path, 'utf8');
    const key =
      `#EXT-X-KEY:METHOD=${method},URI="data:text/plain;base64,${commonPssh(kid).toString('base64')}",` +
      `KEYID=0x${kid},KEYFORMAT="${WIDEVINE}",KEYFORMATVERSIONS="1"`;
    expect(text).toContain('#EXT-X-KEY:');
    const lines = text.split('\n').filter((line) => !line.startsWith('#EXT-X-KEY:'));
    lines.splice(
      lines.findIndex((line) => line.startsWith('#EXT-X-MAP:')),
      0,
      key,
    );
    await writeFile(path, lines.join('\n'));
  }
  const report = { ...exampleReport({ name: 'Protected', shots: 1 }), renditions: [] };
  const protection = { contentId: CONTENT, scheme, systems: ['clearkey'], keys: REPORTED };
  await writeFile(join(folder, 'report.json'), JSON.stringify({ ...report, protection }));
}

let browser: Browser;
let root: string;
const keys = memoryKeys();
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'hullcast-protected-'));
  for (const scheme of ['cbcs', 'cenc']) {
    await mkdir(join(root, scheme));
    await packageTitle(join(root, scheme), keys, scheme);
  }
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await rm(root, { recursive: true, force: true });
});

const CLOCK = `document.querySelector('video').currentTime`;

/** The page of a title in Chromium, with every licence request that it makes. */
async function open(server: PlayServer) {
  const page = await browser.newPage();
  const trouble: string[] = [];
  const licences: { url: string; headers: Record<string, string>; body: string }[] = [];
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => void (message.type() === 'error' && trouble.push(message.text())));
  page.on('request', (request) => {
    if (new URL(request.url()).pathname === '/license/clearkey')
      licences.push({ url: request.url(), headers: request.headers(), body: request.postData() ?? '' });
  });
  await page.goto(server.url);
  const until = async (expression: string): Promise<void> => {
    await expect.poll(() => page.evaluate(expression), { timeout: 60_000, message: expression }).toBe(true);
  };
  return { page, trouble, licences, until };
}

describe('the player page of a protected title', () => {
  it.each(['cbcs', 'cenc'])(
    'plays %s, DASH and HLS, with keys from its licence server alone',
    async (scheme) => {
      const server = await servePlayer(join(root, scheme), { keys: () => Promise.resolve(keys) });
      const { page, trouble, licences, until } = await open(server);
      try {
        const choice = { dash: 'input[value="dash"]', hls: 'input[value="hls"]' };
        for (const kind of ['dash', 'hls'] as const) {
          const before = kind === 'dash' ? 0 : licences.length;
          await page.check(choice[kind]);
          const loaded = `document.body.dataset.loaded + document.getElementById('error').textContent`;
          await expect.poll(() => page.evaluate(loaded), { timeout: 60_000 }).toBe(kind);
          await page.evaluate(`document.querySelector('video').currentTime = 0`);
          await page.evaluate(`document.querySelector('video').play()`);
          await until(`${CLOCK} > 1`);
          expect(await page.evaluate(`hullcastPlayer.drmInfo().keySystem`)).toBe('org.w3.clearkey');
          expect(await page.evaluate(`document.querySelector('video').videoWidth`)).toBe(320);
          await page.evaluate(`document.querySelector('video').pause()`);
          const asked = licences
            .slice(before)
            .flatMap(({ body }) => (JSON.parse(body) as { kids: string[] }).kids);
          expect(new Set(asked.map((kid) => Buffer.from(kid, 'base64url').toString('hex')))).toEqual(
            new Set(KEYS.map(({ kid }) => kid)),
          );
        }
        expect(await page.isHidden('#error')).toBe(true);
        expect(trouble).toEqual([]);
        const tokens = licences.map(({ headers }) => headers['authorization']!);
        // Each licence has a token of its own, which is in no URL.
        expect(new Set(tokens).size).toBe(tokens.length);
        for (const { url } of licences) expect(url).toBe(`${server.url}license/clearkey`);
      } finally {
        await page.close();
        await server.close();
      }
    },
  );

  it('does not play without the keys', async () => {
    const server = await servePlayer(join(root, 'cbcs'));
    const { page } = await open(server);
    try {
      await page.waitForSelector('#error:visible');
      expect(await page.textContent('#error')).toMatch(/Shaka Player error 60\d\d/);
      expect(await page.evaluate(CLOCK)).toBe(0);
    } finally {
      await page.close();
      await server.close();
    }
  });
});

describe('licences of the local player', () => {
  let server: PlayServer;
  beforeAll(async () => {
    server = await servePlayer(join(root, 'cbcs'), { keys: () => Promise.resolve(keys) });
  });
  afterAll(() => server.close());

  const post = (path: string, headers: Record<string, string> = {}, body?: string) =>
    fetch(server.url + path, { method: 'POST', headers, ...(body === undefined ? {} : { body }) });
  const body = JSON.stringify({
    kids: KEYS.map(({ kid }) => Buffer.from(kid, 'hex').toString('base64url')),
    type: 'temporary',
  });

  it('are for the device of the page, with a token of one minute', async () => {
    const html = await (await fetch(server.url)).text();
    const config = JSON.parse(/<script id="config"[^>]*>(.*?)<\/script>/.exec(html)![1]!) as {
      license: { url: string; tokens: string; device: string; instead: string[] };
    };
    const { device, ...rest } = config.license;
    expect(rest).toEqual({
      url: '/license/clearkey',
      tokens: '/license/token',
      instead: ['com.widevine.alpha'],
    });
    const answer = await post('license/token');
    expect(answer.headers.get('cache-control')).toBe('no-store');
    const { token } = (await answer.json()) as { token: string };
    expect(html).not.toContain(token);
    const { exp, nbf, title } = JSON.parse(
      Buffer.from(token.split('.')[1]!, 'base64url').toString(),
    ) as Record<string, number>;
    expect([exp! - nbf!, title]).toEqual([60, 'title']);
    const authorization = `Bearer ${token}`;
    expect((await post('license/clearkey', { authorization }, body)).status).toBe(403);
    const licence = await post('license/clearkey', { authorization, 'x-license-device': device }, body);
    expect(await licence.json()).toEqual({
      keys: KEYS.map(({ kid }) => ({
        kty: 'oct',
        k: Buffer.from(keys.keyOf(kid), 'hex').toString('base64url'),
        kid: Buffer.from(kid, 'hex').toString('base64url'),
      })),
      type: 'temporary',
    });
    // Tokens of this server open nothing at another one.
    const other = await servePlayer(join(root, 'cbcs'), { keys: () => Promise.resolve(keys) });
    const refused = await fetch(`${other.url}license/clearkey`, {
      ...{ method: 'POST', body, headers: { authorization, 'x-license-device': device } },
    });
    expect(await refused.json()).toMatchObject({ code: 'LICENSE_TOKEN_INVALID' });
    await other.close();
  });

  it('are not for pages of elsewhere', async () => {
    const answer = await post('license/token', { origin: 'https://evil.example' });
    expect(answer.headers.get('access-control-allow-origin')).toBeNull();
    const preflight = await fetch(`${server.url}license/clearkey`, {
      method: 'OPTIONS',
      headers: { origin: 'https://evil.example', 'access-control-request-method': 'POST' },
    });
    expect(preflight.headers.get('access-control-allow-origin')).toBeNull();
  });

  it('are there for titles that are protected with ClearKey, and for no others', async () => {
    for (const protection of [
      undefined,
      { contentId: CONTENT, scheme: 'cbcs', systems: ['widevine'], keys: REPORTED },
    ]) {
      const folder = join(root, `plain-${String(protection === undefined)}`);
      await mkdir(folder);
      await writeFile(join(folder, 'manifest.mpd'), '<MPD/>');
      await writeFile(join(folder, 'report.json'), JSON.stringify({ protection }));
      const plain = await servePlayer(folder, { keys: () => Promise.resolve(keys) });
      try {
        expect((await fetch(`${plain.url}license/token`, { method: 'POST' })).status).toBe(405);
        expect((await fetch(`${plain.url}license/token`)).status).toBe(404);
        expect(await (await fetch(plain.url)).text()).not.toContain('"license"');
      } finally {
        await plain.close();
      }
    }
  });
});
