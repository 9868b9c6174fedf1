import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClip } from '../../../fixtures/clip.js';
import { HDR_CUT, HDR_FRAMES, hdr10Master, hlgMaster } from '../../../fixtures/hdr.js';
import { hashFrames } from '../../../src/chunker/frame-hashes.js';
import { type ToneMapParams, type ToneMapped, toneMapStage } from '../../../src/chunker/index.js';
import { toneMapArgs } from '../../../src/chunker/tone-map/args.js';
import { toneMap } from '../../../src/chunker/tone-map/curve.js';
import { pqToLight } from '../../../src/chunker/tone-map/light.js';
import { ffmpeg, ffprobe, openArgs } from '../../../src/media/index.js';
import { freshContext } from '../../package/support.js';
import { type TestStage, stageContext } from '../../support/stage.js';

const FPS = { num: 24, den: 1 };
const MAPPING = { range: 'PQ', primaries: 'bt2020', peak: 1000 } as const;

let stage: TestStage;
beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

/** The second shot of a master of two. */
async function params(master: string, mapping: ToneMapParams['mapping'] = MAPPING): Promise<ToneMapParams> {
  const chunk = { blob: await stage.put(master), demuxer: 'mov', videoStream: 0, skipFrames: HDR_CUT };
  return { chunk, frames: HDR_FRAMES - HDR_CUT, fps: FPS, matrix: 'bt2020nc', mapping };
}

/** Luma and chroma of the first frame's pixels. */
async function firstFrame({ blob }: ToneMapped): Promise<Buffer> {
  const { run, tools, path } = stage.context;
  const args = [...openArgs(await path(blob), 'mov'), '-frames:v', '1', '-f', 'rawvideo', 'pipe:1'];
  return (await ffmpeg(run, tools.ffmpeg, { args, frames: 1 })).stdout;
}

describe('an HDR10 shot', () => {
  it('becomes one of SDR with as many frames', async () => {
    const { run, tools, path } = stage.context;
    const mapped = await toneMapStage.run(await params(await hdr10Master()), await freshContext(stage));
    expect(mapped).toMatchObject({ demuxer: 'mov', videoStream: 0, skipFrames: 0, cut: 'lossless' });
    const show = ['-show_streams', '-count_frames'];
    const probed = await ffprobe(run, tools.ffprobe, { path: await path(mapped.blob), demuxer: 'mov', show });
    expect(probed).toMatchObject({
      streams: [
        {
          ...{
            codec_name: 'h264',
            pix_fmt: 'yuv420p',
            color_range: 'tv',
            nb_read_frames: '24',
            r_frame_rate: '24/1',
          },
          ...{
            color_primaries: 'bt709',
            color_transfer: 'bt709',
            color_space: 'bt709',
            duration: '1.000000',
          },
        },
      ],
    });
  });

  it('becomes the same again, on any processor', async () => {
    const wanted = await params(await hdr10Master());
    const context = await freshContext(stage);
    const mapped = await toneMapStage.run(wanted, context);
    expect(await toneMapStage.run(wanted, await freshContext(stage))).toEqual(mapped);

    // The same command without any of the processor's vector instructions.
    const path = await stage.context.path(wanted.chunk.blob);
    const output = join(context.scratch, 'plain.mp4');
    const source = { path, demuxer: 'mov', skipFrames: HDR_CUT, frames: wanted.frames, fps: FPS };
    const args = toneMapArgs(source, 'bt2020', output).with(1, '0');
    await ffmpeg(context.run, context.tools.ffmpeg, { args, frames: wanted.frames, cwd: context.scratch });
    const frames = (file: string): Promise<string[]> =>
      hashFrames(context, { ...source, path: file, skipFrames: 0 });
    expect(await frames(output)).toEqual(await frames(await stage.context.path(mapped.blob)));
  });
});

it('grey of known light becomes the grey that the curve says', async () => {
  // Limited range, 10 bits: 64 is black, 940 the PQ signal 1.
  const codes = [64, 200, 400, 508, 573, 650, 722, 800, 940];
  const width = 32 * codes.length;
  const luma = codes.map((code, i) => `between(X,${32 * i},${32 * i + 31})*${code}`).join('+');
  const clip = await makeClip('pq-greys.mov', [
    ...['-f', 'lavfi', '-i', `nullsrc=s=${width}x32:r=24,format=yuv420p10le,geq=lum='${luma}':cb=512:cr=512`],
    ...['-frames:v', '1', '-c:v', 'ffv1', '-color_primaries', 'bt2020', '-color_trc', 'smpte2084'],
    ...['-colorspace', 'bt2020nc', '-color_range', 'tv', '-fflags', '+bitexact'],
  ]);
  const chunk = { blob: await stage.put(clip), demuxer: 'mov', videoStream: 0, skipFrames: 0 };
  const mapped = await toneMapStage.run(
    { chunk, frames: 1, fps: FPS, matrix: 'bt2020nc', mapping: MAPPING },
    await freshContext(stage),
  );
  const pixels = await firstFrame(mapped);
  codes.forEach((code, i) => {
    const cdm2 = pqToLight((code - 64) / 876);
    const expected = 16 + 219 * toneMap([cdm2, cdm2, cdm2], MAPPING.peak, 'bt2020')[1];
    const found = pixels[width * 16 + 32 * i + 16]!;
    // Half a step is rounding, a third is the table, the rest is the scaler's dither.
    expect(Math.abs(found - expected), `code ${code}`).toBeLessThan(1.5);
  });
  const chroma = pixels.subarray(width * 32);
  expect(chroma.every((value) => Math.abs(value - 128) <= 1)).toBe(true);
});

it('an HLG shot becomes SDR too, and not as if it were PQ', async () => {
  const master = await hlgMaster();
  const hlg = await toneMapStage.run(
    await params(master, { range: 'HLG', primaries: 'bt2020', peak: 1000 }),
    await freshContext(stage),
  );
  const pq = await toneMapStage.run(await params(await hdr10Master()), await freshContext(stage));
  const mean = (pixels: Buffer): number =>
    pixels.subarray(0, 640 * 360).reduce((sum, value) => sum + value, 0) / (640 * 360);
  // Both masters hold the same light, so both become about the same picture.
  expect(Math.abs(mean(await firstFrame(hlg)) - mean(await firstFrame(pq)))).toBeLessThan(12);
});

it('says what it cannot map, and notices frames that are missing', async () => {
  const wanted = await params(await hdr10Master());
  const run = async (over: Partial<ToneMapParams>): Promise<unknown> =>
    toneMapStage.run({ ...wanted, ...over }, await freshContext(stage));
  await expect(run({ matrix: 'ictcp' })).rejects.toMatchObject({ code: 'TONE_MAP_MATRIX' });
  await expect(run({ frames: 30 })).rejects.toMatchObject({ code: 'TONE_MAP_FRAMES' });
});
