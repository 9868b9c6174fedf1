import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  APPLE_H264,
  APPLE_HEVC,
  type TwoPassRequest,
  fixedGopFrames,
  rungsFor,
  twoPassArgs,
} from '../../bench/baseline/index.js';

const sizes = (source: { width: number; height: number }, table = APPLE_H264) =>
  rungsFor(table, source).map(
    ({ resolution: { width, height }, bitrate }) => `${width}x${height} ${bitrate / 1000}`,
  );

describe('rungsFor', () => {
  it('gives the whole table to a 16:9 source as large as its top rung', () => {
    expect(sizes({ width: 1920, height: 1080 })).toEqual([
      ...['416x234 145', '640x360 365', '768x432 730', '768x432 1100', '960x540 2000'],
      ...['1280x720 3000', '1280x720 4500', '1920x1080 6000', '1920x1080 7800'],
    ]);
    expect(rungsFor(APPLE_HEVC, { width: 3840, height: 2160 })).toEqual(APPLE_HEVC);
    expect(sizes({ width: 3840, height: 2160 }, APPLE_HEVC).slice(-3)).toEqual([
      ...['2560x1440 8100', '3840x2160 11600', '3840x2160 16800'],
    ]);
  });

  it('enlarges nothing', () => {
    expect(sizes({ width: 1280, height: 720 }).slice(-2)).toEqual(['1280x720 3000', '1280x720 4500']);
    expect(sizes({ width: 1000, height: 562 }).slice(-1)).toEqual(['960x540 2000']);
    expect(sizes({ width: 128, height: 72 })).toEqual([]);
  });

  it('keeps the shape: wide, narrow, upright', () => {
    expect(sizes({ width: 1920, height: 804 })[0]).toBe('416x174 145');
    expect(sizes({ width: 1920, height: 804 }).at(-1)).toBe('1920x804 7800');
    expect(sizes({ width: 1440, height: 1080 }).slice(-3)).toEqual([
      ...['960x720 4500', '1440x1080 6000', '1440x1080 7800'],
    ]);
    expect(sizes({ width: 1080, height: 1920 }).slice(-3)).toEqual([
      ...['720x1280 4500', '1080x1920 6000', '1080x1920 7800'],
    ]);
  });

  it('encodes a source slightly smaller than a box at its own size', () => {
    expect(sizes({ width: 1916, height: 1076 }).slice(-2)).toEqual(['1916x1076 6000', '1916x1076 7800']);
  });

  it('gives even sizes within the source, in the order of the table, whatever the source', () => {
    const side = fc.integer({ min: 32, max: 2200 }).map((half) => 2 * half);
    fc.assert(
      fc.property(side, side, (width, height) => {
        const rungs = rungsFor(APPLE_H264, { width, height });
        rungs.forEach(({ resolution, bitrate }, i) => {
          expect([resolution.width % 2, resolution.height % 2]).toEqual([0, 0]);
          expect(resolution.width).toBeLessThanOrEqual(width);
          expect(resolution.height).toBeLessThanOrEqual(height);
          // Rounding to even moves a side by at most 1 pixel.
          expect(Math.abs(resolution.width * height - resolution.height * width)).toBeLessThanOrEqual(
            width + height,
          );
          if (i > 0) expect(bitrate).toBeGreaterThan(rungs[i - 1]!.bitrate);
        });
      }),
    );
  });
});

describe('twoPassArgs', () => {
  const request: TwoPassRequest = {
    source: {
      path: '/media/chunk one.mov',
      demuxer: 'mov',
      skipFrames: 2,
      frames: 240,
      fps: { num: 24000, den: 1001 },
    },
    sourceSize: { width: 1920, height: 1080 },
    rung: { resolution: { width: 640, height: 360 }, bitrate: 365_000 },
    preset: 'slow',
    passlog: '/scratch/rung-1/x264',
    output: '/scratch/rung-1/encode.mp4',
  };
  const graph =
    '[0:v:0]trim=start_frame=2:end_frame=242,settb=1001/24000,setpts=N,fps=24000/1001,' +
    'scale=640:360:flags=bicubic+accurate_rnd+bitexact,format=yuv420p[v]';
  const shared = [
    ...['-protocol_whitelist', 'file', '-f', 'mov', '-threads', '1', '-i', 'file:/media/chunk one.mov'],
    ...['-filter_complex_threads', '1', '-filter_complex', graph],
    ...['-map', '[v]', '-an', '-fps_mode', 'passthrough', '-frames:v', '240'],
    ...['-c:v', 'libx264', '-preset', 'slow', '-threads', '1', '-profile:v', 'high'],
    ...['-b:v', '365000', '-maxrate', '730000', '-bufsize', '1460000', '-g', '96', '-keyint_min', '96'],
    ...['-x264-params', 'scenecut=0:open-gop=0:lookahead-threads=1'],
  ];

  it('writes only statistics in the first pass', () => {
    expect(twoPassArgs(1, request)).toEqual([
      ...shared,
      ...['-pass', '1', '-passlogfile', '/scratch/rung-1/x264', '-f', 'null', 'pipe:1'],
    ]);
  });

  it('writes the file in the second, with the same encoder settings', () => {
    expect(twoPassArgs(2, request)).toEqual([
      ...shared,
      ...['-pass', '2', '-passlogfile', '/scratch/rung-1/x264'],
      ...['-video_track_timescale', '24000', '-movie_timescale', '24000'],
      ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact'],
      ...['-map_metadata', '-1', '-map_chapters', '-1', '-f', 'mp4', 'file:/scratch/rung-1/encode.mp4'],
    ]);
  });

  it('does not scale at the size of the source', () => {
    const rung = { resolution: { width: 1920, height: 1080 }, bitrate: 6_000_000 };
    const args = twoPassArgs(2, { ...request, rung }).join(' ');
    expect(args).not.toContain('scale=');
    expect(args).toContain('setpts=N,fps=24000/1001,format=yuv420p[v]');
  });

  it.each([
    [24, 1, 96],
    [24000, 1001, 96],
    [25, 1, 100],
    [30000, 1001, 120],
    [60, 1, 240],
    [1, 10, 1],
  ])('has key frames every 4 s at %d/%d fps: %d frames', (num, den, frames) => {
    expect(fixedGopFrames({ num, den })).toBe(frames);
  });
});
