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
      await page.goto(`${server.url}?format=${format}`);
      await page.waitForFunction(() => {
        const { hullcastPlayer } = window as unknown as {
          hullcastPlayer?: { getVariantTracks(): unknown[] };
        };
        return (hullcastPlayer?.getVariantTracks().length ?? 0) > 1;
      });
      const timeAfter = async (seconds: number): Promise<void> => {
        await page.waitForFunction((s) => (document.querySelector('video')?.currentTime ?? 0) > s, seconds, {
          timeout: 30_000,
        });
      };
      await page.evaluate(() => document.querySelector('video')!.play());
      await timeAfter(0.5);
      // To the smallest, then to the largest picture: what the video element decodes must follow.
      for (const pick of ['smallest', 'largest'] as const) {
        const height = await page.evaluate((which) => {
          interface Track {
            height: number;
            bandwidth: number;
          }
          interface Player {
            configure(config: object): void;
            getVariantTracks(): Track[];
            selectVariantTrack(track: Track, clearBuffer: boolean): void;
          }
          const player = (window as unknown as { hullcastPlayer: Player }).hullcastPlayer;
          player.configure({ abr: { enabled: false } });
          const tracks = player
            .getVariantTracks()
            .sort((a, b) => a.height - b.height || a.bandwidth - b.bandwidth);
          const track = which === 'smallest' ? tracks[0]! : tracks.at(-1)!;
          document.querySelector('video')!.currentTime = 0.2;
          player.selectVariantTrack(track, true);
          return track.height;
        }, pick);
        await page.waitForFunction((h) => document.querySelector('video')?.videoHeight === h, height, {
          timeout: 30_000,
        });
        const from = await page.evaluate(() => document.querySelector('video')!.currentTime);
        await timeAfter(from + 0.5);
      }
      expect(errors).toEqual([]);
      await page.close();
    },
  );
});
