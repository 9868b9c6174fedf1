import { readFile } from 'node:fs/promises';
import sharp, { type Sharp } from 'sharp';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeClip } from '../../fixtures/clip.js';
import { HDR_FRAMES, hdr10Master } from '../../fixtures/hdr.js';
import { numberShown, numberedClip } from '../../fixtures/numbered.js';
import { type ToneMapping, chunkStage, toneMapStage, toneMappingOf } from '../../src/chunker/index.js';
import { type ImagesParams, type ImagesResult, imageEncoder, imagesStage } from '../../src/images/index.js';
import { DEFAULT_LIMITS, ingestStage } from '../../src/ingest/index.js';
import { ffmpeg, ffprobe, openArgs } from '../../src/media/index.js';
import type { BlobRef } from '../../src/pipeline/index.js';
import { freshContext } from '../package/support.js';
import { type TestStage, stageContext } from '../support/stage.js';

let stage: TestStage;
beforeAll(async () => {
  stage = await stageContext();
});
afterAll(() => stage.cleanUp());

/** A master as the flow brings it to the stage. */
async function paramsOf(master: string, over: Partial<ImagesParams> = {}): Promise<ImagesParams> {
  const source = await stage.put(master);
  const { picture } = await ingestStage.run(
    { name: 'm', source, limits: DEFAULT_LIMITS },
    await freshContext(stage),
  );
  const limits = { minFrames: 20, maxFrames: 90 };
  const { shots, chunks } = await chunkStage.run({ picture, ...limits }, await freshContext(stage));
  const mapping = toneMappingOf(picture);
  return {
    ...{ picture, shots, chunks, posters: 5, thumbnailMs: 1000, encoder: await imageEncoder() },
    ...(mapping ? { mapping } : {}),
    ...over,
  };
}

async function make(params: ImagesParams): Promise<ImagesResult> {
  return imagesStage.run(params, await freshContext(stage));
}

async function bytesOf({ files }: ImagesResult, path: string): Promise<Buffer> {
  const file = files.find((each) => each.path === path);
  if (!file) throw new Error(`there is no ${path}`);
  return readFile(await stage.context.path(file.blob));
}

interface Picture {
  data: Buffer;
  width: number;
  height: number;
}

async function pixels(image: Sharp): Promise<Picture> {
  const { data, info } = await image.removeAlpha().raw().toBuffer({ resolveWithObject: true });
  return { data, width: info.width, height: info.height };
}

/** Every thumbnail of a title, cut out of its sheets. */
async function thumbnailsOf(result: ImagesResult): Promise<Picture[]> {
  const { width, height, columns, rows, count, sheets } = result.thumbnails!;
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const tile = index % (columns * rows);
      const [left, top] = [(tile % columns) * width, Math.floor(tile / columns) * height];
      const sheet = await bytesOf(result, sheets[Math.floor(index / (columns * rows))]!.path);
      return pixels(sharp(sheet).extract({ left, top, width, height }));
    }),
  );
}

async function probeClip(result: ImagesResult): Promise<Record<string, unknown>[]> {
  const file = result.files.find(({ path }) => path === 'images/preview.mp4')!;
  const path = await stage.context.path(file.blob);
  const show = ['-show_streams', '-count_frames'];
  const probed = await ffprobe(stage.context.run, stage.context.tools.ffprobe, {
    path,
    demuxer: 'mov',
    show,
  });
  return (probed as { streams: Record<string, unknown>[] }).streams;
}

