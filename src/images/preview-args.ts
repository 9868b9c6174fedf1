import { SDR_COLOUR, SDR_FORMAT } from '../chunker/index.js';
import {
  BITEXACT_OUTPUT,
  type FrameSource,
  type Rational,
  sourceArgs,
  sourceFilter,
  sourceStream,
  timescaleArgs,
  toNumber,
} from '../media/index.js';
import { PORTABLE, type Pixels, toRgb, toVideo } from './pixels.js';
import type { Size } from './sizes.js';
import type { Piece } from './types.js';

/** Length of the animation at most, seconds, and pictures a second, about. */
const ANIMATION = 3;
const RATE = 10;

/** Frames of the clip that the animation shows, in order, and how long it shows each. */
export interface Stills {
  frames: number[];
  frameMs: number;
}

const lengthOf = ({ startFrame, endFrame }: Piece): number => endFrame - startFrame;

/** Frames of the clip for the animation: as much of the middle of every piece, at the speed of the title. */
export function stillsOf(pieces: readonly Piece[], fps: Rational): Stills {
  const rate = toNumber(fps);
  const step = Math.max(1, Math.round(rate / RATE));
  const share = Math.max(1, Math.floor((ANIMATION * rate) / step / pieces.length));
  const frames: number[] = [];
  let offset = 0;
  for (const piece of pieces) {
    const length = lengthOf(piece);
    const count = Math.min(share, Math.ceil(length / step));
    const first = offset + Math.floor((length - 1 - (count - 1) * step) / 2);
    for (let i = 0; i < count; i++) frames.push(first + i * step);
    offset += length;
  }
  const most = Math.floor((1000 * ANIMATION) / frames.length);
  return { frames, frameMs: Math.max(1, Math.min(most, Math.round((1000 * step) / rate))) };
}

/** Uncompressed frames with their size and rate. */
const PIECE_FORMAT = 'yuv4mpegpipe';

/** Brings the frames of a piece to the size of the clip, uncompressed, in the file `output`. */
export function pieceArgs(source: FrameSource, pixels: Pixels, size: Size, output: string): string[] {
  const { num, den } = source.fps;
  return [
    ...[...PORTABLE, ...sourceArgs(source), '-filter_complex_threads', '1', '-filter_complex'],
    `[${sourceStream(source)}]${sourceFilter(source)},${toVideo(pixels, size)},fps=${num}/${den}[piece]`,
    ...['-map', '[piece]', '-an', '-fps_mode', 'passthrough', '-frames:v', String(source.frames)],
    ...['-f', PIECE_FORMAT, `file:${output}`],
  ];
}

/** What pieceArgs made, as a source of previewArgs. */
export function pieceSource({ frames, fps }: FrameSource, path: string): FrameSource {
  return { path, demuxer: PIECE_FORMAT, frames, fps };
}

/**
 * Joins pieces of the clip's size to a clip without sound, whose index comes first so that it plays while it loads, in the
 * file `output`; its stills go to standard output as RGB, `animation` large.
 */
export function previewArgs(
  sources: readonly FrameSource[],
  stills: Stills,
  animation: Size,
  output: string,
): string[] {
  const fps = sources[0]?.fps ?? { num: 1, den: 1 };
  const frames = sources.reduce((sum, source) => sum + source.frames, 0);
  const parts = sources.map((source, i) => `[${sourceStream(source, i)}]${sourceFilter(source)}[p${i}]`);
  const joined = `${sources.map((_, i) => `[p${i}]`).join('')}concat=n=${sources.length}:v=1:a=0`;
  const { num, den } = fps;
  const picked = stills.frames.map((frame) => `eq(n,${frame})`).join('+');
  const { primaries, transfer, matrix, range } = SDR_COLOUR;
  const sdr = { colour: SDR_COLOUR };
  return [
    ...[...PORTABLE, ...sources.flatMap((source) => sourceArgs(source))],
    ...['-filter_complex_threads', '1', '-filter_complex'],
    [
      ...parts,
      `${joined},settb=${den}/${num},setpts=N,fps=${num}/${den},split[clip][all]`,
      `[all]select='${picked}',${toRgb(sdr, animation)}[stills]`,
    ].join(';'),
    ...['-map', '[clip]', '-an', '-fps_mode', 'passthrough', '-frames:v', String(frames)],
    ...['-c:v', 'libx264', '-preset', 'veryfast', '-crf', '23', '-profile:v', 'high', '-pix_fmt', SDR_FORMAT],
    ...['-threads', '1', '-color_primaries', primaries, '-color_trc', transfer],
    ...['-colorspace', matrix, '-color_range', range],
    ...[...BITEXACT_OUTPUT, ...timescaleArgs(fps), '-movflags', '+faststart', '-f', 'mp4', `file:${output}`],
    ...['-map', '[stills]', '-an', '-fps_mode', 'passthrough', '-c:v', 'rawvideo', '-f', 'rawvideo', '-'],
  ];
}
