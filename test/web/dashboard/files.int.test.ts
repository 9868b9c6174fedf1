import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Browser } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createRunner, ffmpeg, findTool } from '../../../src/media/index.js';
import { dashboardFile } from '../../../src/web/index.js';
import { launchChromium } from '../../support/chromium.js';
import { fill } from './example.js';
import { FakeApi, TOKEN } from './fake-api.js';
import { buildDashboard, eventually, openRoute, picture, until } from './support.js';

let browser: Browser;
let folder: string;
let media: string;
let api: FakeApi;

const SECONDS = 4;

/** Two renditions with sound, DASH and HLS over the same segments. */
async function packageTitle(): Promise<void> {
  const run = createRunner();
  await ffmpeg(run, await findTool(run, 'ffmpeg'), {
    cwd: media,
    frames: SECONDS * 24 * 2,
    args: [
      ...['-f', 'lavfi', '-i', `testsrc2=size=640x360:rate=24:duration=${SECONDS}`],
      ...['-f', 'lavfi', '-i', `sine=frequency=440:duration=${SECONDS}:sample_rate=48000`],
      ...['-filter_complex', '[0:v]split[a][b];[b]scale=320:180[small]'],
      ...['-map', '[a]', '-map', '[small]', '-map', '1:a', '-c:v', 'libx264', '-preset', 'ultrafast'],
      ...['-pix_fmt', 'yuv420p', '-g', '48', '-b:v:0', '500k', '-b:v:1', '120k', '-c:a', 'aac', '-ac', '2'],
      ...['-f', 'dash', '-seg_duration', '2', '-hls_playlist', '1'],
      ...['-adaptation_sets', 'id=0,streams=0,1 id=1,streams=2', 'manifest.mpd'],
    ],
  });
}

beforeAll(async () => {
  [folder, media] = (await Promise.all(
    ['dashboard', 'media'].map((name) => mkdtemp(join(tmpdir(), `hullcast-${name}-`))),
  )) as [string, string];
  [browser] = await Promise.all([launchChromium(), buildDashboard(folder), packageTitle()]);
});
beforeEach(async () => {
  api = new FakeApi(folder);
  await api.start();
  fill(api);
});
afterEach(async () => {
  await Promise.all(browser.contexts().map((context) => context.close()));
  await api.stop();
});
afterAll(async () => {
  await browser.close();
  await Promise.all([folder, media].map((path) => rm(path, { recursive: true, force: true })));
});

