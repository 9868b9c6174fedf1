import { mkdir, mkdtemp, rm, copyFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { soundMaster } from '../../fixtures/sound-masters.js';
import { type PlayServer, servePlayer } from '../../src/cli/play-server.js';
import { SHAPE, ship } from '../package/sound.js';
import { launchChromium } from '../support/chromium.js';
import { type TestStage, stageContext } from '../support/stage.js';

const TRACKS = [
  { layout: '5.1', channels: 6, bursts: [1, 3, 5], seconds: 7.8, language: 'eng' },
  { layout: 'stereo', channels: 2, bursts: [2, 4, 6], seconds: 7.8, language: 'ger' },
  { layout: 'stereo', channels: 2, bursts: [2], seconds: 7.8, language: 'eng' },
];

let stage: TestStage;
let folder: string;
let server: PlayServer;
let browser: Browser;

beforeAll(async () => {
  stage = await stageContext();
  const master = await soundMaster({
    fps: `${SHAPE.fps.num}/${SHAPE.fps.den}`,
    frames: SHAPE.frames,
    tracks: TRACKS,
  });
  const { packaged } = await ship(stage, master, {
    codecs: ['aac', 'eac3', 'opus'],
    tracks: [{ track: 2, role: 'commentary', name: 'Commentary' }],
  });
  folder = await mkdtemp(join(tmpdir(), 'hullcast-audio-player-'));
  for (const { path, blob } of packaged.files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await copyFile(await stage.context.path(blob), join(folder, path));
  }
  server = await servePlayer(folder);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await server.close();
  await stage.cleanUp();
  await rm(folder, { recursive: true, force: true });
});

async function until(page: Page, expression: string): Promise<void> {
  await expect.poll(() => page.evaluate(expression), { timeout: 20_000, message: expression }).toBe(true);
}

const ACTIVE = 'hullcastPlayer.getVariantTracks().find((track) => track.active)';

async function playOn(page: Page): Promise<void> {
  const from = await page.evaluate<number>('document.querySelector("video").currentTime');
  await page.evaluate('document.querySelector("video").play()');
  await until(page, `document.querySelector("video").currentTime > ${from} + 0.7`);
}

describe('a title with Dolby Digital Plus in Chromium, which cannot decode it', () => {
  it.each(['dash', 'hls'] as const)(
    'plays by %s in another codec, and changes languages and roles',
    async (kind) => {
      const page = await browser.newPage();
      const trouble: string[] = [];
      page.on('pageerror', (error) => trouble.push(error.message));
      await page.goto(server.url);
      await page.waitForSelector('body[data-loaded]');
      if (kind === 'hls') {
        await page.check('input[value="hls"]');
        await page.waitForSelector('body[data-loaded="hls"]');
      }
      expect(await page.evaluate(`MediaSource.isTypeSupported('audio/mp4; codecs="ec-3"')`)).toBe(false);
      const codecs = await page.evaluate<string[]>(
        'hullcastPlayer.getVariantTracks().map((track) => track.audioCodec)',
      );
      expect(codecs).not.toContain('ec-3');
      expect(new Set(codecs)).toEqual(new Set(kind === 'dash' ? ['mp4a.40.2', 'opus'] : ['mp4a.40.2']));
      await playOn(page);
      expect(await page.evaluate(`${ACTIVE}.language`)).toBe('en');

      const options = await page.evaluate<{ value: string; text: string }[]>(
        `[...document.querySelectorAll('#audio option')].map((item) => ({ value: item.value, text: item.textContent }))`,
      );
      for (const [part, language] of [
        ['de', 'de'],
        ['Commentary', 'en'],
      ] as const) {
        const other = options.find(({ text }) => text.startsWith(part));
        await page.selectOption('#audio', other?.value ?? '', { timeout: 2000 });
        await until(page, `${ACTIVE}.language === '${language}' && ${ACTIVE}.label.startsWith('${part}')`);
        await playOn(page);
      }
      expect(await page.isHidden('#error')).toBe(true);
      expect(trouble).toEqual([]);
      await page.close();
    },
  );
});
