import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PlayServer, servePlayer } from '../../src/cli/play-server.js';
import { createRunner, ffmpeg, findTool } from '../../src/media/index.js';
import { type Report, reportHtml } from '../../src/report/index.js';
import { exampleReport } from '../report/example.js';
import { launchChromium } from '../support/chromium.js';

const FPS = 24;
const FRAMES = 192;
const SIZES = [
  [640, 360],
  [320, 180],
] as const;

/** Two renditions and two languages, DASH and HLS over the same segments, by ffmpeg's own muxer. */
async function packageTitle(folder: string): Promise<void> {
  const run = createRunner();
  const tool = await findTool(run, 'ffmpeg');
  const seconds = FRAMES / FPS;
  await ffmpeg(run, tool, {
    cwd: folder,
    frames: FRAMES * 2,
    args: [
      ...['-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=${FPS}:duration=${seconds}`],
      ...['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}:sample_rate=48000`],
      ...['-f', 'lavfi', '-i', `sine=frequency=880:duration=${seconds}:sample_rate=48000`],
      ...['-filter_complex', '[0:v]split[a][b];[b]scale=320:180[small]'],
      ...['-map', '[a]', '-map', '[small]', '-map', '1:a', '-map', '2:a'],
      ...['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-g', '48', '-sc_threshold', '0'],
      ...['-b:v:0', '600k', '-b:v:1', '150k', '-c:a', 'aac', '-b:a', '64k', '-ac', '2'],
      ...['-metadata:s:a:0', 'language=eng', '-metadata:s:a:1', 'language=deu'],
      ...['-f', 'dash', '-seg_duration', '2', '-hls_playlist', '1'],
      ...['-adaptation_sets', 'id=0,streams=0,1 id=1,streams=2 id=2,streams=3', 'manifest.mpd'],
    ],
  });
}

/** As long as the ladder's own ids are. */
const IDS = ['h264-360p-600k-high', 'h264-180p-150k-low'] as const;
const [HIGH, LOW] = IDS;

/** A report that fits the title: two rungs, two shots. */
function reportOf(): Report {
  const report = exampleReport({ name: 'Test title', shots: 2 });
  report.title = { ...report.title, durationSeconds: FRAMES / FPS, frames: FRAMES, width: 640, height: 360 };
  Object.assign(report.shots[0]!, { startFrame: 0, endFrame: 96 });
  Object.assign(report.shots[1]!, { startFrame: 96, endFrame: FRAMES });
  report.renditions = report.renditions.slice(0, 2).map((rendition, i) => ({
    ...rendition,
    id: IDS[i]!,
    width: SIZES[i]![0],
    height: SIZES[i]![1],
    averageBitrate: [600_000, 150_000][i]!,
  }));
  return report;
}

/** An intro that can be skipped, a break that cannot, and a guess that is not in the manifests. */
const MARKERS = [
  { kind: 'intro', startSeconds: 1, endSeconds: 4, inManifests: true },
  { kind: 'adbreak', startSeconds: 5, endSeconds: 5.5, inManifests: true },
  { kind: 'credits', startSeconds: 6, endSeconds: 8, inManifests: false },
];

let browser: Browser;
let folder: string;
let server: PlayServer;
const report = reportOf();

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hullcast-player-'));
  await packageTitle(folder);
  await writeFile(join(folder, 'report.json'), JSON.stringify(report));
  await writeFile(join(folder, 'report.html'), reportHtml(report));
  await writeFile(join(folder, 'markers.json'), JSON.stringify({ markers: MARKERS }));
  server = await servePlayer(folder);
  browser = await launchChromium();
});
afterAll(async () => {
  await browser.close();
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

interface Opened {
  page: Page;
  trouble: string[];
}

async function open(url = server.url, width = 1280): Promise<Opened> {
  const page = await browser.newPage({ viewport: { width, height: 900 } });
  const trouble: string[] = [];
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) trouble.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => trouble.push(`error: ${error.message}`));
  page.on('request', (request) => {
    if (!/^(blob:|data:)/.test(request.url()) && !request.url().startsWith(url)) trouble.push(request.url());
  });
  page.on('response', (response) => {
    if (response.status() >= 400) trouble.push(`${response.status()} ${response.url()}`);
  });
  await page.goto(url);
  await page.waitForSelector('body[data-loaded]');
  return { page, trouble };
}

