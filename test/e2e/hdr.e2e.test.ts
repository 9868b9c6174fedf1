/// <reference lib="dom" />
import { readFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse as parseHls, type types } from 'hls-parser';
import { beforeAll, expect, test } from 'vitest';
import { HDR_FRAMES, MASTERING, hdr10Master } from '../../fixtures/hdr.js';
import { servePlayer } from '../../src/cli/play-server.js';
import { createRunner, ffprobe, findTool } from '../../src/media/index.js';
import { type Report, parseReport } from '../../src/report/index.js';
import { launchChromium } from '../support/chromium.js';
import { LEAN, cli, digestsOf, temporaryFolder } from '../support/cli.js';

const folder = await temporaryFolder();
const home = join(folder, 'home');
const out = join(folder, 'title');
const ARGS = ['--codecs', 'h264,hevc', '--segment-seconds', '2', ...LEAN];
const RANGE: Record<string, string> = { h264: 'SDR', hevc: 'PQ' };

let report: Report;

beforeAll(async () => {
  const made = await cli(['encode', await hdr10Master(), '--out', out, ...ARGS], { home });
  expect(made.stderr).not.toContain('error');
  expect(made.exitCode).toBe(0);
  report = parseReport(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')));
});

test('the report says what is HDR, what was tone-mapped, and which model judged it', async () => {
  expect(report.master.video.hdr).toEqual({
    ...{ masteringDisplay: MASTERING, contentLight: { maxCll: 1000, maxFall: 400 } },
  });
  expect(report.master.findings.map(({ code }) => code)).toContain('hdr');
  expect(report.shots).toHaveLength(2);
  const facts = new Set(
    report.renditions.map(({ codec, videoRange, vmaf }) =>
      [codec, videoRange, vmaf.model, vmaf.picture, vmaf.note?.slice(0, 34)].join(),
    ),
  );
  expect([...facts]).toEqual([
    'h264,SDR,vmaf_v0.6.1,tone-mapped,',
    'hevc,PQ,vmaf_v0.6.1,master,SDR model applied to HDR pictures:',
  ]);
  expect(report.cost.cpuSeconds['tone-map']).toBeGreaterThan(0);
  const page = await readFile(join(out, 'report.html'), 'utf8');
  expect(page).toContain('vmaf_v0.6.1 on PQ');
  expect(page).toContain('vmaf_v0.6.1 on tone-mapped SDR');
  expect(page.match(/SDR model applied to HDR pictures/g)).toHaveLength(1);
});

test('every rung decodes to its frames, in its own light', async () => {
  const run = createRunner();
  const tool = await findTool(run, 'ffprobe');
  for (const { id, codec } of report.renditions) {
    const parts = (await readdir(join(out, 'video', id))).filter((name) => name.endsWith('.m4s')).sort();
    const files = ['init.mp4', ...parts].map((name) => readFile(join(out, 'video', id, name)));
    const path = join(folder, `${id}.mp4`);
    await writeFile(path, Buffer.concat(await Promise.all(files)));
    const show = ['-select_streams', 'v:0', '-show_frames'];
    const { frames } = (await ffprobe(run, tool, { path, demuxer: 'mov', show })) as {
      frames: {
        pix_fmt: string;
        color_transfer: string;
        color_primaries: string;
        side_data_list?: { side_data_type: string }[];
      }[];
    };
    const kinds = frames.map((frame) => [frame.pix_fmt, frame.color_primaries, frame.color_transfer].join());
    expect(frames).toHaveLength(HDR_FRAMES);
    expect([...new Set(kinds)]).toEqual([
      codec === 'hevc' ? 'yuv420p10le,bt2020,smpte2084' : 'yuv420p,bt709,bt709',
    ]);
    const light = [
      { side_data_type: 'Mastering display metadata' },
      { side_data_type: 'Content light level metadata' },
    ];
    const found = (frames[0]?.side_data_list ?? []).filter(({ side_data_type: kind }) =>
      /^(Mastering|Content l)/.test(kind),
    );
    expect(found).toMatchObject(codec === 'hevc' ? light : []);
  }
});

test('both manifests keep SDR and HDR apart and say which is which', async () => {
  const master = parseHls(await readFile(join(out, 'master.m3u8'), 'utf8')) as types.MasterPlaylist;
  expect(master.variants).toHaveLength(2 * report.renditions.length);
  for (const { uri, videoRange } of master.variants) {
    expect(videoRange).toBe(RANGE[uri.split('/')[1]!.split('-')[0]!]);
  }
  const mpd = await readFile(join(out, 'manifest.mpd'), 'utf8');
  const sets = [...mpd.matchAll(/<AdaptationSet\b[^>]*contentType="video"[\s\S]*?<\/AdaptationSet>/g)].map(
    ([xml]) => ({
      codecs: [...new Set([...xml.matchAll(/codecs="(\w+)/g)].map((match) => match[1]))],
      points: [...xml.matchAll(/cicp:\w+" value="(\d+)"/g)].map((match) => Number(match[1])),
    }),
  );
  expect(sets).toEqual([
    { codecs: ['avc1'], points: [1, 1, 1] },
    { codecs: ['hvc1'], points: [9, 16, 9] },
  ]);
});

test.each(['dash', 'hls'])('a browser without HDR plays the SDR ladder, by %s', async (format) => {
  const server = await servePlayer(out, { port: 0 });
  const browser = await launchChromium();
  try {
    const page = await browser.newPage();
    await page.goto(server.url);
    await page.check(`input[name="manifest"][value="${format}"]`);
    await page.waitForFunction((kind) => document.body.dataset['loaded'] === kind, format, {
      timeout: 30_000,
    });
    await page.evaluate(async () => {
      const video = document.querySelector('video')!;
      video.muted = true;
      await video.play();
    });
    await page.waitForFunction(() => document.querySelector('video')!.currentTime > 1.5, undefined, {
      timeout: 30_000,
    });
    const frames = await page.evaluate(
      () => document.querySelector('video')!.getVideoPlaybackQuality().totalVideoFrames,
    );
    expect(frames).toBeGreaterThan(20);
  } finally {
    await browser.close();
    await server.close();
  }
});

test('made again it costs nothing and is the same', async () => {
  const again = join(folder, 'again');
  const made = await cli(['encode', await hdr10Master(), '--out', again, '--json', ...ARGS], { home });
  expect(made.exitCode).toBe(0);
  const second = parseReport(JSON.parse(await readFile(join(again, 'report.json'), 'utf8')));
  expect(second.cost.encodes).toBe(0);
  expect(await digestsOf(again)).toEqual(await digestsOf(out));
});
