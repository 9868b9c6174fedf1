import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TITLE_24, TITLE_NTSC } from '../../fixtures/renditions.js';
import { memoryKeys } from '../support/keys.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { type Files, checkFiles } from './memory.js';
import type { Encryption } from '../../src/package/index.js';
import { ourPackage } from './our-package.js';
import { readInit } from './read.js';
import { codecClip, ffmpegDash, ffmpegHls, ffmpegHlsSingle, ffmpegHlsText, shakaPackage } from './streams.js';

let stage: TestStage;
beforeAll(async () => {
  stage = await stageContext({ keys: memoryKeys() });
});
afterAll(() => stage.cleanUp());

/** Everything that was found, in words, and that something was looked at at all. */
async function found(files: Files): Promise<string[]> {
  const { findings, rules, hls, dash } = await checkFiles(files);
  expect(rules).toBeGreaterThan(50);
  const segments = [
    ...hls.flatMap(({ lists }) => [...lists.values()].map(({ track }) => track)),
    ...dash.flatMap(({ representations }) => representations.map(({ track }) => track)),
  ];
  expect(segments.length).toBeGreaterThan(0);
  for (const track of segments) {
    expect(track.length).toBeGreaterThan(0);
    expect(track).not.toContain(undefined);
  }
  return findings.flatMap(({ rule, findings: all }) =>
    all.map(({ file, expected, found: is }) => `${rule.id} ${file}: ${expected}, ${is}`),
  );
}

describe('nothing is found in what we make', () => {
  it('at 24 frames a second, in stereo', async () => {
    expect(await found(await ourPackage(stage, TITLE_24, 'stereo'))).toEqual([]);
  });

  it('at 23.976, in 5.1', async () => {
    expect(await found(await ourPackage(stage, TITLE_NTSC, '5.1'))).toEqual([]);
  });
});

it('parametric stereo: its configuration names one channel and makes two, so it is held against nothing', async () => {
  const files = await ourPackage(stage, TITLE_24, 'stereo');
  const [, init] = [...files].find(([path]) => /audio.*init\.mp4$/.test(path))!;
  expect((await readInit(init)).tracks[0]?.entries[0]?.channels).toBe(2);
  const heAacV2 = Buffer.from(init);
  // AAC-LC, 48 kHz, stereo becomes parametric stereo over 24 kHz, mono.
  Buffer.from('eb8a', 'hex').copy(heAacV2, heAacV2.indexOf('1190', heAacV2.indexOf('esds'), 'hex'));
  expect((await readInit(heAacV2)).tracks[0]?.entries[0]?.channels).toBeUndefined();
});

describe('nothing is found in what we encrypt', () => {
  it.each<[string, Partial<Encryption>]>([
    ['by cbcs, for all systems', {}],
    ['by cenc', { scheme: 'cenc' }],
    ['by cbcs, after a clear lead', { clearLeadSeconds: 2 }],
    ['by cenc with one key, after a clear lead', { scheme: 'cenc', preset: 'single', clearLeadSeconds: 3 }],
    ['by cbcs with keys that change twice', { periodStarts: [0, 48, 144] }],
    [
      'by cenc, after a clear lead, with keys that change',
      { scheme: 'cenc', periodStarts: [0, 90], clearLeadSeconds: 1.5 },
    ],
  ])('%s, in two languages with texts', async (_, encryption) => {
    expect(await found(await ourPackage(stage, TITLE_24, 'stereo', { languages: true, encryption }))).toEqual(
      [],
    );
  });
});

describe('nothing is found in what Shaka Packager makes', () => {
  it('with a file a segment', async () => expect(await found(await shakaPackage({}))).toEqual([]));
  it('with a file a rendition', async () =>
    expect(await found(await shakaPackage({ single: true }))).toEqual([]));

  it.each(['cenc', 'cbcs'] as const)('encrypted by %s', async (scheme) => {
    expect(await found(await shakaPackage({ scheme }))).toEqual([]);
    expect(await found(await shakaPackage({ scheme, clearLead: 2 }))).toEqual([]);
    expect(await found(await shakaPackage({ scheme, single: true }))).toEqual([]);
  });

  it.each(['vtt', 'vtt+mp4', 'ttml+mp4'] as const)('with text as %s, in two languages', async (text) => {
    expect(await found(await shakaPackage({ text }))).toEqual([]);
    expect(await found(await shakaPackage({ text, scheme: 'cbcs', clearLead: 2 }))).toEqual([]);
  });

  it.each(['hevc', 'av1', 'vp9'] as const)('of %s', async (codec) => {
    expect(await found(await shakaPackage({ videos: [await codecClip(codec)] }))).toEqual([]);
  });
});

describe('nothing is found in what ffmpeg makes', () => {
  it('as HLS', async () => expect(await found(await ffmpegHls())).toEqual([]));
  it('as HLS with text', async () => expect(await found(await ffmpegHlsText())).toEqual([]));
  it('as HLS in one file', async () => expect(await found(await ffmpegHlsSingle())).toEqual([]));
  it('as DASH, with HLS beside it', async () =>
    expect(await found(await ffmpegDash('-hls_playlist', '1'))).toEqual([]));
  it('as DASH by numbers', async () =>
    expect(await found(await ffmpegDash('-use_timeline', '0'))).toEqual([]));
  it('as DASH in a file a rendition', async () =>
    expect(await found(await ffmpegDash('-single_file', '1'))).toEqual([]));
  it('as DASH in a file with an index', async () =>
    expect(
      await found(await ffmpegDash('-single_file', '1', '-global_sidx', '1', '-use_timeline', '0')),
    ).toEqual([]));
});
