/// <reference lib="dom" />
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { textFile } from '../../fixtures/captions.js';
import { titleMaster } from '../../fixtures/title.js';
import { servePlayer } from '../../src/cli/play-server.js';
import { launchChromium } from '../support/chromium.js';
import { LEAN, cli, temporaryFolder } from '../support/cli.js';

const folder = await temporaryFolder();
/** HULLCAST_TITLE names a title that is there already, e.g. `out/demo`; else a small one is made. */
const given = process.env['HULLCAST_TITLE'];
const out = given ?? join(folder, 'title');

const EN =
  'WEBVTT\n\n00:00.200 --> 00:03.000\nHello <i>there</i>\n\n00:05.000 --> 00:07.500\nover the border of segments\n';
const FR = Buffer.from('1\r\n00:00:00,200 --> 00:00:07,500\r\nDéjà là\r\n', 'latin1');

/** Two languages, one of them twice. */
async function textFlags(): Promise<string[]> {
  const files = [
    [await textFile('a:en.vtt', EN), 'lang=en,default'],
    [await textFile('fr.srt', FR), 'lang=fr'],
    [await textFile('sdh.srt', '1\n00:00:00,200 --> 00:00:07,500\n[music]\n'), 'lang=fr,sdh'],
  ] as const;
  return files.flatMap(([path, options]) => ['--text', `${path}:${options}`]);
}

/** What is to be read at a time, by the name of the text, seconds. */
const SHOWN = [
  ['fr', 0.5, 'Déjà là'],
  ['fr SDH', 6, '[music]'],
  ['en', 1, 'Hello there'],
  ['en', 6, 'over the border of segments'],
] as const;

/** Runs in the page: are these the texts that the browser shows? */
function shows(wanted: readonly string[]): boolean {
  const tracks = Array.from(document.querySelector('video')!.textTracks).filter(
    ({ mode }) => mode === 'showing',
  );
  const cues = tracks.flatMap(({ activeCues }) => Array.from(activeCues ?? []) as VTTCue[]);
  return JSON.stringify(cues.map((cue) => cue.getCueAsHTML().textContent)) === JSON.stringify(wanted);
}

describe('what hullcast encode made', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof servePlayer>>;

  beforeAll(async () => {
    if (given === undefined) {
      const made = await cli(['encode', await titleMaster(), '--out', out, ...LEAN, ...(await textFlags())], {
        home: join(folder, 'home'),
      });
      expect(made.exitCode).toBe(0);
    }
    server = await servePlayer(out, { port: 0 });
    browser = await launchChromium();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  test.each(['dash', 'hls'])(
    'plays in Chromium through Shaka Player by %s: time advances, renditions switch',
    async (format) => {
      const page = await browser.newPage();
      const errors: string[] = [];
      page.on('pageerror', (error) => errors.push(error.message));
      await page.goto(server.url);
      await page.check(`input[name="manifest"][value="${format}"]`);
      await page.waitForFunction((kind) => document.body.dataset['loaded'] === kind, format);
      const timeAfter = async (seconds: number): Promise<void> => {
        await page.waitForFunction((s) => (document.querySelector('video')?.currentTime ?? 0) > s, seconds, {
          timeout: 30_000,
        });
      };
      await page.evaluate(() => document.querySelector('video')!.play());
      await timeAfter(0.5);
      // With the page's own selector, which lists the best first: what the video element decodes must follow.
      const qualities = page.locator('#quality option');
      const last = (await qualities.count()) - 1;
      for (const index of [last, 1]) {
        const height = Number(/\d+×(\d+)/.exec((await qualities.nth(index).textContent()) ?? '')?.[1]);
        await page.evaluate(() => (document.querySelector('video')!.currentTime = 0.2));
        await page.waitForFunction(() => !document.querySelector('video')!.seeking);
        await page.selectOption('#quality', { index });
        await page.waitForFunction((h) => document.querySelector('video')?.videoHeight === h, height, {
          timeout: 30_000,
        });
        const from = await page.evaluate(() => document.querySelector('video')!.currentTime);
        await timeAfter(from + 0.5);
      }
      // Every audio track of the title plays with the picture.
      const tracks = await page.locator('#audio option').count();
      for (let index = tracks - 1; index >= 0; index--) {
        await page.evaluate(() => (document.querySelector('video')!.currentTime = 0.2));
        await page.selectOption('#audio', { index });
        await timeAfter(0.7);
      }
      // Every text shows at its time what it says, and nothing when it is off.
      await page.evaluate(() => document.querySelector('video')!.pause());
      if (given === undefined) {
        expect(await page.locator('#text option').allTextContents()).toEqual(['Off', 'en', 'fr', 'fr SDH']);
        expect(
          await page
            .locator('#text')
            .evaluate((select: HTMLSelectElement) => select.selectedOptions[0]?.text),
        ).toBe('en');
      }
      for (const [label, seconds, words] of given === undefined ? SHOWN : []) {
        await page.selectOption('#text', { label });
        await page.evaluate((s) => (document.querySelector('video')!.currentTime = s), seconds);
        await page.waitForFunction(shows, [words]);
      }
      if (given === undefined) {
        await page.selectOption('#text', { label: 'Off' });
        await page.waitForFunction(shows, []);
      }
      expect(await page.locator('#error').isHidden()).toBe(true);
      expect(errors).toEqual([]);
      await page.close();
    },
  );
});