/** Initialisation segments come late, so that whatever is asked meanwhile is asked before the pictures' sizes are known. */
async function delayInits(page: Page): Promise<void> {
  await page.route('**/init-*.m4s', async (route) => {
    await new Promise((later) => setTimeout(later, 300));
    await route.continue();
  });
}

const OTHER_AUDIO = `[...document.querySelectorAll('#audio option')].find((o) => !o.selected).value`;

/** Waits for an expression to be true. (Playwright's waitForFunction needs eval, which the page's policy forbids.) */
async function until(page: Page, expression: string): Promise<void> {
  await expect.poll(() => page.evaluate(expression), { timeout: 20_000, message: expression }).toBe(true);
}

/** Plays until the clock has moved by a second of media. */
async function playOn(page: Page): Promise<void> {
  const from = await page.evaluate<number>('document.querySelector("video").currentTime');
  await page.evaluate('document.querySelector("video").play()');
  await until(page, `document.querySelector("video").currentTime > ${from} + 1`);
}

interface Active {
  videoId: number;
  height: number;
  audioLanguage: string;
}
function active(page: Page): Promise<Active> {
  return page.evaluate<Active>(
    `(({ videoId, height, language }) => ({ videoId, height, audioLanguage: language }))(hullcastPlayer.getVariantTracks().find((t) => t.active))`,
  );
}

async function choose(page: Page, id: string): Promise<void> {
  const value = await page.evaluate<string>(
    `[...document.querySelectorAll('#quality option')].find((o) => o.textContent.startsWith('${id}:')).value`,
  );
  await page.selectOption('#quality', value);
}

