import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { STRESS_CLIPS } from '../../fixtures/stress/index.js';
import { complexityOf } from '../../src/chunker/complexity.js';
import { scan } from '../../src/chunker/scan.js';
import { type EncodedChunk, encodeStage, profileOf, tuneFor } from '../../src/encode/index.js';
import { pictureOf } from '../chunker/support.js';
import { type TestStage, stageContext } from '../support/stage.js';

const FPS = { num: 24, den: 1 };
const FRAMES = 72;

let stage: TestStage;
beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

test.each([
  ['flat', 'plain'],
  ['credits', 'plain'],
  ['grain', undefined],
  ['motion', undefined],
  ['fades', undefined],
] as const)('the tune of %s, from what the chunker measures, is %s', async (name, tune) => {
  const path = await STRESS_CLIPS[name]();
  const clip = { path, demuxer: 'mov', frames: FRAMES, fps: FPS, pixelFormat: 'yuv420p', cuts: [] };
  const { detection } = await scan(stage.context, await pictureOf(stage, clip), path, () => undefined);
  const complexity = complexityOf({ startFrame: 0, endFrame: FRAMES }, detection);
  expect(tuneFor(profileOf('h264'), 'medium', complexity)).toBe(tune);
});

describe.each(['fast', 'medium', 'slower'])('a plain shot at %s', (preset) => {
  async function encode(tuned: boolean): Promise<EncodedChunk> {
    const size = { width: 320, height: 180 };
    return await encodeStage.run(
      {
        source: {
          ...{ blob: await stage.put(await STRESS_CLIPS.flat()), demuxer: 'mov', videoStream: 0 },
          ...{ skipFrames: 0, frames: 12, fps: FPS },
        },
        reference: { width: 1280, height: 720, pixelFormat: 'yuv420p' },
        colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
        ...{ bitDepth: 8, codec: 'h264', preset, resolution: size, crf: 24, gopFrames: 12 },
        ...(tuned ? { tune: 'plain' as const } : {}),
        ...{ model: 'vmaf_v0.6.1', subsample: 5 },
      },
      stage.context,
    );
  }

  test('has the parameter sets of every other shot, and is another encode', async () => {
    const [usual, plain] = [await encode(false), await encode(true)];
    expect(plain.parameterSets).toBe(usual.parameterSets);
    expect(plain.blob.sha256).not.toBe(usual.blob.sha256);
    expect((await encode(true)).blob).toEqual(plain.blob);
  });
});
