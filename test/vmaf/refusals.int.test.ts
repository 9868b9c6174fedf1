import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FrameSource } from '../../src/media/index.js';
import { type Score, scoreFiles } from '../../src/vmaf/index.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { EVERY_FRAME, bunny, crf, encodeOf, moving, source } from './support.js';

const FRAMES = 24;
let stage: TestStage;
let reference: string;

beforeAll(async () => {
  stage = await stageContext();
  reference = await moving(FRAMES);
});
afterAll(() => stage.cleanUp());

/** Scores `encode` against a reference, as if both had the reference's number of frames. */
function scored(
  encode: string,
  subsample: number,
  against: FrameSource,
  size = EVERY_FRAME.referenceSize,
): Promise<Score> {
  const claimed = { ...source(encode, against.frames), fps: against.fps };
  const settings = { ...EVERY_FRAME, referenceSize: size, subsample };
  return scoreFiles(stage.context, { ...settings, encode: claimed, reference: against });
}

describe('frames that are missing or too many', () => {
  const edits = {
    'without its first frame': ["select='gte(n,1)'", 'the encode has 23 frames'],
    'without one in its middle': ["select='not(eq(n,11))'", 'the encode has 23 frames'],
    'without its last frame': ["select='lt(n,23)'", 'the encode has 23 frames'],
    'with its last frame twice': ['tpad=stop=1:stop_mode=clone', 'more than 24 frames'],
    'with its first frame twice': ['tpad=start=1:start_mode=clone', 'more than 24 frames'],
    'with ten frames more': ['tpad=stop=10:stop_mode=clone', 'more than 24 frames'],
  };
  const cases = Object.entries(edits).flatMap(([what, [filter, message]]) =>
    [1, 5].map((subsample) => ({ what, filter: filter!, message: message!, subsample })),
  );

  test.each(cases)(
    'an encode $what is refused (factor $subsample)',
    async ({ filter, message, subsample }) => {
      const encode = await encodeOf(reference, `${filter},setpts=N/24/TB`, crf(24));
      const error = { code: 'SCORE_FRAME_COUNT', message: expect.stringContaining(message) };
      await expect(scored(encode, subsample, source(reference, FRAMES))).rejects.toMatchObject(error);
    },
  );

  test('a reference that is shorter than it says is refused', async () => {
    const longer = await encodeOf(reference, 'tpad=stop=1:stop_mode=clone', crf(24));
    const error = {
      code: 'SCORE_FRAME_COUNT',
      message: expect.stringContaining('the reference has 24 frames'),
    };
    await expect(scored(longer, 1, source(reference, FRAMES + 1))).rejects.toMatchObject(error);
  });

  test('a reference that is part of a longer file is not', async () => {
    const part = await encodeOf(reference, 'trim=start_frame=4:end_frame=20,setpts=PTS-STARTPTS', crf(24));
    const result = await scored(part, 1, source(reference, 16, { skipFrames: 4 }));
    expect(result.frameScores).toHaveLength(16);
  });

  test('different numbers of frames are refused before anything runs', async () => {
    const pair = { encode: source('/none.mp4', 23), reference: source('/none.mp4', 24) };
    await expect(scoreFiles(stage.context, { ...EVERY_FRAME, ...pair })).rejects.toMatchObject({
      code: 'SCORE_FRAME_COUNT',
    });
  });

  test('what was refused leaves nothing behind', async () => {
    expect(await readdir(stage.context.scratch)).toEqual([]);
  });
});

/** Shows frame t + shift at t; as many frames as before. */
function shifted(shift: number): string {
  return shift > 0
    ? `trim=start_frame=${shift},setpts=PTS-STARTPTS,fps=24,tpad=stop=${shift}:stop_mode=clone`
    : `tpad=start=${-shift}:start_mode=clone,trim=end_frame=24`;
}

describe('an encode out of step with its reference', () => {
  test.each([
    [1, 1, 'one frame ahead of'],
    [1, 5, 'one frame ahead of'],
    [-1, 1, 'one frame behind'],
    [-1, 5, 'one frame behind'],
    [2, 5, '2 frames ahead of'],
    [-2, 1, '2 frames behind'],
  ])('by %i is refused, every %i. scored', async (shift, subsample, words) => {
    for (const quality of [18, 36]) {
      const encode = await encodeOf(reference, `${shifted(shift)},scale=160:90`, crf(quality));
      const error = { code: 'SCORE_SHIFTED', message: expect.stringContaining(words) };
      await expect(scored(encode, subsample, source(reference, FRAMES))).rejects.toMatchObject(error);
    }
  });

  test('in its second half only, a frame dropped and the last repeated, is refused', async () => {
    const long = await moving(120);
    const dropped = "select='not(eq(n,50))',setpts=N/24/TB,fps=24,tpad=stop=1:stop_mode=clone";
    const encode = await encodeOf(long, dropped, crf(28));
    const error = { code: 'SCORE_SHIFTED', message: expect.stringContaining('in frames 60–119') };
    await expect(scored(encode, 5, source(long, 120))).rejects.toMatchObject(error);
  });
});

describe('what is in step is never refused, however bad', () => {
  const still = 'trim=end_frame=1,tpad=stop=47:stop_mode=clone';
  const pictures: [string, string][] = [
    ['a still', still],
    ['a still under noise', `${still},noise=alls=20:allf=t`],
    ['a flat colour', 'drawbox=color=0x406080:t=fill'],
    ['noise on a flat colour', 'drawbox=color=gray:t=fill,noise=alls=40:allf=t'],
    ['a fade from black', 'fade=in:0:40'],
    ['a fade of a still', `${still},fade=out:0:48`],
    ['a slow fade of a still', `${still},fade=out:0:400`],
    ['a heavy blur', 'gblur=sigma=30'],
    ['a slow pan over a still', `${still},crop=300:170:x='floor(n/3)':y=5,scale=320:180`],
  ];
  const bad = [
    ['crf 28', ['-preset', 'medium', '-crf', '28']],
    ['crf 45', ['-preset', 'medium', '-crf', '45']],
    ['crf 51', ['-preset', 'veryfast', '-crf', '51', '-bf', '8']],
  ] as const;

  test.each(pictures)('%s', async (_, filter) => {
    const path = await moving(48, filter);
    for (const [quality, options] of bad) {
      const encode = await encodeOf(path, 'scale=208:118', [
        '-an',
        '-c:v',
        'libx264',
        ...options,
        '-threads',
        '1',
      ]);
      const result = await scored(encode, 5, source(path, 48));
      expect(result.frameScores, quality).toHaveLength(10);
    }
  });

  // A shot of each of the clip's four: slow, fast, dark, and over a cut.
  const SHOTS = [
    [40, 88],
    [300, 348],
    [356, 404],
    [600, 648],
  ] as const;
  test.each(SHOTS)(
    'Big Buck Bunny, frames %i to %i at 234 lines; but shifted by one it is',
    async (start, end) => {
      const size = { width: 640, height: 360 };
      const path = await bunny(start, end);
      for (const [quality, options] of bad) {
        const encode = await encodeOf(path, 'scale=416:234', [
          '-an',
          '-c:v',
          'libx264',
          ...options,
          '-threads',
          '1',
        ]);
        const result = await scored(encode, 5, source(path, 48), size);
        expect(result.frameScores, quality).toHaveLength(10);
      }
      const good = [`${shifted(1)},scale=416:234`, crf(26)] as const;
      const late = scored(await encodeOf(path, ...good), 5, source(path, 48), size);
      await expect(late).rejects.toMatchObject({ code: 'SCORE_SHIFTED' });
    },
  );
});
