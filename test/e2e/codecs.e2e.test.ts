/// <reference lib="dom" />
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse as parseHls, type types } from 'hls-parser';
import { parse as parseMpd } from 'mpd-parser';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TITLE_FRAMES, titleMaster } from '../../fixtures/title.js';
import { servePlayer } from '../../src/cli/play-server.js';
import { type Report, parseReport } from '../../src/report/index.js';
import { launchChromium } from '../support/chromium.js';
import { LEAN, cli, temporaryFolder } from '../support/cli.js';

const folder = await temporaryFolder();
/** HULLCAST_CODECS_TITLE names a title of several codecs that is there already; else a small one is made. */
const given = process.env['HULLCAST_CODECS_TITLE'];
const out = given ?? join(folder, 'title');
const FAST = ['--av1-preset', '13', '--vp9-preset', '5'];

/** Codec strings begin so. */
const PREFIX: Record<string, string> = {
  h264: 'avc1.',
  hevc: 'hvc1.1.6.',
  av1: 'av01.0.',
  vp9: 'vp09.00.',
};

describe('a title in several codecs', () => {
  let report: Report;
  let codecs: string[];

  beforeAll(async () => {
    if (given === undefined) {
      const args = ['encode', await titleMaster(), '--out', out, '--codecs', 'h264,hevc,av1,vp9'];
      const made = await cli([...args, ...LEAN, ...FAST], { home: join(folder, 'home') });
      expect(made.stderr).not.toContain('error');
      expect(made.exitCode).toBe(0);
    }
    report = parseReport(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')));
    codecs = [...new Set(report.renditions.map(({ codec }) => codec))];
  });

  test('has a ladder in each, of its own rungs and its own probes', () => {
    if (given === undefined) expect(codecs).toEqual(['h264', 'hevc', 'av1', 'vp9']);
    for (const codec of codecs) {
      const rungs = report.renditions.filter((rendition) => rendition.codec === codec);
      expect(rungs.length).toBeGreaterThan(1);
      for (const [index, rung] of rungs.entries()) {
        expect(rung.id).toMatch(new RegExp(`^${codec}-`));
        if (given === undefined) expect(rung.frames).toBe(TITLE_FRAMES);
        expect(rung.averageBitrate).toBeLessThan(rungs[index - 1]?.averageBitrate ?? Infinity);
        expect(rung.vmaf.mean).toBeLessThan(rungs[index - 1]?.vmaf.mean ?? Infinity);
      }
      expect(report.probes.filter((probe) => probe.codec === codec).length).toBeGreaterThan(0);
    }
  });

  test('a player finds in HLS which codec every rung needs', async () => {
    const master = parseHls(await readFile(join(out, 'master.m3u8'), 'utf8')) as types.MasterPlaylist;
    const played = master.variants.filter(({ isIFrameOnly }) => !isIFrameOnly);
    for (const { id, codec } of report.renditions) {
      const own = played.filter(({ uri }) => uri.startsWith(`video/${id}/`));
      expect(own.length).toBeGreaterThan(0);
      for (const variant of own) expect(variant.codecs).toMatch(new RegExp(`^${PREFIX[codec]}`));
    }
  });

  test('DASH has an adaptation set a codec, none of two', async () => {
    const mpd = await readFile(join(out, 'manifest.mpd'), 'utf8');
    const sets = [...mpd.matchAll(/<AdaptationSet\b[\s\S]*?<\/AdaptationSet>/g)].map(([xml]) => xml);
    const inSets = sets
      .filter((xml) => xml.includes('contentType="video"'))
      .map((xml) => [...xml.matchAll(/codecs="([^"]+)"/g)].map((match) => match[1]!.slice(0, 4)));
    expect(inSets.map((found) => new Set(found).size)).toEqual(codecs.map(() => 1));
    expect(inSets.flat().sort()).toEqual(
      report.renditions.map(({ codec }) => PREFIX[codec]!.slice(0, 4)).sort(),
    );
    const second = parseMpd(mpd, { manifestUri: 'https://origin.test/manifest.mpd' });
    expect(second.playlists).toHaveLength(report.renditions.length);
  });

  describe('in Chromium', () => {
    let browser: Browser;
    let server: Awaited<ReturnType<typeof servePlayer>>;
    beforeAll(async () => {
      server = await servePlayer(out, { port: 0 });
      browser = await launchChromium();
    });
    afterAll(async () => {
      await browser?.close();
      await server?.close();
    });

    test.each(['dash', 'hls'])('plays in every codec that the browser has, by %s', async (format) => {
      const page = await browser.newPage();
      await page.goto(server.url);
      const loaded = (): Promise<unknown> =>
        page.waitForFunction((kind) => document.body.dataset['loaded'] === kind, format, { timeout: 30_000 });
      await page.check(`input[name="manifest"][value="${format}"]`);
      await loaded();
      const offered = await page.$$eval('#codec option', (options) =>
        (options as HTMLOptionElement[])
          .filter(({ disabled, value }) => !disabled && value !== '')
          .map(({ value }) => value),
      );
      // Debian's Chromium decodes these itself; HEVC only where the machine has a decoder for it.
      expect(offered).toEqual(expect.arrayContaining(codecs.filter((codec) => codec !== 'hevc')));
      for (const codec of offered) {
        await page.evaluate(() => delete document.body.dataset['loaded']);
        await page.selectOption('#codec', codec);
        await loaded();
        await page.evaluate(() => {
          const video = document.querySelector('video')!;
          video.currentTime = 0.2;
          return video.play();
        });
        await page.waitForFunction(() => document.querySelector('video')!.currentTime > 1.2, undefined, {
          timeout: 30_000,
        });
        const active = await page.evaluate(() => {
          const { hullcastPlayer } = window as unknown as {
            hullcastPlayer: { getVariantTracks(): { active: boolean; videoCodec: string }[] };
          };
          return hullcastPlayer.getVariantTracks().find((track) => track.active)?.videoCodec;
        });
        expect(active).toMatch(new RegExp(`^${PREFIX[codec]!.slice(0, 4)}`));
        expect(await page.textContent('#now-rendition')).toMatch(new RegExp(`^${codec}-`));
      }
      expect(await page.isHidden('#error')).toBe(true);
      await page.close();
    });
  });
});
