/// <reference lib="dom" />
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { LANGUAGES_SECONDS, TONES } from '../../fixtures/languages.js';
import { createRunner, findTool } from '../../src/media/index.js';
import { launchChromium } from '../support/chromium.js';
import { cli, temporaryFolder } from '../support/cli.js';
import type { Thumbnail } from './adapter.js';
import { MATRIX } from './matrix.js';
import { type PlayerPage, openPlayer, until } from './page.js';
import { type Protection, type Served, WORDS, makeTitles } from './titles.js';

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
  .filter(({ mode }) => mode === 'showing')
  .flatMap(({ activeCues }) => [...(activeCues || [])].map((cue) => cue.text)))`;

/** The end of what is buffered, seconds. */
const BUFFERED = `(({ buffered }) => (buffered.length > 0 ? buffered.end(buffered.length - 1) : 0))(document.querySelector('video'))`;

/** Where the second key period of a title begins, seconds. */
async function periodStart(folder: string): Promise<number> {
  const mpd = await readFile(join(folder, 'manifest.mpd'), 'utf8');
  const [, second] = [...mpd.matchAll(/<Period\b[^>]*\sstart="PT([\d.]+)S"/g)];
  return Number(second![1]);
}

/** Seeks, does something else in the same moment, and waits for the clock to go on. */
async function seek(
  { page, ...player }: PlayerPage,
  seconds: number,
  atOnce: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  await page.evaluate(`document.querySelector('video').currentTime = ${seconds}`);
  await atOnce();
  await page.evaluate(`void document.querySelector('video').play()`);
  await player.until(`${CLOCK} > ${seconds + 0.3} && !document.querySelector('video').seeking`);
}

/** Seeks that are followed at once by a change of the sound: its language, and to where, seconds. */
const AT_ONCE = [
  ['de', 13],
  ['en', 5],
  ['de', 18],
  ['en', 1],
] as const;

async function shows(player: PlayerPage, language: keyof typeof WORDS): Promise<void> {
  await player.until(`${SHOWN} === '${JSON.stringify([WORDS[language]])}'`);
}

async function hears(player: PlayerPage, hertz: number): Promise<void> {
  await until(`a tone of ${hertz} Hz`, async () => Math.abs((await player.tone()) / hertz - 1) < 0.05);
}

// Pages wait for pictures to go by most of the time, so several do it side by side.
describe.concurrent('players', { timeout: 180_000 }, () => {
  it.for(MATRIX)(
    '$player plays $manifest, $protection',
    async ({ player, manifest, protection }, { expect }) => {
      const { url } = titles[protection];
      const opened = await openPlayer(browser, url, player);
      const { page, call, trouble, licences } = opened;
      try {
        const license = protection === 'clear' ? undefined : { device: await deviceOf(url) };
        await call('load', `/title/${manifest}`, license);
        await seek(opened, 0);
        if (protection === 'rotated') {
          // Over the border of the key periods, without a seek.
          const border = await periodStart(titles[protection].folder);
          await seek(opened, border - 1);
          await opened.until(`${CLOCK} > ${border + 1}`);
        }
        expect((await call('audios')).toSorted()).toEqual(['de', 'en']);
        expect((await call('texts')).toSorted()).toEqual(['de', 'en']);

        const heights = (await call('heights')).toSorted((a, b) => a - b);
        expect(heights.length).toBeGreaterThan(1);
        for (const height of [heights[0]!, heights.at(-1)!]) {
          await seek(opened, 6);
          await call('chooseHeight', height);
          await opened.until(`document.querySelector('video').videoHeight === ${height}`);
        }

        // Text that is chosen when all is buffered, and nothing more will be fetched but it.
        await seek(opened, 15);
        await opened.until(`${BUFFERED} > ${LANGUAGES_SECONDS - 0.1}`);
        await call('chooseText', 'en');
        await shows(opened, 'en');

        for (const [language, from] of [
          ['de', 11],
          ['en', 2],
        ] as const) {
          await seek(opened, from);
          await call('chooseAudio', language);
          await call('chooseText', language);
          await shows(opened, language);
          await hears(opened, TONES[language]);
        }

        // dash.js stands still after some of these, whatever the title: docs/players.md.
        for (const [language, from] of player === 'dash.js' ? [] : AT_ONCE) {
          await seek(opened, from, () => call('chooseAudio', language));
        }
        await hears(opened, TONES.en);

        if (player === 'hls.js') expect(await call('thumbnail', 12)).toBeUndefined();
        else {
          // dash.js knows those of the next period when it has begun to fetch it.
          let thumbnail: Thumbnail | undefined;
          await until('a thumbnail', async () => (thumbnail = await call('thumbnail', 12)) !== undefined);
          // The third, of one every five seconds.
          const { uri, x, y, width } = thumbnail!;
          expect([x, y]).toEqual([2 * width, 0]);
          const sheet = await page.request.get(new URL(uri, page.url()).href);
          expect([sheet.status(), sheet.headers()['content-type']]).toEqual([200, 'image/jpeg']);
        }

        await seek(opened, LANGUAGES_SECONDS - 2);
        await opened.until(`document.querySelector('video').ended`);
        const { duration, buffered } = await page.evaluate(() => {
          const { duration, buffered } = document.querySelector('video')!;
          return { duration, buffered: buffered.end(buffered.length - 1) };
        });
        expect(duration).toBeCloseTo(LANGUAGES_SECONDS, 1);
        expect(buffered).toBeCloseTo(LANGUAGES_SECONDS, 1);
        expect(licences.length > 0).toBe(protection !== 'clear');
        expect([await opened.errors(), trouble]).toEqual([[], []]);
      } finally {
        await page.close();
      }
    },
  );
});

describe.concurrent('without a licence', { timeout: 180_000 }, () => {
  it.for(MATRIX.filter(({ protection }) => protection !== 'clear'))(
    '$player does not play $manifest, $protection',
    async ({ player, manifest, protection }, { expect }) => {
      const opened = await openPlayer(browser, titles[protection].url, player);
      const { page, call } = opened;
      try {
        // Tokens are bound to another device, so that the server says no. Not every player ends its loading then.
        const loading = call('load', `/title/${manifest}`, { device: 'somebody else' }).catch(
          () => undefined,
        );
        await opened.until(`window.adapter.errors.length > 0`);
        const frames = await page.evaluate(
          () => document.querySelector('video')!.getVideoPlaybackQuality().totalVideoFrames,
        );
        expect(frames).toBe(0);
        // dash.js tries the next period, where it is refused as well.
        const tries = player === 'dash.js' && protection === 'rotated';
        if (!tries) expect(await page.evaluate(CLOCK)).toBe(0);
        await page.close();
        await loading;
      } finally {
        await page.close();
      }
    },
  );
});

it('nothing is found in a title whose keys change', async () => {
  const checked = await cli(['verify', titles.rotated.folder], { home: folder });
  expect([checked.exitCode, checked.stdout]).toEqual([0, expect.stringMatching(/ no findings\.$/)]);
});

it.each(['master.m3u8', 'manifest.mpd'])('ffmpeg plays every rendition of %s whole', async (manifest) => {
  const ffprobe = await findTool(createRunner(), 'ffprobe');
  const { stdout } = await execa(ffprobe.path, [
    // Its DASH demuxer ends with the stream that ends first: text, whose last sample begins before the last pictures.
    ...['-v', 'error', '-count_frames', '-select_streams', 'v'],
    ...['-show_entries', 'stream=nb_read_frames', '-of', 'json'],
    join(titles.clear.folder, manifest),
  ]);
  const { streams } = JSON.parse(stdout) as { streams: { nb_read_frames: string }[] };
  expect(streams.length).toBeGreaterThan(1);
  for (const { nb_read_frames } of streams) expect(Number(nb_read_frames)).toBe(LANGUAGES_SECONDS * 24);
});