describe('a title whose frames show their numbers', () => {
  const FPS = { num: 30_000, den: 1001 };
  const FRAMES = 385; // 12.85 s
  let params: ImagesParams;
  let result: ImagesResult;
  beforeAll(async () => {
    params = await paramsOf(await numberedClip(FRAMES, FPS));
    result = await make(params);
  });

  it('has thumbnails of the frames on screen at every second', async () => {
    expect(result.thumbnails).toMatchObject({ width: 288, height: 162, columns: 10, rows: 2, count: 13 });
    const numbers = (await thumbnailsOf(result)).map(numberShown);
    expect(numbers).toEqual([0, 29, 59, 89, 119, 149, 179, 209, 239, 269, 299, 329, 359]);
  });

  it('has posters of the frames that it says, in every size and format', async () => {
    const { posters } = result.images;
    expect(posters.length).toBeGreaterThan(1);
    for (const { frame, good, files } of posters) {
      expect(good).toBe(true);
      expect(files.map(({ path }) => path.split('.').at(-1))).toEqual(['jpg', 'webp']);
      for (const { path, width, height, bytes } of files) {
        const file = await bytesOf(result, path);
        const picture = await pixels(sharp(file));
        expect([picture.width, picture.height, file.length]).toEqual([width, height, bytes]);
        expect(numberShown(picture)).toBe(frame);
      }
    }
  });

  it('has a preview of the pieces that it says: a clip that is seen before it is loaded, and an animation', async () => {
    const { pieces, clip, animation } = result.images.preview;
    const expected = pieces.flatMap(({ startFrame, endFrame }) =>
      Array.from({ length: endFrame - startFrame }, (_, i) => startFrame + i),
    );
    expect(expected.length / (FPS.num / FPS.den)).toBeGreaterThanOrEqual(7.9);
    expect(await probeClip(result)).toMatchObject([
      {
        ...{ codec_name: 'h264', pix_fmt: 'yuv420p', nb_read_frames: String(expected.length) },
        ...{ width: 288, height: 162, r_frame_rate: '30000/1001', sample_aspect_ratio: '1:1' },
      },
    ]);
    const bytes = await bytesOf(result, clip.path);
    expect(bytes.indexOf('moov')).toBeLessThan(bytes.indexOf('mdat'));

    const file = result.files.find(({ path }) => path === clip.path)!;
    const raw = await ffmpeg(stage.context.run, stage.context.tools.ffmpeg, {
      args: [
        ...openArgs(await stage.context.path(file.blob), 'mov'),
        '-f',
        'rawvideo',
        '-pix_fmt',
        'rgb24',
        '-',
      ],
      frames: expected.length,
    });
    const size = clip.width * clip.height * 3;
    const shown = expected.map((_, i) =>
      numberShown({
        data: raw.stdout.subarray(i * size, (i + 1) * size),
        width: clip.width,
        height: clip.height,
      }),
    );
    expect(shown).toEqual(expected);

    const webp = await bytesOf(result, animation.path);
    expect(await sharp(webp, { animated: true }).metadata()).toMatchObject({
      ...{ format: 'webp', pages: animation.frames, loop: 0 },
      delay: Array.from({ length: animation.frames }, () => animation.frameMs),
    });
    const seen = new Set<number>();
    for (let page = 0; page < animation.frames; page++)
      seen.add(numberShown(await pixels(sharp(webp, { page }))));
    expect(seen.size).toBe(animation.frames);
    expect([...seen].every((number) => expected.includes(number))).toBe(true);
    expect([...seen]).toEqual([...seen].sort((a, b) => a - b));
  });

  it('says so in images.json, and gives no file that it does not name', async () => {
    const { schemaVersion, frames, fps, ...said } = JSON.parse(
      (await bytesOf(result, 'images/images.json')).toString('utf8'),
    ) as Record<string, unknown>;
    expect([schemaVersion, frames, fps]).toEqual([1, FRAMES, '30000/1001']);
    expect(said).toEqual(result.images);
    const { thumbnails, posters, preview } = result.images;
    const named = [
      ...[...thumbnails!.sheets, thumbnails!.storyboard, thumbnails!.playlist, 'images/images.json'],
      ...posters.flatMap(({ files }) => files.map(({ path }) => path)),
      ...[preview.clip.path, preview.animation.path],
    ];
    expect(result.files.map(({ path }) => path)).toEqual(named.sort());
  });

  it('becomes the same bytes again', async () => {
    expect(await make(params)).toEqual(result);
  });

  it('has no thumbnails where none are asked for, and the same posters and preview', async () => {
    const { thumbnailMs: _, ...without } = params;
    const bare = await make(without);
    expect(bare.thumbnails).toBeUndefined();
    expect(bare.files.map(({ path }) => path).filter((path) => /sprite|thumbnails/.test(path))).toEqual([]);
    expect(bare.images.preview.pieces.length).toBeGreaterThan(0);
    expect(bare.images.posters.every(({ good }) => good)).toBe(true);
  });

  it('is not made where another version of the encoder is asked for', async () => {
    const refused = make({ ...params, encoder: 'sharp 0.1.0, libvips 8.0.0' });
    await expect(refused).rejects.toMatchObject({ code: 'TOOLS_DIFFER', transient: true });
  });

  it('stops when it is cancelled', async () => {
    const stop = new AbortController();
    const context = { ...(await freshContext(stage)), signal: stop.signal, progress: () => stop.abort() };
    await expect(imagesStage.run(params, context)).rejects.toMatchObject({ code: 'PROCESS_CANCELLED' });
  });
});