describe('the files of the dashboard', () => {
  it('are small: all that a visit loads is below 60 kB, compressed', async () => {
    const pages = ['index.html', 'report.html'];
    // Shaka Player is loaded by who plays a title, and only then.
    const assets = (await readdir(join(folder, 'assets'))).filter((name) => !name.startsWith('shaka-player'));
    expect(assets.length).toBeGreaterThan(3);
    const paths = [...pages, ...assets.map((name) => join('assets', name))];
    const sizes = await Promise.all(
      paths.map(async (path) => gzipSync(await readFile(join(folder, path))).length),
    );
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(60_000);
  });

  it('have names that change with their bytes, and may be kept for ever; pages may not', async () => {
    const index = await readFile(join(folder, 'index.html'), 'utf8');
    const loaded = [...index.matchAll(/(?:src|href)="(\/[^"]+)"/g)].map((match) => match[1]!);
    expect(loaded.length).toBeGreaterThanOrEqual(3);
    for (const path of loaded) {
      expect(path).toMatch(/^\/assets\/[\w.-]+-[\w-]{8}\.(js|css|svg)$/);
      const file = await dashboardFile(path, folder);
      expect(file?.headers['cache-control']).toBe('public, max-age=31536000, immutable');
      expect(file?.headers['content-type']).toMatch(
        /^(text\/(javascript|css); charset=utf-8|image\/svg\+xml)$/,
      );
      expect(file?.headers['content-length']).toBe(String((await readFile(file!.path)).length));
    }
    for (const path of ['/', '/report.html']) {
      const file = await dashboardFile(path, folder);
      expect(file?.headers).toMatchObject({
        'cache-control': 'no-store',
        'content-type': 'text/html; charset=utf-8',
        'x-content-type-options': 'nosniff',
        'referrer-policy': 'no-referrer',
      });
    }
  });

  it('run under a policy without inline scripts and styles, but for the frame of reports', async () => {
    const policyOf = async (path: string): Promise<string> =>
      (await dashboardFile(path, folder))!.headers['content-security-policy']!;
    expect(await policyOf('/')).not.toContain('unsafe');
    for (const path of ['/', '/report.html']) {
      const policy = await policyOf(path);
      expect(policy).toContain("default-src 'none'");
      expect(policy).toContain("connect-src 'self'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).toContain("base-uri 'none'");
    }
    const html = await Promise.all(
      ['index.html', 'report.html'].map((name) => readFile(join(folder, name), 'utf8')),
    );
    for (const page of html) expect(page).not.toMatch(/<script(?![^>]*src=)|<style|\sstyle=|\son\w+=/);
  });

  it('are nothing outside of their folder, and nothing of the sources', async () => {
    for (const path of [
      ...['/assets/../index.html', '/assets/%2e%2e/index.html', '/assets/..%2findex.html', '/assets/%00'],
      ...['/assets', '/assets/', '/index.html', '/..', '', '//', '/v1/titles', '/assets/nothing-00000000.js'],
      ...['/assets/%', '/assets//etc/passwd', '/assets/..\\index.html', '/constructor', '/report.html/'],
    ]) {
      expect(await dashboardFile(path, folder), path).toBeUndefined();
    }
  });

  it('are none where the dashboard was not built', async () => {
    expect(await dashboardFile('/', media)).toBeUndefined();
  });
});

describe('the whole report', () => {
  it('is shown with its own styles and scripts, in a frame that gets at nothing', async () => {
    const { page, trouble } = await openRoute(browser, api, '#/titles/t-done');
    await page.click('text=Whole report');
    await page.waitForSelector('iframe');
    const frame = page.frames()[1]!;
    await frame.waitForSelector('h1:has-text("The Long Voyage")');
    await picture(page, 'report-1280-light');
    // Its style sheet and its script are at work.
    expect(await frame.evaluate(`getComputedStyle(document.querySelector('h1')).fontSize`)).toBe('28px');
    await frame.hover('.wide [data-mark="rung"] >> nth=-1');
    expect(await frame.textContent('#tip')).toContain('VMAF');
    await frame.click('nav a >> nth=2');
    await eventually(() => frame.evaluate('scrollY')).toBeGreaterThan(300);
    // It has no origin: no storage, no parent, no requests.
    const tries = [`sessionStorage.length`, `parent.document.title`, `fetch('${api.url}/v1/titles')`];
    for (const attempt of tries) {
      const outcome = await frame.evaluate(
        `(async () => { try { await ${attempt}; return 'allowed'; } catch (error) { return error.name; } })()`,
      );
      expect(outcome, attempt).toMatch(/^(SecurityError|TypeError)$/);
    }
    expect(await page.evaluate('sessionStorage.getItem("hullcast.token")')).toBe(TOKEN);
    await page.click('text=Back to the title');
    await page.waitForSelector('h1:has-text("The Long Voyage.mov")');
    // The third try was refused, as it should.
    expect(
      trouble.filter((text) => !text.includes("connect-src 'none'") && !text.includes('/v1/titles')),
    ).toEqual([]);
  });

  it('is asked for with the token, and its absence is told', async () => {
    delete api.files['t-done/report.html'];
    const { page } = await openRoute(browser, api, 'report.html#t-done', { expectsRefusals: true });
    await page.waitForSelector('text=the title has no such published file');
    expect(api.asked('GET', '/v1/titles/t-done/files/report.html')[0]?.authorization).toBe(`Bearer ${TOKEN}`);
    const stranger = await openRoute(browser, api, 'report.html#t-done', { token: undefined });
    await stranger.page.waitForSelector('text=Sign in first');
  });

  it('report.json can be saved', async () => {
    const { page } = await openRoute(browser, api, '#/titles/t-done');
    const download = page.waitForEvent('download');
    await page.click('text=Save report.json');
    expect((await download).suggestedFilename()).toBe('The Long Voyage.mov.report.json');
    expect(await readFile(await (await download).path())).toEqual(api.files['t-done/report.json']!.body);
  });

  it('of a version that the dashboard does not read leaves the ladder of the API', async () => {
    api.files['t-done/report.json']!.body = Buffer.from('{"schemaVersion":2}');
    const { page, trouble } = await openRoute(browser, api, '#/titles/t-done');
    await page.waitForSelector('text=Its report has version 2');
    expect(await page.evaluate(`document.querySelectorAll('.ladder tbody tr').length`)).toBe(8);
    expect(await page.evaluate(`document.querySelectorAll('[data-mark="rung"]').length`)).toBe(8);
    expect(trouble).toEqual([]);
  });
});

describe('playing a title', () => {
  it('plays DASH and HLS with the token in the header, and stays with the rendition that one chooses', async () => {
    const types: Record<string, string> = {
      mpd: 'application/dash+xml',
      m3u8: 'application/vnd.apple.mpegurl',
    };
    for (const name of await readdir(media)) {
      const type = types[name.split('.').at(-1)!] ?? 'video/mp4';
      api.files[`t-done/${name}`] = { type, body: await readFile(join(media, name)) };
    }
    const { page, trouble } = await openRoute(browser, api, '#/titles/t-done');
    await page.click('text="Play"');
    await page.waitForSelector('h1:has-text("Play The Long Voyage.mov")');
    expect(await page.evaluate('document.activeElement.localName')).toBe('h1');
    const video = 'document.querySelector("video")';
    const quality = 'label:has-text("Quality") select';
    const isRead = async (manifest: string): Promise<void> => {
      await eventually(() => api.asked('GET', `/v1/titles/t-done/files/${manifest}`).length).toBe(1);
      await page.waitForSelector(`${quality} >> option >> nth=2`, { state: 'attached' });
    };
    const plays = async (): Promise<void> => {
      const from = await page.evaluate<number>(`${video}.currentTime`);
      await until(page, `!${video}.paused && ${video}.currentTime !== ${from}`);
    };
    await isRead('manifest.mpd');
    await page.evaluate(`${video}.muted = true; ${video}.loop = true; void ${video}.play()`);
    for (const manifest of ['manifest.mpd', 'master.m3u8']) {
      // The other manifest goes on playing where the first one was.
      if (manifest === 'master.m3u8') await page.selectOption('label:has-text("Manifest") select', manifest);
      await isRead(manifest);
      await plays();
      const small = await page.evaluate<string>(
        `[...document.querySelectorAll('option')].find((option) => option.textContent.startsWith('320×180')).value`,
      );
      await page.selectOption(quality, small);
      await until(page, `${video}.videoWidth === 320`);
      await page.waitForSelector('.now >> text=320×180');
    }
    await picture(page, 'play-1280-light');
    const files = api.requests.filter(({ url }) => url.includes('/files/'));
    expect(files.some(({ url }) => url.endsWith('.m4s'))).toBe(true);
    expect(files.every(({ authorization }) => authorization === `Bearer ${TOKEN}`)).toBe(true);
    expect(trouble).toEqual([]);
  });

  it('says why it cannot', async () => {
    const { page } = await openRoute(browser, api, '#/titles/t-done/play', { expectsRefusals: true });
    await page.waitForSelector('[role=alert]:has-text("the server answered 404")');
    await page.goto(`${api.url}/#/titles/t-run/play`);
    await page.waitForSelector('text=there is nothing to play yet');
  });
});
