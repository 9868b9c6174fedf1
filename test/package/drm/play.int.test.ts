/// <reference lib="dom" />
import { createReadStream } from 'node:fs';
import { type Server, createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TITLE_24 } from '../../../fixtures/renditions.js';
import { type Encryption, type PackageParams, packageStage } from '../../../src/package/index.js';
import { launchChromium } from '../../support/chromium.js';
import { type MemoryKeys, memoryKeys } from '../../support/keys.js';
import { type TestStage, stageContext } from '../../support/stage.js';
import { freshContext, testTitle } from '../support.js';
import { encryptionFor } from './support.js';

const PLAYER = resolve('node_modules/shaka-player/dist/shaka-player.compiled.js');
const TYPES: Record<string, string> = { mpd: 'application/dash+xml', m3u8: 'application/vnd.apple.mpegurl' };

let keys: MemoryKeys;
let stage: TestStage;
let title: PackageParams;
let browser: Browser;
let server: Server;
let base: string;
/** Local files by path. */
const files = new Map<string, string>();
/** Key ids of every licence request, and whether they are answered. */
let asked: string[][] = [];
let licensed = true;

/** A licence endpoint as the W3C's Encrypted Media Extensions describe it for Clear Key. */
function license(body: string): string {
  const { kids, type } = JSON.parse(body) as { kids: string[]; type: string };
  asked.push(kids.map((kid) => Buffer.from(kid, 'base64url').toString('hex')));
  const answers = kids.map((kid) => {
    const key = keys.keyOf(Buffer.from(kid, 'base64url').toString('hex'));
    return { kty: 'oct', kid, k: Buffer.from(key, 'hex').toString('base64url') };
  });
  return JSON.stringify({ keys: answers, type });
}

beforeAll(async () => {
  keys = memoryKeys();
  stage = await stageContext({ keys });
  title = await testTitle(stage, TITLE_24, 'stereo');
  server = createServer((request, response) => {
    const path = request.url ?? '/';
    if (path === '/license') {
      let body = '';
      request.on('data', (data: Buffer) => (body += data.toString()));
      request.on('end', () => {
        if (!licensed) response.writeHead(403);
        response.end(licensed ? license(body) : 'no');
      });
      return;
    }
    if (path === '/') {
      response.setHeader('content-type', 'text/html');
      response.end('<video muted></video><script src="/player.js"></script>');
      return;
    }
    const file = path === '/player.js' ? PLAYER : files.get(path);
    if (file === undefined) response.writeHead(404).end();
    else {
      response.setHeader('content-type', TYPES[path.split('.').pop() ?? ''] ?? 'application/octet-stream');
      createReadStream(file).pipe(response);
    }
  });
  await new Promise<void>((ready) => server.listen(0, '127.0.0.1', ready));
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  server?.closeAllConnections();
  await new Promise((done) => server?.close(done));
  await stage.cleanUp();
});

/** Packages the title; gives the encryption and the folder that it is served from. */
async function served(over: Partial<Encryption>): Promise<{ encryption: Encryption; folder: string }> {
  const licenseUrls = { clearkey: `${base}/license` };
  const encryption = encryptionFor(title, { systems: ['clearkey'], licenseUrls, ...over });
  const folder = `/${encryption.scheme}-${encryption.clearLeadSeconds}`;
  const result = await packageStage.run({ ...title, encryption }, await freshContext(stage));
  for (const { path, blob } of result.files) files.set(`${folder}/${path}`, await stage.context.path(blob));
  return { encryption, folder };
}

interface Played {
  /** Seconds that were reached, and frames that were shown. */
  time: number;
  frames: number;
  errors: string[];
}

/** Plays from `from` for up to a second and a half. */
async function play(url: string, config: object, from: number): Promise<Played> {
  asked = [];
  const page = await browser.newPage();
  await page.goto(base);
  const played = await page.evaluate(
    async ([url, config, from]): Promise<Played> => {
      interface Player extends EventTarget {
        attach(video: HTMLVideoElement): Promise<void>;
        configure(config: object): void;
        load(url: string, start: number): Promise<void>;
      }
      const { shaka } = window as unknown as { shaka: { Player: new () => Player } };
      const video = document.querySelector('video')!;
      const player = new shaka.Player();
      const errors: string[] = [];
      const code = (error: unknown): string => String((error as { code?: number }).code ?? error);
      player.addEventListener('error', (event) => errors.push(code((event as CustomEvent).detail)));
      await player.attach(video);
      player.configure(config);
      const started = player.load(url, from).then(() => video.play());
      started.catch((error: unknown) => errors.push(code(error)));
      const end = performance.now() + 15_000;
      while (performance.now() < end && video.currentTime < from + 1.5 && errors.length === 0)
        await new Promise((tick) => setTimeout(tick, 50));
      return { time: video.currentTime, frames: video.getVideoPlaybackQuality().totalVideoFrames, errors };
    },
    [url, config, from] as const,
  );
  await page.close();
  return played;
}

/** Shaka Player knows no key format of ClearKey in HLS: it takes the common box for Widevine's, unless told otherwise. */
const MAPPED = {
  drm: {
    servers: { 'com.widevine.alpha': '/license' },
    keySystemsMapping: { 'com.widevine.alpha': 'org.w3.clearkey' },
  },
};

it.each(['cbcs', 'cenc'] as const)(
  'a title in %s plays in Chromium with keys from the licence endpoint, by DASH and by HLS, and not without',
  async (scheme) => {
    const { encryption, folder } = await served({ scheme });
    const all = encryption.keys.map(({ kid }) => kid).sort();
    expect(all).toHaveLength(2);
    for (const [manifest, config] of [
      ['manifest.mpd', {}],
      ['master.m3u8', MAPPED],
    ] as const) {
      licensed = true;
      const played = await play(`${folder}/${manifest}`, config, 0);
      expect(played.errors).toEqual([]);
      expect(played.time).toBeGreaterThan(1.4);
      expect(played.frames).toBeGreaterThan(20);
      expect([...new Set(asked.flat())].sort()).toEqual(all);

      licensed = false;
      const refused = await play(`${folder}/${manifest}`, config, 0);
      expect(refused.errors[0]).toBe('6007'); // LICENSE_REQUEST_FAILED
      expect(refused.frames).toBe(0);
    }
  },
);

it.each(['cbcs', 'cenc'] as const)('a clear lead in %s is followed by what is encrypted', async (scheme) => {
  licensed = true;
  const { folder } = await served({ scheme, clearLeadSeconds: 3 });
  for (const [manifest, config] of [
    ['manifest.mpd', {}],
    ['master.m3u8', MAPPED],
  ] as const) {
    // Pictures are encrypted from 3.75 s on, sound from about 4.5 s.
    const played = await play(`${folder}/${manifest}`, config, 3.4);
    expect(played.errors).toEqual([]);
    expect(played.time).toBeGreaterThan(4.8);
    expect(played.frames).toBeGreaterThan(20);
    expect(asked.length).toBeGreaterThan(0);
  }
});
