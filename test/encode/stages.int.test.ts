import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TITLE_FRAMES, titleMaster } from '../../fixtures/title.js';
import {
  type EncodeParams,
  assembleStage,
  encodeStage,
  gopFramesFor,
  probeStage,
} from '../../src/encode/index.js';
import { ffmpeg, openArgs } from '../../src/media/index.js';
import type { BlobRef } from '../../src/pipeline/index.js';
import { type TestStage, stageContext } from '../support/stage.js';

const FPS = { num: 24, den: 1 };
const SEGMENT_SECONDS = 2;

describe('encode and assemble', () => {
  let stage: TestStage;
  let master: BlobRef;
  beforeAll(async () => {
    stage = await stageContext();
    master = await stage.put(await titleMaster());
  });
  afterAll(() => stage.cleanUp());

  /** Frames [start, start + frames) of the master at a crf; the frames before are decoded and dropped. */
  const params = (start: number, frames: number, crf: number, height = 180): EncodeParams => ({
    source: { blob: master, demuxer: 'mov', videoStream: 0, skipFrames: start, frames, fps: FPS },
    reference: { width: 640, height: 360, pixelFormat: 'yuv420p' },
    colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' },
    bitDepth: 8,
    codec: 'h264',
    preset: 'veryfast',
    resolution: { width: (height * 16) / 9, height },
    crf,
    gopFrames: gopFramesFor(frames, FPS, SEGMENT_SECONDS),
    model: 'vmaf_v0.6.1',
    subsample: 5,
  });

  const decodedFrames = async (blob: BlobRef): Promise<string[]> => {
    const { context } = stage;
    const args = [
      ...openArgs(await context.path(blob), 'mov'),
      '-fps_mode',
      'passthrough',
      '-f',
      'framemd5',
      'pipe:1',
    ];
    const { stdout } = await ffmpeg(context.run, context.tools.ffmpeg, { args, frames: TITLE_FRAMES });
    const lines = stdout.toString('utf8').split('\n');
    return lines
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line) => line.split(',').at(-1)!.trim());
  };

  test('an encode has its frames, its groups add up, a lower crf scores better, and bytes repeat', async () => {
    const good = await encodeStage.run(params(60, 72, 22), stage.context);
    const poor = await encodeStage.run(params(60, 72, 40), stage.context);
    expect(await decodedFrames(good.blob)).toHaveLength(72);
    expect(good.gopBits).toHaveLength(2);
    expect(good.gopBits.reduce((sum, bits) => sum + bits, 0)).toBe(good.bits);
    expect(good.score.frameScores).toHaveLength(Math.ceil(72 / 5));
    expect(good.score.pooled.mean).toBeGreaterThan(poor.score.pooled.mean + 5);
    expect(good.bits).toBeGreaterThan(poor.bits);
    expect(good.parameterSets).toBe(poor.parameterSets);
    const again = await probeStage.run(params(60, 72, 22), stage.context);
    expect({ ...again, cpuSeconds: 0 }).toEqual({ ...good, cpuSeconds: 0 });
  });

  test('one frame alone is encoded and scored', async () => {
    const one = await encodeStage.run(params(10, 1, 28), stage.context);
    expect(await decodedFrames(one.blob)).toHaveLength(1);
    expect(one.gopBits).toHaveLength(1);
  });

  test('a source that is shorter than it says is refused', async () => {
    await expect(encodeStage.run(params(180, 60, 28), stage.context)).rejects.toMatchObject({
      code: 'ENCODE_FRAME_COUNT',
    });
  });

  test('joined chunks of different crf decode to exactly the chunks’ frames, with the same packets', async () => {
    const spans = [
      { start: 0, frames: 60, crf: 24 },
      { start: 60, frames: 72, crf: 31.5 },
      { start: 132, frames: 60, crf: 38 },
    ];
    const encoded = [];
    for (const { start, frames, crf } of spans) {
      encoded.push(await encodeStage.run(params(start, frames, crf), stage.context));
    }
    const chunks = encoded.map(({ blob, frames, bits, parameterSets }) => ({
      blob,
      frames,
      bits,
      parameterSets,
    }));
    const request = { fps: FPS, chunks, segmentStarts: [0, 30, 60, 96, 132, 162] };
    const joined = await assembleStage.run(request, stage.context);
    expect(joined.bits).toBe(encoded.reduce((sum, { bits }) => sum + bits, 0));
    const apart = (await Promise.all(encoded.map(({ blob }) => decodedFrames(blob)))).flat();
    expect(await decodedFrames(joined.blob)).toEqual(apart);
    expect(joined.peakBitrate).toBeGreaterThanOrEqual(joined.averageBitrate);

    const elsewhere = { ...request, segmentStarts: [0, 30, 61, 96, 132, 162] };
    await expect(assembleStage.run(elsewhere, stage.context)).rejects.toMatchObject({
      code: 'ASSEMBLE_KEY_FRAMES',
    });
    const short = {
      ...request,
      chunks: chunks.map((chunk, i) => (i === 1 ? { ...chunk, frames: 71 } : chunk)),
    };
    await expect(assembleStage.run(short, stage.context)).rejects.toMatchObject({ code: 'ASSEMBLE_FRAMES' });
  });

  test('chunks with other headers are refused', async () => {
    const small = await encodeStage.run(params(0, 60, 24), stage.context);
    const large = await encodeStage.run(params(60, 72, 24, 360), stage.context);
    const chunks = [small, large].map(({ blob, frames, bits, parameterSets }) => ({
      blob,
      frames,
      bits,
      parameterSets,
    }));
    const joined = assembleStage.run({ fps: FPS, chunks, segmentStarts: [0] }, stage.context);
    await expect(joined).rejects.toMatchObject({ code: 'ASSEMBLE_PARAMETER_SETS' });
  });

  test('no file holds the SEI with x264’s settings', async () => {
    const { blob } = await encodeStage.run(params(0, 60, 24), stage.context);
    const bytes = await readFile(await stage.context.path(blob));
    expect(bytes.includes('x264 - core') || bytes.includes('options: ')).toBe(false);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(blob.sha256);
  });
});
