import { readFile } from 'node:fs/promises';
import { parse as parseHls, type types } from 'hls-parser';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClip } from '../../fixtures/clip.js';
import { type Codec, type EncodedChunk, assembleStage, encodeStage } from '../../src/encode/index.js';
import { type Rational, formatRational, frameSeconds, timescaleOf } from '../../src/media/index.js';
import { type PackageResult, type VideoInput, packageStage, verifyStage } from '../../src/package/index.js';
import type { BlobRef } from '../../src/pipeline/index.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { readInit, readSegment } from '../conformance/read.js';
import { freshContext } from './support.js';

const RATES: [string, Rational][] = [
  ['23.976', { num: 24_000, den: 1001 }],
  ['24', { num: 24, den: 1 }],
  ['25', { num: 25, den: 1 }],
  ['29.97', { num: 30_000, den: 1001 }],
  ['50', { num: 50, den: 1 }],
  ['59.94', { num: 60_000, den: 1001 }],
  ['60', { num: 60, den: 1 }],
];
const CODECS: [Codec, string, number][] = [
  ['h264', 'ultrafast', 30],
  ['hevc', 'ultrafast', 30],
  ['av1', '13', 45],
  ['vp9', '5', 45],
];
const SIZE = { width: 160, height: 90 };
/** Two chunks of unequal length; the first has two groups. */
const CHUNKS = [
  { start: 0, frames: 14, gopFrames: 7 },
  { start: 14, frames: 9, gopFrames: 9 },
];
const FRAMES = 23;
const STARTS = [0, 7, 14];

let stage: TestStage;
beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

/** SDR of 10 bits, which all codecs but H.264 keep. */
function master({ num, den }: Rational): Promise<string> {
  return makeClip('ten-bit.mov', [
    ...['-f', 'lavfi', '-i', `testsrc2=s=${SIZE.width}x${SIZE.height}:r=${num}/${den},format=yuv420p10le`],
    ...['-frames:v', String(FRAMES), '-c:v', 'ffv1', '-fflags', '+bitexact', '-threads', '1'],
    ...['-video_track_timescale', String(timescaleOf({ num, den }).timescale)],
  ]);
}

async function rendition(
  blob: BlobRef,
  fps: Rational,
  [codec, preset, crf]: (typeof CODECS)[number],
): Promise<VideoInput> {
  const colour = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' } as const;
  const chunks: EncodedChunk[] = [];
  for (const { start, frames, gopFrames } of CHUNKS) {
    const params = {
      source: { blob, demuxer: 'mov', videoStream: 0, skipFrames: start, frames, fps },
      reference: { ...SIZE, pixelFormat: 'yuv420p10le' },
      ...{ colour, bitDepth: 10, codec, preset, resolution: SIZE, crf, gopFrames },
      ...({ model: 'vmaf_v0.6.1', subsample: 7 } as const),
    };
    chunks.push(await encodeStage.run(params, await freshContext(stage)));
  }
  const joined = await assembleStage.run({ fps, chunks, segmentStarts: STARTS }, await freshContext(stage));
  const { averageBitrate, peakBitrate } = joined;
  return {
    ...{ id: codec, blob: joined.blob, ...SIZE, frames: FRAMES, fps, averageBitrate, peakBitrate },
    ...{ segmentStarts: STARTS, colour },
  };
}

async function bytesOf({ files }: PackageResult, path: string): Promise<Buffer> {
  const file = files.find((each) => each.path === path);
  if (!file) throw new Error(`${path} is not in the package`);
  return readFile(await stage.context.path(file.blob));
}

