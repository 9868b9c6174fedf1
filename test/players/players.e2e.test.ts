/// <reference lib="dom" />
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TONES } from '../../fixtures/languages.js';
import { launchChromium } from '../support/chromium.js';
import { temporaryFolder } from '../support/cli.js';
import { MATRIX } from './matrix.js';
import { type PlayerPage, openPlayer } from './page.js';
import { type Protection, type Served, WORDS, makeTitles } from './titles.js';

const SECONDS = 8;
const LANGUAGES = ['en', 'de'] as const;

const folder = await temporaryFolder();
let titles: Record<Protection, Served>;
let browser: Browser;
beforeAll(async () => {
  titles = await makeTitles(folder);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser?.close();
  for (const title of Object.values(titles ?? {})) await title.stop();
});

/** The device that tokens of this server are bound to, as its own page says. */
async function deviceOf(url: string): Promise<string> {
  const html = await (await fetch(url)).text();
  const config = JSON.parse(/<script id="config"[^>]*>(.*?)<\/script>/.exec(html)![1]!) as {
    license?: { device: string };
  };
  return config.license?.device ?? '';
}

const CLOCK = `document.querySelector('video').currentTime`;
const SHOWN = `JSON.stringify([...document.querySelector('video').textTracks]
  .filter(({ mode }) => mode !== 'disabled')
  .flatMap(({ activeCues }) => [...(activeCues || [])].map((cue) => cue.text)))`;

async function seek({ page, until }: PlayerPage, seconds: number): Promise<void> {
  await page.evaluate(`document.querySelector('video').currentTime = ${seconds}`);
  await page.evaluate(`document.querySelector('video').play()`);
  await until(`${CLOCK} > ${seconds + 0.3} && !document.querySelector('video').seeking`);
}

describe.concurrent('players', { timeout: 120_000 }, () => {
  it.for(MATRIX)('$player plays $manifest, $protection', async ({ player, manifest, protection }) => {
    const { url } = titles[protection];
    const opened = await openPlayer(browser, url, player);
    const { page, call, until, tone, trouble, licences } = opened;
    try {
      const license = protection === 'clear' ? undefined : { device: await deviceOf(url) };
      await call('load', `/${manifest}`, license);
      await seek(opened, 0);
      expect((await call('audios')).toSorted()).toEqual([...LANGUAGES].toSorted());
      expect((await call('texts')).toSorted()).toEqual([...LANGUAGES].toSorted());

      const heights = (await call('heights')).toSorted((a, b) => a - b);
      expect(heights.length).toBeGreaterThan(1);
      for (const [height, from] of [
        [heights[0]!, 4],
        [heights.at(-1)!, 1],
      ] as const) {
        await call('chooseHeight', height);
        await seek(opened, from);
        await until(`document.querySelector('video').videoHeight === ${height}`);
      }

      for (const language of ['de', 'en'] as const) {
        await call('chooseAudio', language);
        await call('chooseText', language);
        await seek(opened, language === 'de' ? 5 : 2);
        await until(`${SHOWN} === '${JSON.stringify([WORDS[language]])}'`);
        await expect
          .poll(tone, { timeout: 20_000, interval: 100 })
          .toSatisfy((hertz: number) => Math.abs(hertz / TONES[language] - 1) < 0.05);
      }

      await seek(opened, SECONDS - 2);
      await until(`document.querySelector('video').ended`);
      const played = await page.evaluate(() => {
        const video = document.querySelector('video')!;
        return { duration: video.duration, end: video.buffered.end(video.buffered.length - 1) };
      });
      expect(played.duration).toBeCloseTo(SECONDS, 1);
      expect(played.end).toBeCloseTo(SECONDS, 1);
      expect(licences.length > 0).toBe(protection !== 'clear');
      expect([await opened.errors(), trouble]).toEqual([[], []]);
    } finally {
      await page.close();
    }
  });
});

describe.concurrent('without a licence', () => {
  it.for(MATRIX.filter(({ protection }) => protection !== 'clear'))(
    '$player does not play $manifest, $protection',
    async ({ player, manifest, protection }) => {
      const opened = await openPlayer(browser, titles[protection].url, player);
      const { page, call, until } = opened;
      try {
        // Tokens are bound to another device: the server says no.
        void call('load', `/${manifest}`, { device: 'somebody else' }).catch(() => undefined);
        await until(`window.adapter.errors.length > 0`);
        const shown = await page.evaluate(
          () => document.querySelector('video')!.getVideoPlaybackQuality().totalVideoFrames,
        );
        expect([shown, await page.evaluate(CLOCK)]).toEqual([0, 0]);
      } finally {
        await page.close();
      }
    },
  );
});
