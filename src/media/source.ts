import type { Rational } from './rational.js';

/** An exact run of frames of one video stream in a file, e.g. a chunk whose first packets serve only to decode. */
export interface FrameSource {
  /** Absolute path of a local file. */
  path: string;
  /** ffmpeg demuxer to force, e.g. `mov`; input is never sniffed. */
  demuxer: string;
  /** Index among the file's video streams; 0 unless given. */
  videoStream?: number;
  /** Frames to decode and drop first; 0 unless given. */
  skipFrames?: number;
  /** Frames that belong to the source, after the skipped ones. */
  frames: number;
  fps: Rational;
}

/**
 * Arguments that open a local file and nothing else: only the `file` protocol, a forced demuxer, and a `file:` URL
 * with an absolute path, so that a name can be neither an option nor a protocol.
 */
export function openArgs(path: string, demuxer: string, options: { threads?: number } = {}): string[] {
  return [
    ...['-protocol_whitelist', 'file', '-f', demuxer],
    ...(options.threads === undefined ? [] : ['-threads', String(options.threads)]),
    ...['-i', `file:${path}`],
  ];
}

/** ffmpeg input arguments for a source; decoding on `threads` threads (1 unless given). */
export function sourceArgs(source: FrameSource, threads = 1): string[] {
  return openArgs(source.path, source.demuxer, { threads });
}

/** Stream specifier of a source that is input number `input`, e.g. `0:v:0`. */
export function sourceStream(source: FrameSource, input = 0): string {
  return `${input}:v:${source.videoStream ?? 0}`;
}

/**
 * Filter chain that keeps exactly the source's frames and renumbers them 0, 1, 2 … in a time base of one frame, so
 * that container timestamps (milliseconds in Matroska) cannot shift anything.
 */
export function sourceFilter(source: FrameSource): string {
  const skip = source.skipFrames ?? 0;
  const { num, den } = source.fps;
  return `trim=start_frame=${skip}:end_frame=${skip + source.frames},settb=${den}/${num},setpts=N`;
}