describe.each(RATES)('at %s fps', (name, fps) => {
  let videos: VideoInput[];
  let result: PackageResult;
  beforeAll(async () => {
    const blob = await stage.put(await master(fps));
    videos = await Promise.all(CODECS.map((codec) => rendition(blob, fps, codec)));
    result = await packageStage.run({ videos, audios: [], segmentSeconds: 2 }, await freshContext(stage));
  });

  it('every codec has all its frames, and both manifests their times', async () => {
    const { findings, decodedFrames } = await verifyStage.run(
      { files: result.files, videos, audios: [] },
      await freshContext(stage),
    );
    expect(findings).toEqual([]);
    expect(decodedFrames).toEqual({ h264: FRAMES, hevc: FRAMES, av1: FRAMES, vp9: FRAMES });
  });

  it('every frame lasts a whole and equal number of ticks in the boxes', async () => {
    const { timescale, frameTicks } = timescaleOf(fps);
    expect((timescale * fps.den) / fps.num).toBe(frameTicks);
    for (const { id } of videos) {
      const init = await bytesOf(result, `video/${id}/init.mp4`);
      const { tracks } = await readInit(init);
      expect(tracks[0]?.timescale).toBe(timescale);
      expect(tracks[0]?.entries[0]?.colour).toEqual({ primaries: 1, transfer: 1, matrix: 1 });
      for (const [index, start] of STARTS.entries()) {
        const segment = await readSegment(init, await bytesOf(result, `video/${id}/${index + 1}.m4s`));
        const end = STARTS[index + 1] ?? FRAMES;
        expect([segment.samples, segment.start, segment.end - segment.start]).toEqual([
          ...[end - start, start * frameTicks, (end - start) * frameTicks],
        ]);
      }
    }
  });

  it('the rate and the length are said exactly', async () => {
    const mpd = (await bytesOf(result, 'manifest.mpd')).toString();
    const rates = [...mpd.matchAll(/frameRate="(\d+)(?:\/(\d+))?"/g)];
    expect(rates.length).toBeGreaterThanOrEqual(CODECS.length);
    for (const [, num, den = '1'] of rates) expect(Number(num) * fps.den).toBe(Number(den) * fps.num);
    const seconds = frameSeconds(FRAMES, fps);
    expect(mpd).toContain(`mediaPresentationDuration="PT${Number(seconds.toFixed(6))}S"`);
    const playlist = parseHls((await bytesOf(result, 'master.m3u8')).toString()) as types.MasterPlaylist;
    for (const { frameRate, isIFrameOnly } of playlist.variants) {
      if (!isIFrameOnly) expect(frameRate).toBeCloseTo(fps.num / fps.den, 2);
    }
    expect(formatRational(fps)).toBe(`${fps.num}/${fps.den}`);
    expect(Number(name)).toBeCloseTo(fps.num / fps.den, 3);
    for (const { id } of videos) {
      const media = parseHls(
        (await bytesOf(result, `video/${id}/playlist.m3u8`)).toString(),
      ) as types.MediaPlaylist;
      const sum = media.segments.reduce((total, { duration }) => total + duration, 0);
      expect(Math.abs(sum - seconds)).toBeLessThan(2e-6);
    }
  });
});

describe('levels at high frame rates, from what the encoders wrote', () => {
  it.each([
    ['50', { num: 50, den: 1 }],
    ['59.94', { num: 60_000, den: 1001 }],
    ['60', { num: 60, den: 1 }],
  ] as [string, Rational][])('1280x720 at %s fps', async (_, fps) => {
    const size = { width: 1280, height: 720 };
    const path = await makeClip('hd.mov', [
      ...['-f', 'lavfi', '-i', `color=c=teal:s=1280x720:r=${fps.num}/${fps.den}`, '-frames:v', '2'],
      ...['-c:v', 'ffv1', '-fflags', '+bitexact', '-threads', '1'],
      ...['-video_track_timescale', String(timescaleOf(fps).timescale)],
    ]);
    const source = await stage.put(path);
    const colour = { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' } as const;
    const found: string[] = [];
    for (const [codec, preset, crf] of CODECS) {
      const chunk = await encodeStage.run(
        {
          source: { blob: source, demuxer: 'mov', videoStream: 0, skipFrames: 0, frames: 2, fps },
          reference: { ...size, pixelFormat: 'yuv420p' },
          ...{ colour, bitDepth: 8, codec, preset, resolution: size, crf, gopFrames: 2 },
          ...{ model: 'vmaf_v0.6.1', subsample: 1 },
        },
        await freshContext(stage),
      );
      const params = { fps, chunks: [chunk], segmentStarts: [0] };
      const { blob } = await assembleStage.run(params, await freshContext(stage));
      const { tracks } = await readInit(await readFile(await stage.context.path(blob)));
      found.push(tracks[0]?.entries[0]?.codec ?? '');
    }
    // Level 3.2 of H.264, 4 of HEVC (in thirtieths), 4.0 of AV1 (number 8) and of VP9.
    expect(found).toEqual([
      expect.stringMatching(/^avc1\.\w{4}20$/),
      expect.stringMatching(/^hvc1\.1\..*\.L120\b/),
      expect.stringMatching(/^av01\.0\.08M\.08/),
      expect.stringMatching(/^vp09\.00\.40\.08/),
    ]);
  });
});
