/// <reference lib="dom" />
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { titleMaster } from '../../fixtures/title.js';
import { servePlayer } from '../../src/cli/play-server.js';
import { launchChromium } from '../support/chromium.js';
import { QUICK, cli, temporaryFolder } from '../support/cli.js';

const folder = await temporaryFolder();
/** HULLCAST_TITLE names a title that is there already, e.g. `out/demo`; else a small one is made. */
const given = process.env['HULLCAST_TITLE'];
const out = given ?? join(folder, 'title');

describe('what hullcast encode made', () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof servePlayer>>;

  beforeAll(async () => {
    if (given === undefined) {
      const made = await cli(['encode', await titleMaster(), '--out', out, ...QUICK], {
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
      expect(await page.locator('#error').isHidden()).toBe(true);
      expect(errors).toEqual([]);
      await page.close();
    },
  );
});
