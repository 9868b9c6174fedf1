import { copyFile, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { pool, score, scoreFiles } from '../../src/vmaf/index.js';
import { type TestStage, stageContext } from '../support/stage.js';
import { EVERY_FRAME, LOSSLESS, SIZE, crf, encodeOf, moving, plainVmaf, source } from './support.js';

const FRAMES = 24;
let stage: TestStage;
let reference: string;
let encode: string;

beforeAll(async () => {
  stage = await stageContext();
  reference = await moving(FRAMES);
  encode = await encodeOf(reference, 'scale=160:90', crf(30));
});
afterAll(() => stage.cleanUp());

describe('subsampling gives each scored frame what scoring all frames gives it', () => {
  // The last frames of 24: every remainder of 3, 5, 7 and 9, a partial group of three at the end included.
  test.each([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 14, 15, 16, 19, 20, 21, 24])(
    '%i frames',
    async (frames) => {
      const skipFrames = FRAMES - frames;
      const [e, r] = [source(encode, frames, { skipFrames }), source(reference, frames, { skipFrames })];
      const every = await plainVmaf(stage.context, e, r, 1);
      expect(every.size).toBe(frames);
      for (const subsample of [3, 5, 7, 9]) {
        const result = await scoreFiles(stage.context, {
          ...EVERY_FRAME,
          subsample,
          encode: e,
          reference: r,
        });
        const wanted = [...every.keys()]
          .filter((frame) => frame % subsample === 0)
          .map((frame) => every.get(frame));
        expect(result.frameScores, `every ${subsample}th of ${frames}`).toEqual(wanted);
      }
    },
  );

  test('and so does libvmaf’s own n_subsample, which it replaces', async () => {
    const [e, r] = [source(encode, FRAMES), source(reference, FRAMES)];
    const result = await scoreFiles(stage.context, { ...EVERY_FRAME, subsample: 5, encode: e, reference: r });
    expect(result.frameScores).toEqual([...(await plainVmaf(stage.context, e, r, 5)).values()]);
  });
});

describe('a score', () => {
  test('says how it came about, and leaves nothing behind', async () => {
    const seen: number[] = [];
    const result = await scoreFiles(stage.context, {
      ...EVERY_FRAME,
      encode: source(encode, FRAMES),
      reference: source(reference, FRAMES),
      onFrames: (frames) => seen.push(frames),
    });
    expect(result).toEqual({
      model: 'vmaf_v0.6.1',
      subsample: 1,
      frames: FRAMES,
      frameScores: [
        ...(await plainVmaf(stage.context, source(encode, FRAMES), source(reference, FRAMES), 1)).values(),
      ],
      pooled: pool(result.frameScores),
      libvmafVersion: expect.stringMatching(/\S/),
    });
    expect(JSON.parse(JSON.stringify(result))).toEqual(result);
    expect(seen.at(-1)).toBe(FRAMES);
    expect((await readdir(stage.context.scratch)).filter((name) => name.startsWith('vmaf-'))).toEqual([]);
  });

  test('is the same on several threads and with the pixel format read from the file', async () => {
    const { referencePixelFormat: _, ...settings } = EVERY_FRAME;
    const pair = { encode: source(encode, FRAMES), reference: source(reference, FRAMES) };
    const one = await scoreFiles(stage.context, { ...EVERY_FRAME, subsample: 5, ...pair });
    const two = await scoreFiles(stage.context, { ...settings, subsample: 5, threads: 2, ...pair });
    expect(two).toEqual(one);
  });

  test('by default is over every frame with the model for the size', async () => {
    const [e, r] = [source(encode, FRAMES), source(reference, FRAMES)];
    const byDefault = await score(stage.context, r, e, { referenceSize: SIZE });
    expect(byDefault).toEqual(await scoreFiles(stage.context, { ...EVERY_FRAME, encode: e, reference: r }));
    const neg = await score(stage.context, r, e, { referenceSize: SIZE, neg: true, subsample: 5 });
    expect(neg.model).toBe('vmaf_v0.6.1neg');
    expect(neg.pooled.mean).not.toBe(byDefault.pooled.mean);
  });

  test('falls with quality', async () => {
    const scores = [];
    for (const value of [18, 30, 42]) {
      const worse = await encodeOf(reference, 'scale=160:90', crf(value));
      const result = await scoreFiles(stage.context, {
        ...EVERY_FRAME,
        subsample: 3,
        encode: source(worse, FRAMES),
        reference: source(reference, FRAMES),
      });
      scores.push(result.pooled.mean);
    }
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
    expect(scores[0]! - scores[2]!).toBeGreaterThan(10);
  });

  test('takes paths with any character', async () => {
    const folder = join(stage.context.scratch, "a'b:c,d;[e]%d\\ é");
    await mkdir(folder);
    const [e, r] = [join(folder, '-e=:.mp4'), join(folder, "r'[1].mp4")];
    await copyFile(encode, e);
    await copyFile(reference, r);
    const result = await scoreFiles(
      { ...stage.context, scratch: folder },
      { ...EVERY_FRAME, subsample: 5, encode: source(e, FRAMES), reference: source(r, FRAMES) },
    );
    expect(result.frameScores).toHaveLength(5);
  });

  test('ends when it is cancelled', async () => {
    const controller = new AbortController();
    controller.abort();
    const scored = scoreFiles(
      { ...stage.context, signal: controller.signal },
      { ...EVERY_FRAME, encode: source(encode, FRAMES), reference: source(reference, FRAMES) },
    );
    await expect(scored).rejects.toMatchObject({ code: 'PROCESS_CANCELLED' });
  });
});

describe('the best score there is', () => {
  const best = async (path: string, copy: string, model = EVERY_FRAME.model): Promise<number[]> => {
    const pair = { encode: source(copy, FRAMES), reference: source(path, FRAMES) };
    return (await scoreFiles(stage.context, { ...EVERY_FRAME, model, ...pair })).frameScores;
  };

  test.each(['vmaf_v0.6.1', 'vmaf_v0.6.1neg', 'vmaf_4k_v0.6.1', 'vmaf_4k_v0.6.1neg'] as const)(
    'of %s: a lossless encode has that of the reference itself',
    async (model) => {
      const copy = await encodeOf(reference, 'null', ['-an', '-c:v', 'ffv1', '-threads', '1'], 'copy.mov');
      const scores = await best(reference, copy, model);
      expect(scores).toEqual(await best(reference, reference, model));
      expect(Math.min(...scores)).toBeGreaterThan(95);
    },
  );

  test('depends on motion: a first frame and a still have 97.43, what moves fast has 100', async () => {
    const still = await encodeOf(
      reference,
      'trim=end_frame=1,tpad=stop=23:stop_mode=clone',
      LOSSLESS,
      'still.mp4',
    );
    for (const vmaf of await best(still, still)) expect(vmaf).toBeCloseTo(97.43, 1);
    const noise = await encodeOf(reference, 'noise=alls=100:allf=t', LOSSLESS, 'noise.mp4');
    const [first, ...rest] = await best(noise, noise);
    expect(first).toBeCloseTo(97.43, 1);
    expect(rest).toEqual(rest.map(() => 100));
  });
});

describe('pixel formats', () => {
  test('an encode of 8 bits is scored at the 10 bits of its reference', async () => {
    const deep = await encodeOf(reference, 'format=yuv420p10le', LOSSLESS, 'deep.mp4');
    const { referencePixelFormat: _, ...settings } = EVERY_FRAME;
    const args: string[][] = [];
    const run: typeof stage.context.run = (request) => {
      args.push([...request.args]);
      return stage.context.run(request);
    };
    const pair = { encode: source(encode, FRAMES), reference: source(deep, FRAMES) };
    const result = await scoreFiles({ ...stage.context, run }, { ...settings, subsample: 3, ...pair });
    expect(args.flat().filter((text) => text.includes('format=yuv420p10le')).length).toBe(1);
    const shallow = await scoreFiles(stage.context, {
      ...EVERY_FRAME,
      subsample: 3,
      encode: source(encode, FRAMES),
      reference: source(reference, FRAMES),
    });
    expect(Math.abs(result.pooled.mean - shallow.pooled.mean)).toBeLessThan(0.5);
  });

  test('a full-range reference and its limited-range encode are brought to the same range', async () => {
    const full = await encodeOf(reference, 'scale=out_range=pc,format=yuvj420p', LOSSLESS, 'full.mp4');
    const limited = await encodeOf(
      full,
      'scale=in_range=pc:out_range=tv,format=yuv420p',
      LOSSLESS,
      'limited.mp4',
    );
    const { referencePixelFormat: _, ...settings } = EVERY_FRAME;
    const pair = { encode: source(limited, FRAMES), reference: source(full, FRAMES) };
    const result = await scoreFiles(stage.context, { ...settings, subsample: 3, ...pair });
    expect(result.pooled.min).toBeGreaterThan(95);
  });

  test('one that libvmaf does not know is refused', async () => {
    const rgb = await encodeOf(reference, 'format=gbrp', ['-an', '-c:v', 'ffv1', '-threads', '1'], 'rgb.mov');
    const { referencePixelFormat: _, ...settings } = EVERY_FRAME;
    const pair = { encode: source(encode, FRAMES), reference: source(rgb, FRAMES) };
    await expect(scoreFiles(stage.context, { ...settings, ...pair })).rejects.toMatchObject({
      code: 'SCORE_PIXEL_FORMAT',
    });
  });
});
