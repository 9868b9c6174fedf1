import { type Resolution, scaleFilter } from '../../src/encode/index.js';
import {
  BITEXACT_OUTPUT,
  type FrameSource,
  type Rational,
  sourceArgs,
  sourceFilter,
  sourceStream,
  timescaleArgs,
  toNumber,
} from '../../src/media/index.js';
import type { FixedRung } from './apple.js';

export interface TwoPassRequest {
  source: FrameSource;
  /** Size of the source's pictures. */
  sourceSize: Resolution;
  rung: FixedRung;
  /** x264 preset, the same as the encodes it is compared with. */
  preset: string;
  /** Path prefix of the encoder's statistics, in scratch. */
  passlog: string;
  /** Path of the MP4 to write. */
  output: string;
}

/** Seconds from key frame to key frame in a fixed ladder. */
const GOP_SECONDS = 4;
/** Cap over the average: what Apple's specification allows a VOD segment's peak to be. */
const MAXRATE_FACTOR = 2;
/** Buffer over the average: two seconds at the cap. */
const BUFSIZE_FACTOR = 4;

/** Frames from key frame to key frame at a frame rate. */
export function fixedGopFrames(fps: Rational): number {
  return Math.max(1, Math.round(GOP_SECONDS * toNumber(fps)));
}

/**
 * ffmpeg arguments of one pass of a capped two-pass VBR encode by x264: one thread, closed groups of 4 s with key
 * frames there and nowhere else, and the scaler of every other encode. The SEI with x264's settings (some 700 bytes
 * once a rendition) stays, as such an encoder ships it.
 */
export function twoPassArgs(pass: 1 | 2, request: TwoPassRequest): string[] {
  const { source, rung } = request;
  const gop = String(fixedGopFrames(source.fps));
  return [
    ...sourceArgs(source),
    ...['-filter_complex_threads', '1', '-filter_complex', `[${sourceStream(source)}]${filters(request)}[v]`],
    ...['-map', '[v]', '-an', '-fps_mode', 'passthrough', '-frames:v', String(source.frames)],
    ...['-c:v', 'libx264', '-preset', request.preset, '-threads', '1', '-profile:v', 'high'],
    ...['-b:v', String(rung.bitrate), '-maxrate', String(MAXRATE_FACTOR * rung.bitrate)],
    ...['-bufsize', String(BUFSIZE_FACTOR * rung.bitrate), '-g', gop, '-keyint_min', gop],
    ...['-x264-params', 'scenecut=0:open-gop=0:lookahead-threads=1'],
    ...['-pass', String(pass), '-passlogfile', request.passlog],
    ...(pass === 1
      ? ['-f', 'null', 'pipe:1']
      : [...timescaleArgs(source.fps), ...[...BITEXACT_OUTPUT, '-f', 'mp4', `file:${request.output}`]]),
  ];
}

function filters({ source, sourceSize, rung }: TwoPassRequest): string {
  const { width, height } = rung.resolution;
  const scaled = width !== sourceSize.width || height !== sourceSize.height;
  const rate = `fps=${source.fps.num}/${source.fps.den}`;
  const scale = scaled ? [scaleFilter(rung.resolution)] : [];
  return [sourceFilter(source), rate, ...scale, 'format=yuv420p'].join(',');
}
