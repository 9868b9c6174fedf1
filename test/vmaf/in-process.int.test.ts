import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { makeClip } from '../../fixtures/clip.js';
import { chunkArgs } from '../../src/encode/chunk-args.js';
import {
  BITEXACT_OUTPUT,
  type FrameSource,
  type Rational,
  ffmpeg,
  rational,
  sourceArgs,
  sourceFilter,
} from '../../src/media/index.js';
import { type Score, scoreFiles, scoreInProcess } from '../../src/vmaf/index.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { EVERY_FRAME, LOSSLESS, crf, moving, source } from './support.js';

const FRAMES = 24;
let stage: TestStage;
beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

/** Encodes of a source, as they would be run alone. `edit` is a filter before scaling. */
function encodeArgs(from: FrameSource, output: string, format: string, edit = 'null'): string[] {
  const { num, den } = from.fps;
  return [
    ...sourceArgs(from),
    ...['-vf', `${sourceFilter(from)},fps=${num}/${den},${edit},scale=160:90`, '-fps_mode', 'passthrough'],
    ...[...crf(26), '-x264-params', 'keyint=12', ...BITEXACT_OUTPUT, '-f', format, `file:${output}`],
  ];
}

interface Both {
  inProcess: Score;
  files: Score;
}

/** Scores an encode both ways; checks that both ways gave the same bytes. */
async function bothWays(
  from: FrameSource,
  args: (output: string) => string[],
  demuxer: string,
  subsample: number,
): Promise<Both> {
  const { context } = stage;
  const [a, b] = [join(context.scratch, 'in-process'), join(context.scratch, 'alone')];
  const settings = { ...EVERY_FRAME, subsample };
  const inProcess = await scoreInProcess(context, { ...settings, source: from, encodeArgs: args(a) });
  await ffmpeg(context.run, context.tools.ffmpeg, { args: args(b), frames: from.frames });
  const encode: FrameSource = { path: b, demuxer, frames: from.frames, fps: from.fps };
  const files = await scoreFiles(context, { ...settings, encode, reference: from });
  const digests = await Promise.all(
    [a, b].map(async (p) =>
      createHash('sha256')
        .update(await readFile(p))
        .digest('hex'),
    ),
  );
  expect(digests[0]).toBe(digests[1]);
  return { inProcess, files };
}

function expectAgreement({ inProcess, files }: Both): void {
  expect(Math.abs(inProcess.pooled.mean - files.pooled.mean)).toBeLessThanOrEqual(0.05);
  expect(inProcess).toEqual(files); // it is even exact
  expect(files.pooled.mean).toBeGreaterThan(50);
}

const RATES: Rational[] = [
  rational(24000, 1001),
  rational(24),
  rational(25),
  rational(30000, 1001),
  rational(60),
];
const CONTAINERS = [
  ['mp4', 'mov'],
  ['mov', 'mov'],
  ['matroska', 'matroska'],
] as const;

describe('in one process and by files an encode has the same bytes and the same score', () => {
  describe.each(CONTAINERS)('through %s', (format, demuxer) => {
    test.each(RATES)('at $num/$den frames/s', async (fps) => {
      const input = ['-f', 'lavfi', '-i', `testsrc2=s=320x180:r=${fps.num}/${fps.den}`];
      const path = await makeClip(`rate.${format}`, [
        ...[...input, '-frames:v', '30', ...LOSSLESS, '-x264-params', 'keyint=10', '-f', format],
      ]);
      // The first six frames are there to decode from, as in a chunk that was cut without re-encoding.
      const from: FrameSource = { path, demuxer, skipFrames: 6, frames: FRAMES, fps };
      for (const subsample of [1, 5]) {
        expectAgreement(
          await bothWays(from, (output) => encodeArgs(from, output, format), demuxer, subsample),
        );
      }
    });
  });

  test.each(RATES)('through the pipeline’s own chunks at $num/$den frames/s', async (fps) => {
    const input = ['-f', 'lavfi', '-i', `testsrc2=s=320x180:r=${fps.num}/${fps.den}`];
    const path = await makeClip('rate.mp4', [...input, '-frames:v', '30', ...LOSSLESS]);
    const from: FrameSource = { path, demuxer: 'mov', skipFrames: 3, frames: FRAMES, fps };
    const { referenceSize, model } = EVERY_FRAME;
    const params = {
      source: { ...from, blob: { sha256: '', bytes: 0 }, skipFrames: 3, videoStream: 0 },
      reference: { ...referenceSize, pixelFormat: 'yuv420p' },
      colour: { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709', range: 'tv' as const },
      ...{
        bitDepth: 8,
        codec: 'h264' as const,
        preset: 'veryfast',
        crf: 26,
        gopFrames: 12,
        model,
        subsample: 5,
      },
      resolution: { width: 160, height: 90 },
    };
    expectAgreement(await bothWays(from, (output) => chunkArgs(params, from, output), 'mov', 5));
  });
});

describe('in one process, too, what is not frame for frame is refused', () => {
  test.each([
    ['a first frame missing', "select='gte(n,1)'", 'SCORE_FRAME_COUNT'],
    ['a middle frame missing', "select='not(eq(n,11))'", 'SCORE_FRAME_COUNT'],
    ['the last frame missing', "select='lt(n,23)'", 'SCORE_FRAME_COUNT'],
    ['a frame more', 'tpad=stop=1:stop_mode=clone', 'SCORE_FRAME_COUNT'],
    [
      'one frame ahead',
      'trim=start_frame=1,setpts=PTS-STARTPTS,fps=24,tpad=stop=1:stop_mode=clone',
      'SCORE_SHIFTED',
    ],
    ['one frame behind', 'tpad=start=1:start_mode=clone,trim=end_frame=24', 'SCORE_SHIFTED'],
  ])('%s', async (_, edit, code) => {
    const from = source(await moving(FRAMES), FRAMES);
    const output = join(stage.context.scratch, 'edited.mp4');
    for (const subsample of [1, 5]) {
      const request = {
        ...EVERY_FRAME,
        subsample,
        source: from,
        encodeArgs: encodeArgs(from, output, 'mp4', edit),
      };
      await expect(scoreInProcess(stage.context, request)).rejects.toMatchObject({ code });
    }
  });
});
