import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parse as parseHls, type types } from 'hls-parser';
import { parse as parseMpd } from 'mpd-parser';
import { expect } from 'vitest';
import { type Report, parseReport } from '../../src/report/index.js';
import { cli } from '../support/cli.js';

/** Makes a title, expects all to have gone well and the ladder and the manifests to be sane, and gives the report. */
export async function saneTitle(
  master: string,
  out: string,
  args: readonly string[],
  home: string,
): Promise<Report> {
  const result = await cli(['encode', master, '--out', out, ...args], { home });
  expect(result.stderr).not.toMatch(/error/i);
  expect(result.exitCode).toBe(0);
  const report = parseReport(JSON.parse(await readFile(join(out, 'report.json'), 'utf8')));
  expectSaneLadder(report);
  await expectSameInManifests(report, out);
  return report;
}

/** What holds of the ladder of any master whatever. Renditions are listed the best first. */
function expectSaneLadder({ title, shots, renditions }: Report): void {
  expect(renditions.length).toBeGreaterThan(0);
  renditions.forEach((rendition, i) => {
    const { width, height, vmaf, averageBitrate, peakBitrate } = rendition;
    expect(width).toBeLessThanOrEqual(title.width);
    expect(height).toBeLessThanOrEqual(title.height);
    expect([width % 2, height % 2]).toEqual([0, 0]);
    // The master's shape, but for rounding to even sizes.
    expect(Math.abs(width / height / (title.width / title.height) - 1)).toBeLessThan(1 / width + 1 / height);
    expect(rendition.frames).toBe(title.frames);
    expect(rendition.chunks.map(({ shot }) => shot)).toEqual(shots.map(({ index }) => index));
    expect(averageBitrate).toBeGreaterThan(0);
    expect(peakBitrate).toBeGreaterThanOrEqual(averageBitrate);
    const above = renditions[i - 1];
    if (!above) return;
    expect(averageBitrate).toBeLessThan(above.averageBitrate);
    expect(vmaf.mean).toBeLessThan(above.vmaf.mean);
  });
  const vectors = renditions.map((r) => `${r.width}x${r.height} ${r.chunks.map(({ crf }) => crf).join()}`);
  for (const of of [vectors, renditions.map((r) => r.sha256), renditions.map((r) => r.id)]) {
    expect(new Set(of).size).toBe(renditions.length);
  }
}

/** Both manifests list every rendition at its size, with all of the title's time and no bit rate below its average. */
async function expectSameInManifests({ title, renditions }: Report, out: string): Promise<void> {
  const read = (name: string): Promise<string> => readFile(join(out, name), 'utf8');
  const sizes = renditions.map(({ width, height }) => ({ width, height }));
  const rates = (values: number[]): void =>
    values.forEach((value, i) => expect(value).toBeGreaterThanOrEqual(renditions[i]!.averageBitrate));
  const falling = <T extends { bandwidth: number }>(all: T[]): T[] =>
    all.sort((a, b) => b.bandwidth - a.bandwidth);

  const { variants } = parseHls(await read('master.m3u8')) as types.MasterPlaylist;
  const listed = falling(variants.filter(({ isIFrameOnly }) => !isIFrameOnly));
  expect(listed.map(({ resolution }) => resolution)).toEqual(sizes);
  rates(listed.map(({ bandwidth }) => bandwidth));
  const mpd = parseMpd(await read('manifest.mpd'), { manifestUri: 'http://origin.test/title/manifest.mpd' });
  const dash = falling(
    mpd.playlists.map(({ attributes, segments }) => ({ bandwidth: attributes.BANDWIDTH, segments })),
  );
  expect(dash).toHaveLength(renditions.length);
  rates(dash.map(({ bandwidth }) => bandwidth));
  for (const { segments } of dash) {
    const seconds = segments.reduce((sum, { duration }) => sum + duration, 0);
    expect(seconds).toBeCloseTo(title.durationSeconds, 3);
  }
}
