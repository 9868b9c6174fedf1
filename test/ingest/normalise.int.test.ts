import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  damagedMaster,
  cutOff,
  derived,
  droppedFramesMaster,
  editListMaster,
  h264Variant,
  hiddenFrameMaster,
  interlacedMaster,
  moving,
  plainIndexLast,
  plainMaster,
  rotatedMaster,
  variableRateMaster,
  variant,
} from '../../fixtures/masters.js';
import { probe } from '../../src/ingest/index.js';
import { type TestStage, stageContext } from '../support/stage.js';
import {
  codes,
  frameHashes,
  ingest,
  pictureFrames,
  pictureHashes,
  rawFrames,
  usesSource,
} from './support.js';

let stage: TestStage;
let plainHashes: string[];

beforeAll(async () => {
  stage = await stageContext();
  plainHashes = await frameHashes(await plainMaster(), 'mov');
});
afterAll(() => stage.cleanUp());

const FFV1 = ['-c:v', 'ffv1'];

describe('a master that is all it should be', () => {
  it.each([
    ['mp4', []],
    ['mov', []],
    ['mkv', []],
    ['ts', []],
    ['flv', []],
    ['mxf', ['-bf', '0']],
  ])('stays as it is in %s', async (extension, options) => {
    const path = await h264Variant(`plain-video.${extension}`, '', options);
    const result = await ingest(stage, path);
    expect(codes(result)).toEqual(['no-audio']);
    expect(usesSource(result)).toBe(true);
    expect(result.picture).toMatchObject({
      frames: 48,
      fps: { num: 24, den: 1 },
      width: 192,
      height: 108,
      bitDepth: 8,
    });
    expect(await pictureHashes(stage, result)).toHaveLength(48);
  });

  it.each([
    ['webm', '30000/1001', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'], 'matroska', 60],
    ['ivf', '24', ['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8'], 'ivf', 48],
    ['mkv', '24000/1001', ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p'], 'matroska', 48],
    ['avi', '25', ['-c:v', 'mpeg4'], 'avi', 50],
    ['mpg', '25', ['-c:v', 'mpeg2video'], 'mpeg', 50],
    ['y4m', '25', ['-pix_fmt', 'yuv420p'], 'yuv4mpegpipe', 50],
    [
      'm2ts',
      '50',
      ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-mpegts_m2ts_mode', '1'],
      'mpegts',
      100,
    ],
    ['3gp', '15', ['-c:v', 'mpeg4'], 'mov', 30],
  ])('keeps rate and count in %s at %s fps', async (extension, rate, codec, demuxer, frames) => {
    const path = await variant(`rates.${extension}`, '', codec, moving('192x144', rate));
    const result = await ingest(stage, path);
    expect([result.demuxer, result.video.fps, result.picture.frames]).toEqual([
      demuxer,
      rate.includes('/') ? rate : `${rate}/1`,
      frames,
    ]);
    expect([usesSource(result), result.video.variableFrameRate]).toEqual([true, false]);
    expect(await pictureHashes(stage, result)).toHaveLength(frames);
  });

  it('may be one frame, or one frame a second', async () => {
    const one = await ingest(stage, await h264Variant('one.mp4', '', ['-frames:v', '1']));
    expect([one.picture.frames, usesSource(one), codes(one)]).toEqual([1, true, ['very-short', 'no-audio']]);
    const slow = await ingest(stage, await h264Variant('slow.mp4', '', [], moving('192x108', '1', 5)));
    expect([slow.picture.frames, slow.video.fps, slow.durationSeconds]).toEqual([5, '1/1', 5]);
    expect([usesSource(slow), codes(slow)]).toEqual([true, ['low-frame-rate', 'no-audio']]);
  });

  it('stays as it is with 10 bits, with HDR, and without tags', async () => {
    const ten = ['-c:v', 'libx264', '-preset', 'ultrafast', '-pix_fmt', 'yuv420p10le', '-g', '12'];
    const hdrTags = ['-color_primaries', 'bt2020', '-color_trc', 'smpte2084', '-colorspace', 'bt2020nc'];
    const hdr = await ingest(stage, await variant('hdr.mp4', '', [...ten, ...hdrTags, '-color_range', 'tv']));
    expect([usesSource(hdr), codes(hdr)]).toEqual([true, ['hdr', 'no-audio']]);
    expect(hdr.picture).toMatchObject({ bitDepth: 10, pixelFormat: 'yuv420p10le' });
    expect(hdr.picture.colour).toEqual({
      primaries: 'bt2020',
      transfer: 'smpte2084',
      matrix: 'bt2020nc',
      range: 'tv',
    });
    const untagged = await ingest(stage, await variant('untagged.mp4', '', ten));
    expect([usesSource(untagged), codes(untagged)]).toEqual([true, ['colour-assumed', 'no-audio']]);
    expect(untagged.picture.colour.primaries).toBe('smpte170m');
  });
});

describe('turning upright', () => {
  it.each([
    [90, false, 270],
    [180, false, 180],
    [270, false, 90],
    [0, true, 0],
    [90, true, 270],
    [180, true, 0],
    [270, true, 90],
  ])('%i degrees, mirrored %s: the very frames that ffmpeg shows', async (degrees, mirrored, rotation) => {
    const path = await rotatedMaster(degrees, mirrored);
    const result = await ingest(stage, path);
    expect([result.video.rotation, codes(result)]).toEqual([rotation, ['rotated', 'no-audio']]);
    const swapped = degrees % 180 === 90;
    expect(result.picture).toMatchObject(swapped ? { width: 108, height: 192 } : { width: 192, height: 108 });
    // ffmpeg turns by the matrix on its own, unless told not to
    const shown = await frameHashes(path, 'mov');
    expect(shown).toHaveLength(48);
    expect(await pictureHashes(stage, result)).toEqual(shown);
    expect(shown[0]).not.toBe(plainHashes[0]);
  });

  it('gives the same bytes and the same facts each time', async () => {
    const path = await rotatedMaster(90);
    expect(await ingest(stage, path)).toEqual(await ingest(stage, path));
  });
});

describe('time', () => {
  it('an edit list: exactly the frames that it shows', async () => {
    const path = await editListMaster();
    const result = await ingest(stage, path);
    expect([usesSource(result), codes(result)]).toEqual([false, ['edit-list', 'no-audio']]);
    const found = await pictureHashes(stage, result);
    expect(result.picture.frames).toBe(found.length);
    expect(found).toEqual(await frameHashes(path, 'mov'));
    expect(found).toEqual(plainHashes.slice(-found.length));
    expect(found.length).toBeLessThan(48);
  });

  it('a variable rate: every frame in its place, repeated until the next', async () => {
    const path = await variableRateMaster();
    const result = await ingest(stage, path);
    expect([result.video.variableFrameRate, codes(result)]).toEqual([
      true,
      ['variable-frame-rate', 'no-audio'],
    ]);
    expect(result.picture).toMatchObject({ frames: 71, fps: { num: 24, den: 1 } });
    const shown = await frameHashes(path, 'mov');
    // 24 frames of 1/24 s, 23 of 1/12 s, and the last one, whose length the file says to be 1/24 s
    const expected = shown.flatMap((hash, n) => (n < 24 || n === 47 ? [hash] : [hash, hash]));
    expect(await pictureHashes(stage, result)).toEqual(expected);
  });

  it('missing frames: the one before, and where', async () => {
    const path = await droppedFramesMaster();
    const result = await ingest(stage, path);
    expect(result.findings[0]).toMatchObject({ code: 'dropped-frames', startFrame: 20, endFrame: 23 });
    expect(result.video.variableFrameRate).toBe(false);
    const shown = await frameHashes(path, 'mov');
    const held = shown[19]!;
    expect(await pictureHashes(stage, result)).toEqual([
      ...shown.slice(0, 20),
      held,
      held,
      held,
      ...shown.slice(20),
    ]);
  });

  it('a packet that shows nothing: the frame before stays', async () => {
    const path = await hiddenFrameMaster(30);
    const result = await ingest(stage, path);
    expect(codes(result)).toEqual(['hidden-frames', 'dropped-frames', 'colour-assumed', 'no-audio']);
    const shown = await frameHashes(path, 'ivf');
    expect([shown.length, result.picture.frames]).toEqual([47, 48]);
    expect(await pictureHashes(stage, result)).toEqual([
      ...shown.slice(0, 30),
      shown[29],
      ...shown.slice(30),
    ]);
  });

  it.each([
    ['sound', 'mkv', 0.5],
    ['sound', 'ts', 0.5],
    ['sound', 'mp4', 0.5],
    ['picture', 'mkv', -1],
    ['picture', 'ts', -1],
    ['picture', 'mp4', -1],
  ])('%s that starts late in %s: the offset is kept', async (which, extension, offset) => {
    const plain = ['-i', await plainMaster()];
    const late = ['-itsoffset', String(Math.abs(offset)), ...plain];
    const input = which === 'sound' ? [...plain, ...late] : [...late, ...plain];
    const output = ['-map', '0:v', '-map', '1:a', '-c', 'copy'];
    const { audio } = await ingest(stage, await variant(`late-${which}.${extension}`, '', output, input));
    // one AAC frame of priming is 21 ms
    expect(Math.abs((audio[0]?.offsetSeconds ?? 0) - offset)).toBeLessThan(0.03);
    expect(Math.abs((audio[0]?.durationSeconds ?? 0) - 2)).toBeLessThan(0.05);
  });
});

/** How much more neighbouring lines differ than lines of one field: above 1 is combed. */
function combing(frames: Buffer, width: number, height: number): number {
  const frameBytes = (width * height * 3) / 2;
  let neighbours = 0;
  let fields = 0;
  for (let start = 0; start + frameBytes <= frames.length; start += frameBytes) {
    for (let at = start; at < start + width * (height - 2); at++) {
      neighbours += Math.abs(frames[at]! - frames[at + width]!);
      fields += Math.abs(frames[at]! - frames[at + 2 * width]!);
    }
  }
  return neighbours / fields;
}

describe('pixels', () => {
  it.each([true, false])('interlaced, flagged %s: 25 whole frames a second', async (flagged) => {
    const path = await interlacedMaster(flagged);
    const result = await ingest(stage, path);
    expect(codes(result)).toContain('deinterlaced');
    expect(result.picture).toMatchObject({ frames: 50, fps: { num: 25, den: 1 }, width: 192, height: 144 });
    const before = combing(await rawFrames(path, flagged ? 'mpeg' : 'avi'), 192, 144);
    const after = combing(await pictureFrames(stage, result), 192, 144);
    expect(after).toBeLessThan(before * 0.8);
    expect(await pictureHashes(stage, result)).toHaveLength(50);
  });

  it('non-square: scaled to the width at which circles are round', async () => {
    const path = await h264Variant('anamorphic.mp4', 'scale=160:120,setsar=4/3');
    const result = await ingest(stage, path);
    expect(codes(result)).toEqual(['non-square-pixels', 'no-audio']);
    expect(result.picture).toMatchObject({ width: 214, height: 120, frames: 48 });
    const blob = await stage.context.path(result.picture.blob);
    const found = await probe(stage.context.run, stage.context.tools.ffprobe, blob);
    expect(found.streams).toMatchObject([
      { width: 214, height: 120, sample_aspect_ratio: '1:1', pix_fmt: 'yuv420p' },
    ]);
    expect(await pictureFrames(stage, result)).toHaveLength(48 * 214 * 120 * 1.5);
  });

  it('odd: the last column and row are gone, the rest is untouched', async () => {
    const path = await variant('odd.mkv', 'scale=193:109', [...FFV1, '-pix_fmt', 'yuv420p']);
    const result = await ingest(stage, path);
    expect(codes(result)).toContain('odd-dimensions');
    expect(result.picture).toMatchObject({ width: 192, height: 108, frames: 48 });
    const wide = await rawFrames(path, 'matroska');
    const found = await pictureFrames(stage, result);
    const planes = (width: number, height: number): number =>
      width * height + 2 * (((width + 1) >> 1) * ((height + 1) >> 1));
    expect(wide.length / planes(193, 109)).toBe(48);
    expect(found.length / planes(192, 108)).toBe(48);
    for (let frame = 0; frame < 48; frame++) {
      for (let row = 0; row < 108; row++) {
        const from = frame * planes(193, 109) + row * 193;
        const at = frame * planes(192, 108) + row * 192;
        if (wide.compare(found, at, at + 192, from, from + 192) !== 0)
          expect.fail(`frame ${frame}, row ${row} differs`);
      }
    }
  });

  it('full range: 0..255 becomes 16..235', async () => {
    const ramp = "format=yuvj420p,geq=lum='X':cb=128:cr=128";
    const path = await variant('full.mkv', ramp, [...FFV1, '-color_range', 'pc'], moving('256x64', '24', 1));
    const result = await ingest(stage, path);
    expect(codes(result)).toContain('full-range');
    expect(result.picture.colour.range).toBe('tv');
    const [before, after] = [await rawFrames(path, 'matroska'), await pictureFrames(stage, result)];
    for (let x = 0; x < 256; x++) {
      expect(before[x]).toBe(x);
      expect(Math.abs((after[x] ?? 0) - (16 + (x * 219) / 255))).toBeLessThanOrEqual(1);
    }
    expect([after[0], after[255]]).toEqual([16, 235]);
    expect(after[256 * 64]).toBe(128);
  });

  it('4:2:2 at 10 bits: 4:2:0 at 10 bits, luma untouched', async () => {
    const path = await variant('prores.mov', '', [
      '-c:v',
      'prores_ks',
      '-pix_fmt',
      'yuv422p10le',
      '-frames:v',
      '6',
    ]);
    const result = await ingest(stage, path);
    expect(codes(result)).toContain('chroma-converted');
    expect(result.picture).toMatchObject({ pixelFormat: 'yuv420p10le', bitDepth: 10, frames: 6 });
    const luma = 192 * 108 * 2;
    const [before, after] = [await rawFrames(path, 'mov'), await pictureFrames(stage, result)];
    expect([before.length, after.length]).toEqual([6 * luma * 2, 6 * luma * 1.5]);
    for (let frame = 0; frame < 6; frame++) {
      const [from, at] = [frame * luma * 2, frame * luma * 1.5];
      expect(before.compare(after, at, at + luma, from, from + luma)).toBe(0);
    }
  });

  it('grey stays as grey as it was, RGB gets the values of BT.601, transparency goes', async () => {
    for (const [range, value] of [
      ['limited', 100],
      ['full', Math.round(16 + (100 * 219) / 255)],
    ] as const) {
      const filters = `format=gray,geq=lum='100',setparams=range=${range}`;
      const grey = await ingest(
        stage,
        await variant(`grey-${range}.mkv`, filters, [...FFV1, '-frames:v', '3']),
      );
      expect(codes(grey)).toContain('chroma-converted');
      const frames = await pictureFrames(stage, grey);
      expect([frames[0], frames[192 * 108]]).toEqual([value, 128]);
    }

    const red = ['-f', 'lavfi', '-i', 'color=red:s=64x64:r=24:d=0.25,format=argb'];
    const result = await ingest(stage, await variant('red.mov', '', ['-c:v', 'qtrle'], red));
    expect(codes(result)).toEqual([
      'very-short',
      'rgb-converted',
      'alpha-dropped',
      'colour-assumed',
      'no-audio',
    ]);
    const frames = await pictureFrames(stage, result);
    // 8-bit limited range of pure red in BT.601: Y 81, Cb 90, Cr 240
    const values = [frames[0], frames[64 * 64], frames[64 * 64 + 32 * 32]];
    values.forEach((value, n) => expect(Math.abs((value ?? 0) - [81, 90, 240][n]!)).toBeLessThanOrEqual(1));
  });

  it('a size that changes on the way: all frames at the first size', async () => {
    const small = ['-output_ts_offset', '2', '-s', '96x54'];
    const parts = [await h264Variant('first.ts', ''), await h264Variant('second.ts', '', small)];
    const path = await derived(
      'sizes.ts',
      Buffer.concat(await Promise.all(parts.map((part) => readFile(part)))),
    );
    const result = await ingest(stage, path);
    expect(codes(result)).toContain('size-change');
    expect(result.picture).toMatchObject({ width: 192, height: 108 });
    // two frames are lost at the seam, where one stream ends in the middle of the other's clock
    expect(Math.abs(result.picture.frames - 96)).toBeLessThanOrEqual(2);
    const found = await pictureHashes(stage, result);
    expect(found).toHaveLength(result.picture.frames);
    expect(new Set(found).size).toBeGreaterThan(90);
    expect(await pictureFrames(stage, result)).toHaveLength(found.length * 192 * 108 * 1.5);
  });
});

describe('damage', () => {
  it.each([
    ['without a picture', 0],
    ['with a picture of nonsense', 12],
  ])('corrupt packets %s: the full count, and every changed frame is in the range', async (_, kept) => {
    const clean = await frameHashes(await plainIndexLast(), 'mov');
    const path = await damagedMaster(14, 17, kept);
    const result = await ingest(stage, path);
    const ranges = result.findings.filter(({ code }) => code === 'corrupt-packets');
    expect(ranges.length).toBeGreaterThan(0);
    expect([usesSource(result), result.picture.frames]).toEqual([false, 48]);
    const found = await pictureHashes(stage, result);
    expect(found).toHaveLength(48);
    const changed = found.flatMap((hash, n) => (hash === clean[n] ? [] : [n]));
    expect(changed.length).toBeGreaterThan(0);
    const inside = (n: number): boolean =>
      ranges.some(({ startFrame = 0, endFrame = 0 }) => n >= startFrame && n < endFrame);
    expect(changed.filter((n) => !inside(n))).toEqual([]);
    // the second group of pictures is whole
    expect(ranges.every(({ endFrame = 48 }) => endFrame <= 24)).toBe(true);
    expect((await ingest(stage, path)).picture).toEqual(result.picture);
  });

  it('cut off after two thirds: what is there, and that it is not all', async () => {
    const result = await ingest(stage, await cutOff(await plainMaster(), 0.7));
    expect(codes(result)).toEqual(expect.arrayContaining(['truncated', 'corrupt-packets']));
    const found = await pictureHashes(stage, result);
    expect(result.picture.frames).toBe(found.length);
    expect(found.length).toBeGreaterThan(24);
    expect(found.slice(0, 24)).toEqual(plainHashes.slice(0, 24));
  });
});
