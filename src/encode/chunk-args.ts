import {
  BITEXACT_OUTPUT,
  type FrameSource,
  sourceArgs,
  sourceFilter,
  sourceStream,
  timescaleArgs,
} from '../media/index.js';
import { embedFilter, patternArgs } from '../watermark/index.js';
import { profileOf } from './profile/index.js';
import type { Codec, EncodeParams, Resolution } from './types.js';

/**
 * Scaler of every encode: bicubic, and with the flags that make all processors give the same bits. The benchmarks'
 * baselines use the same filter, so a comparison never measures a scaler.
 */
export function scaleFilter({ width, height }: Resolution): string {
  return `scale=${width}:${height}:flags=bicubic+accurate_rnd+bitexact`;
}

/** One of two passes over a chunk. */
export interface Pass {
  number: 1 | 2;
  /** Beginning of the names of the files in which the first pass leaves its notes for the second. */
  notes: string;
}

/** The passes that a codec's encoder needs; none is named where one is enough. */
export function passesOf(codec: Codec, notes: string): (Pass | undefined)[] {
  if (profileOf(codec).passes === 1) return [undefined];
  return [
    { number: 1, notes },
    { number: 2, notes },
  ];
}

/**
 * The graph that gives the encoder its frames, [v]: the source's, in size and pixel format of the encode, and with the
 * patterns of the second input added where the chunk is marked.
 */
function graphOf(params: EncodeParams, source: FrameSource): string {
  const pixelFormat = profileOf(params.codec).pixelFormat(params.bitDepth);
  const { width, height } = params.resolution;
  const scaled = width !== params.reference.width || height !== params.reference.height;
  // setpts forgets the rate and how long a frame lasts, and the muxer then hides the last one: fps says both again.
  const rate = `fps=${source.fps.num}/${source.fps.den}`;
  const filters = [
    sourceFilter(source),
    rate,
    ...(scaled ? [scaleFilter(params.resolution)] : []),
    ...(params.squarePixels ? ['setsar=1'] : []),
    `format=${pixelFormat}`,
  ];
  const picture = `[${sourceStream(source)}]${filters.join(',')}`;
  if (!params.watermark) return `${picture}[v]`;
  const embed = embedFilter({
    ...{ picture: 'plain', patterns: '1:v', output: 'v', width, height, pixelFormat },
    bitDepth: pixelFormat.includes('10') ? 10 : 8,
    gopFrames: params.gopFrames,
    frameDuration: { num: source.fps.den, den: source.fps.num },
  });
  return `${picture}[plain];${embed}`;
}

/**
 * ffmpeg arguments that encode one chunk to `output`, an MP4 whose frames last a whole number of ticks. A first pass
 * writes its notes and nothing else. `patterns`: file of the patterns of a chunk that is marked.
 */
export function chunkArgs(
  params: EncodeParams,
  source: FrameSource,
  output: string,
  pass?: Pass,
  patterns?: string,
): string[] {
  const profile = profileOf(params.codec);
  return [
    ...sourceArgs(source),
    ...(patterns === undefined ? [] : patternArgs(patterns)),
    ...['-filter_complex_threads', '1', '-filter_complex', graphOf(params, source)],
    ...['-map', '[v]', '-an', '-fps_mode', 'passthrough', '-frames:v', String(source.frames)],
    ...profile.encodeArgs({
      preset: params.preset,
      crf: params.crf,
      resolution: params.resolution,
      fps: source.fps,
      gopFrames: params.gopFrames,
      colour: params.colour,
      hdr: params.hdr,
      tune: params.tune,
    }),
    ...(pass ? ['-pass', String(pass.number), '-passlogfile', pass.notes] : []),
    ...BITEXACT_OUTPUT,
    ...(pass?.number === 1
      ? ['-f', 'null', '-']
      : [...timescaleArgs(source.fps), '-f', 'mp4', `file:${output}`]),
  ];
}
