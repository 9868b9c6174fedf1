import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClip } from '../../fixtures/clip.js';
import { type Codec, type Resolution, encodeStage, profileOf } from '../../src/encode/index.js';
import { joinableRange } from '../../src/encode/search/limits.js';
import type { BlobRef } from '../../src/pipeline/index.js';
import { type TestStage, stageContext } from '../support/stage.js';

const FRAMES = 2;
const FPS = { num: 24, den: 1 };
const SIZE = { width: 640, height: 360 };

const size = (width: number, height: number): Resolution => ({ width, height });
const CASES: [Codec, string, Resolution][] = [
  ['h264', 'veryfast', size(1280, 720)],
  ['h264', 'veryfast', size(320, 180)],
  ['hevc', 'ultrafast', size(1280, 720)],
  ['hevc', 'ultrafast', size(320, 180)],
  ['vp9', '5', size(1280, 720)],
  ['vp9', '5', size(320, 180)],
  ['av1', '3', size(480, 346)],
  ['av1', '4', size(416, 234)],
  ['av1', '5', size(640, 480)],
  ['av1', '5', size(660, 480)],
  ['av1', '6', size(1024, 640)],
  ['av1', '6', size(1040, 640)],
  ['av1', '7', size(1920, 1080)],
  ['av1', '8', size(1920, 1080)],
  ['av1', '12', size(1280, 720)],
];

describe('headers are equal where a profile says that encodes can be joined, and only there', () => {
  let stage: TestStage;
  let source: BlobRef;
  beforeAll(async () => {
    stage = await stageContext();
    source = await stage.put(
      await makeClip('moving-little.mp4', [
        ...['-f', 'lavfi', '-i', `testsrc2=s=${SIZE.width}x${SIZE.height}:r=24,format=yuv420p`],
        ...[
          '-frames:v',
          String(FRAMES),
          '-c:v',
          'libx264',
          '-preset',
          'ultrafast',
          '-qp',
          '0',
          '-threads',
          '1',
        ],
      ]),
    );
  });
  afterAll(() => stage.cleanUp());

  test.each(CASES)('%s, preset %s, %o', async (codec, preset, resolution) => {
    const profile = profileOf(codec);
    const { min, max, step } = profile.crf;
    const breaks = profile.crfBreaks(preset, resolution);
    const headers = new Map<number, Set<string>>();
    const middle = min + Math.round((max - min) / (2 * step)) * step;
    for (const crf of new Set([min, middle, ...breaks.flatMap((from) => [from - step, from]), max])) {
      const { parameterSets } = await encodeStage.run(
        {
          source: { blob: source, demuxer: 'mov', videoStream: 0, skipFrames: 0, frames: FRAMES, fps: FPS },
          reference: { ...SIZE, pixelFormat: 'yuv420p' },
          colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
          ...{ bitDepth: 8, codec, preset, resolution, crf, gopFrames: FRAMES },
          ...{ model: 'vmaf_v0.6.1', subsample: 1 },
        },
        stage.context,
      );
      const crfBreaks = breaks.map((from) => ({ height: resolution.height, from }));
      const range = joinableRange({ crfBreaks }, resolution.height, crf);
      headers.set(range, (headers.get(range) ?? new Set()).add(parameterSets));
    }
    expect([...headers.values()].map(({ size }) => size)).toEqual(Array(breaks.length + 1).fill(1));
    expect(new Set([...headers.values()].flatMap((own) => [...own])).size).toBe(breaks.length + 1);
  });
});