const x264 = ['-c:v', 'libx264', '-preset', 'veryfast', '-threads', '1'];

it('a title of one frame has one of each', async () => {
  const result = await make(await paramsOf(await numberedClip(1, { num: 24, den: 1 }, '160x90')));
  expect(result.thumbnails).toMatchObject({ columns: 1, rows: 1, count: 1 });
  expect(result.images.posters.map(({ frame }) => frame)).toEqual([0]);
  expect(result.images.preview).toMatchObject({ clip: { frames: 1 }, animation: { frames: 1 } });
  expect(await probeClip(result)).toMatchObject([{ nb_read_frames: '1' }]);
});

it('a black title has a poster, which says what is wrong with it', async () => {
  const source = 'color=c=black:s=320x180:r=24,trim=end_frame=60';
  const clip = await makeClip('black.mp4', ['-f', 'lavfi', '-i', source, ...x264, '-pix_fmt', 'yuv420p']);
  const { images } = await make(await paramsOf(clip));
  expect(images.posters).toHaveLength(1);
  expect(images.posters[0]).toMatchObject({ good: false, faults: ['dark', 'plain', 'bars'] });
  expect(images.preview.clip.frames).toBe(60);
});

it('a title of 10 bits that stands upright is not turned', async () => {
  const source = 'testsrc2=s=180x320:r=24,trim=end_frame=48';
  const encode = ['-c:v', 'libx264', '-profile:v', 'high10', '-pix_fmt', 'yuv420p10le', '-threads', '1'];
  const params = await paramsOf(await makeClip('upright.mp4', ['-f', 'lavfi', '-i', source, ...encode]));
  expect(params.picture.bitDepth).toBe(10);
  const result = await make(params);
  expect(result.thumbnails).toMatchObject({ width: 180, height: 320, count: 2 });
  expect(result.images.posters[0]!.files[0]).toMatchObject({ width: 180, height: 320 });
  expect(await probeClip(result)).toMatchObject([{ width: 180, height: 320, pix_fmt: 'yuv420p' }]);
});

it('an anamorphic title is shown with square pixels', async () => {
  const source = 'testsrc2=s=240x180:r=24,trim=end_frame=30,setsar=4/3';
  const clip = await makeClip('anamorphic.mp4', [
    '-f',
    'lavfi',
    '-i',
    source,
    ...x264,
    '-pix_fmt',
    'yuv420p',
  ]);
  const result = await make(await paramsOf(clip));
  expect(result.thumbnails).toMatchObject({ width: 320, height: 180 });
  expect(result.images.preview.clip).toMatchObject({ width: 320, height: 180 });
});

it('an HDR title is shown as its SDR ladder shows it', async () => {
  const params = await paramsOf(await hdr10Master());
  const result = await make(params);
  expect(result.thumbnails!.count).toBe(Math.ceil(HDR_FRAMES / 24));
  const [first] = await thumbnailsOf(result);

  // The other way: the shot's SDR chunk, scaled.
  const [chunk] = params.chunks as [ImagesParams['chunks'][number]];
  const mapped = await toneMapStage.run(
    {
      chunk,
      frames: chunk.endFrame - chunk.startFrame,
      fps: params.picture.fps,
      matrix: params.picture.colour.matrix,
      mapping: params.mapping as ToneMapping,
    },
    await freshContext(stage),
  );
  const { width, height } = first!;
  const scaled = async (blob: BlobRef, skip: number, matrix: string): Promise<Buffer> => {
    const filters = `trim=start_frame=${skip},scale=${width}:${height}:flags=area:in_color_matrix=${matrix},format=rgb24`;
    const args = [...openArgs(await stage.context.path(blob), 'mov'), '-vf', filters, '-frames:v', '1'];
    const { run, tools } = stage.context;
    return (await ffmpeg(run, tools.ffmpeg, { args: [...args, '-f', 'rawvideo', '-'], frames: 60 })).stdout;
  };
  const off = (other: Buffer): number =>
    first!.data.reduce((sum, value, i) => sum + Math.abs(value - other[i]!), 0) / other.length;
  const difference = off(await scaled(mapped.blob, 0, 'bt709'));
  expect(difference).toBeLessThan(6); // JPEG, and the mapping of means instead of the mean of what is mapped
  expect(off(await scaled(chunk.blob, chunk.skipFrames, 'bt2020'))).toBeGreaterThan(3 * difference);
});