describe('player page in Chromium', () => {
  it.each(['dash', 'hls'] as const)('plays %s and switches rungs by the selector', async (kind) => {
    const { page, trouble } = await open();
    if (kind === 'hls') {
      await page.check('input[value="hls"]');
      await page.waitForSelector('body[data-loaded="hls"]');
    }
    expect(await page.evaluate('hullcastPlayer.getManifestType()')).toBe(kind.toUpperCase());
    expect(
      await page.evaluate(`[...document.querySelectorAll('#quality option')].map((o) => o.textContent)`),
    ).toEqual([
      'Automatic',
      `${HIGH}: 640×360, 600 kbit/s, VMAF ${report.renditions[0]!.vmaf.mean.toFixed(1)}`,
      `${LOW}: 320×180, 150 kbit/s, VMAF ${report.renditions[1]!.vmaf.mean.toFixed(1)}`,
    ]);
    await playOn(page);
    for (const [id, height, width] of [
      [LOW, 180, 320],
      [HIGH, 360, 640],
      [LOW, 180, 320],
    ] as const) {
      await choose(page, id);
      expect((await active(page)).height).toBe(height);
      // The decoder has switched too, not only the selection.
      await until(page, `document.querySelector('video').videoWidth === ${width}`);
      await until(page, `document.getElementById('now-rendition').textContent === '${id}'`);
      const rendition = report.renditions.find((candidate) => candidate.id === id)!;
      expect(await page.textContent('#now-vmaf')).toBe(rendition.vmaf.mean.toFixed(2));
      expect(await page.textContent('tr[aria-current] th')).toBe(id);
      expect(await page.evaluate('hullcastPlayer.getConfiguration().abr.enabled')).toBe(false);
    }
    await page.selectOption('#quality', 'auto');
    expect(await page.evaluate('hullcastPlayer.getConfiguration().abr.enabled')).toBe(true);
    await playOn(page);
    expect(await page.isHidden('#error')).toBe(true);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(1280);
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('switches audio, keeps the place when the manifest is switched, and says which shot it is in', async () => {
    const { page, trouble } = await open();
    expect(await page.evaluate(`document.querySelectorAll('#audio option').length`)).toBe(2);
    const before = (await active(page)).audioLanguage;
    await page.selectOption('#audio', await page.evaluate<string>(OTHER_AUDIO));
    await until(
      page,
      `hullcastPlayer.getVariantTracks().find((t) => t.active).language !== ${JSON.stringify(before)}`,
    );
    await choose(page, LOW);
    expect((await active(page)).audioLanguage).not.toBe(before);
    await page.evaluate('document.querySelector("video").currentTime = 5');
    await until(page, `document.getElementById('now-shot').textContent.startsWith('1: VMAF')`);
    // Also when it is switched again before the first pictures are there.
    await delayInits(page);
    for (const kind of ['hls', 'dash', 'hls']) {
      await page.check(`input[value="${kind}"]`);
      await page.waitForSelector(`body[data-loaded="${kind}"]`);
    }
    await until(page, 'Math.abs(document.querySelector("video").currentTime - 5) < 0.05');
    await page.evaluate('document.querySelector("video").currentTime = 1');
    await until(page, `document.getElementById('now-shot').textContent.startsWith('0: VMAF')`);
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('goes on after seeks that are followed at once by other sound and another rung', async () => {
    const { page, trouble } = await open();
    await playOn(page);
    await delayInits(page);
    for (const [seconds, rung] of [
      [5, LOW],
      [1, HIGH],
      [6, LOW],
      [2, HIGH],
      [0, LOW],
      [4, HIGH],
    ] as const) {
      await page.evaluate(`document.querySelector('video').currentTime = ${seconds}`);
      await page.selectOption('#audio', await page.evaluate<string>(OTHER_AUDIO));
      await choose(page, rung);
      await until(page, `document.querySelector('video').currentTime > ${seconds} + 0.3`);
    }
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('offers to skip an intro while it lasts, and nothing else', async () => {
    const { page, trouble } = await open();
    const go = (time: number): Promise<unknown> =>
      page.evaluate(`document.querySelector('video').currentTime = ${time}`);
    const shown = 'document.getElementById("skip").hidden === false';
    expect(await page.isVisible('#skip')).toBe(false);
    // Shaka Player goes to its own start as soon as there are pictures.
    await until(page, 'document.querySelector("video").readyState >= 2');
    await go(2);
    await until(page, shown);
    expect(await page.textContent('#skip')).toBe('Skip intro');
    await page.click('#skip');
    await until(page, `document.querySelector('video').currentTime === 4 && !(${shown})`);
    for (const time of [5.2, 7]) {
      await go(time);
      await until(page, '!document.querySelector("video").seeking');
      expect(await page.isVisible('#skip')).toBe(false);
    }
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('is usable by keyboard, fits a phone, and links the report', async () => {
    const { page, trouble } = await open(server.url, 390);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.focus('#quality');
    await page.keyboard.press('End');
    await until(page, `hullcastPlayer.getVariantTracks().find((t) => t.active).height === 180`);
    await page.focus('#rungs button');
    await page.keyboard.press('Enter');
    await until(page, `hullcastPlayer.getVariantTracks().find((t) => t.active).height === 360`);
    await page.click('text=Report on the encode');
    await page.waitForSelector('h1:has-text("Test title")');
    expect(page.url()).toBe(`${server.url}title/report.html`);
    expect(trouble).toEqual([]);
    await page.close();
  });

  it('plays without a report, and says when a manifest is broken', async () => {
    const bare = await mkdtemp(join(tmpdir(), 'hullcast-player-bare-'));
    await cp(folder, bare, { recursive: true });
    await rm(join(bare, 'report.json'));
    const master = await readFile(join(bare, 'master.m3u8'), 'utf8');
    await writeFile(join(bare, 'master.m3u8'), master.replace('#EXTM3U', 'nothing'));
    const second = await servePlayer(bare);
    try {
      const { page, trouble } = await open(second.url);
      expect(await page.textContent('h1')).toMatch(/^hullcast-player-bare-/);
      expect(await page.evaluate(`document.querySelectorAll('#rungs tr').length`)).toBe(2);
      expect(await page.isHidden('#vmaf-head')).toBe(true);
      await playOn(page);
      expect(trouble).toEqual([]);
      await page.check('input[value="hls"]');
      await page.waitForSelector('#error:visible');
      expect(await page.textContent('#error')).toMatch(/Shaka Player error \d+/);
      await page.close();
    } finally {
      await second.close();
      await rm(bare, { recursive: true, force: true });
    }
  });
});
