import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { numberShown, numberedClip } from '../../fixtures/numbered.js';
import { type PlayServer, servePlayer } from '../../src/cli/play-server.js';
import { chunkStage } from '../../src/chunker/index.js';
import { imageEncoder, imagesStage } from '../../src/images/index.js';
import { DEFAULT_LIMITS, ingestStage } from '../../src/ingest/index.js';
import { type VideoInput, packageStage, verifyStage } from '../../src/package/index.js';
import { freshContext } from '../package/support.js';
import { launchChromium } from '../support/chromium.js';
import { type TestStage, stageContext } from '../support/stage.js';

const FPS = { num: 24, den: 1 };
const FRAMES = 310; // 13 thumbnails of a second each, two rows
const STARTS = [0, 40, 80, 120, 160, 200, 240, 280];

let stage: TestStage;
let folder: string;
let server: PlayServer;
let browser: Browser;

/** A title with one rendition and thumbnails, packaged and verified as the flow does it. */
beforeAll(async () => {
  stage = await stageContext();
  folder = await mkdtemp(join(tmpdir(), 'hullcast-thumbnails-'));
  const source = await stage.put(await numberedClip(FRAMES, FPS, '320x180'));
  const { picture } = await ingestStage.run(
    { name: 'm', source, limits: DEFAULT_LIMITS },
    await freshContext(stage),
  );
  const limits = { picture, minFrames: 20, maxFrames: FRAMES };
  const { shots, chunks } = await chunkStage.run(limits, await freshContext(stage));
  const images = await imagesStage.run(
    { picture, shots, chunks, posters: 1, thumbnailMs: 1000, encoder: await imageEncoder() },
    await freshContext(stage),
  );
  const video: VideoInput = {
    ...{ id: 'h264-180', blob: picture.blob, width: 320, height: 180, frames: FRAMES, fps: FPS },
    ...{ averageBitrate: 1_000_000, peakBitrate: 1_000_000, segmentStarts: STARTS },
  };
  const shipped = { videos: [video], audios: [] };
  const packaged = await packageStage.run(
    { ...shipped, segmentSeconds: 4, thumbnails: images.thumbnails! },
    await freshContext(stage),
  );
  const files = [...packaged.files, ...images.files];
  expect((await verifyStage.run({ ...shipped, files }, await freshContext(stage))).findings).toEqual([]);
  for (const { path, blob } of files) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await cp(await stage.context.path(blob), join(folder, path));
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

async function open(kind: 'dash' | 'hls'): Promise<{ page: Page; trouble: string[] }> {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const trouble: string[] = [];
  page.on('pageerror', (error) => trouble.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error') trouble.push(message.text());
  });
  await page.goto(server.url);
  await page.waitForSelector('body[data-loaded]');
  if (kind === 'hls') {
    await page.check('input[value="hls"]');
    await page.waitForSelector('body[data-loaded="hls"]');
  }
  return { page, trouble };
}

/** The number of the frame that the page shows as a thumbnail. */
async function numberOnPage(page: Page): Promise<number> {
  // What the style says is drawn again from the sheet, which the page has loaded.
  const { data, width, height } = await page.evaluate<{
    data: number[];
    width: number;
    height: number;
  }>(`(async () => {
    const { backgroundImage, backgroundPosition, width, height } = getComputedStyle(document.getElementById('thumbnail-picture'));
    const image = new Image();
    image.src = /url\\("(.*)"\\)/.exec(backgroundImage)[1];
    await image.decode();
    const [x, y] = backgroundPosition.split(' ').map(parseFloat);
    const canvas = new OffscreenCanvas(parseFloat(width), parseFloat(height));
    const context = canvas.getContext('2d');
    context.drawImage(image, x, y);
    const rgba = context.getImageData(0, 0, canvas.width, canvas.height).data;
    return { data: [...rgba].filter((_, i) => i % 4 < 3), width: canvas.width, height: canvas.height };
  })()`);
  return numberShown({ data: Uint8Array.from(data), width, height });
}

it.each(['dash', 'hls'] as const)(
  'the scrubber shows the frame of the time under the pointer, from %s',
  async (kind) => {
    const { page, trouble } = await open(kind);
    const bar = (await page.locator('#scrub').boundingBox())!;
    for (const [seconds, frame] of [
      [0.4, 0],
      [10.6, 240],
      [12.6, 288],
    ] as const) {
      await page.mouse.move(bar.x + (bar.width * seconds * FPS.num) / FRAMES, bar.y + bar.height / 2);
      await expect
        .poll(() => page.textContent('#thumbnail-time'))
        .toBe(`0:${String(Math.floor(seconds)).padStart(2, '0')}`);
      await page.waitForSelector('#thumbnail:not([hidden])');
      expect(await numberOnPage(page)).toBe(frame);
      const box = (await page.locator('#thumbnail').boundingBox())!;
      expect(box.x).toBeGreaterThanOrEqual(bar.x - 1);
      expect(box.x + box.width).toBeLessThanOrEqual(bar.x + bar.width + 1);
    }
    const shot = process.env['HULLCAST_SCREENSHOT'];
    if (shot) await page.screenshot({ path: `${shot}-${kind}.png` });
    await page.mouse.move(bar.x + bar.width / 2, bar.y - 300);
    await page.waitForSelector('#thumbnail', { state: 'hidden' });

    await page.mouse.click(bar.x + bar.width / 2, bar.y + bar.height / 2);
    await expect
      .poll(() => page.evaluate<number>('document.querySelector("video").currentTime'))
      .toBeCloseTo(FRAMES / FPS.num / 2, 0);
    expect(trouble).toEqual([]);
  },
);

it('a title without thumbnails has no scrubber', async () => {
  const bare = await mkdtemp(join(tmpdir(), 'hullcast-bare-'));
  await cp(folder, bare, { recursive: true });
  const mpd = await readFile(join(bare, 'manifest.mpd'), 'utf8');
  await writeFile(
    join(bare, 'manifest.mpd'),
    mpd.replace(/ *<AdaptationSet [^>]*contentType="image"[\s\S]*?<\/AdaptationSet>\n/, ''),
  );
  const other = await servePlayer(bare);
  const page = await browser.newPage();
  await page.goto(other.url);
  await page.waitForSelector('body[data-loaded]');
  expect(await page.isVisible('#scrub')).toBe(false);
  await other.close();
  await rm(bare, { recursive: true });
});
