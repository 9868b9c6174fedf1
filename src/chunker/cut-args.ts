import type { NormalisedPicture } from '../ingest/index.js';
import { BITEXACT_OUTPUT, openArgs, timescaleOf } from '../media/index.js';
import type { CopyPlan } from './copy-plan.js';
import type { Span } from './plan-shots.js';

/** A local file whose video stream is cut. */
export interface Material {
  path: string;
  demuxer: string;
  videoStream: number;
}

/** Muxer for a codec's packets; both are read with the `mov` demuxer. MOV has no code for the newer codecs. */
export function chunkMuxer(codec: string): 'mov' | 'mp4' {
  return codec === 'vp9' || codec === 'av1' ? 'mp4' : 'mov';
}

/** Seconds as ffmpeg takes them, finer than any time base. */
function secondsArg(seconds: number): string {
  return seconds.toFixed(9);
}

/** Opens a file from a time on, with the container's own time stamps; undefined seeks nowhere. */
function openFrom(
  material: Material,
  seekSeconds: number | undefined,
  more: readonly string[] = [],
): string[] {
  const seek = seekSeconds === undefined ? [] : ['-seek_timestamp', '1', '-ss', secondsArg(seekSeconds)];
  return ['-copyts', ...seek, ...more, ...openArgs(material.path, material.demuxer, { threads: 1 })];
}

/**
 * Expression for the `noise` bitstream filter that drops every packet but `packets` ones from the key frame with a
 * given time stamp on, in the order of the file. It counts (variable 0) instead of comparing times: decoding time
 * stamps are guesses after a seek in some containers, and `-frames:v` counts from wherever the seek has landed.
 */
export function dropExpression(plan: CopyPlan, tickSeconds: number): string {
  const isFirst = `key*lt(abs(pts*tb-${secondsArg(plan.firstPts * tickSeconds)}),${secondsArg(tickSeconds / 2)})`;
  return `if(ld(0)+${isFirst},gt(st(0,ld(0)+1),${plan.packets}),1)`;
}

/** Copies a shot's packets, and what they need to decode, to a file whose edit list hides none of them. */
export function copyArgs(
  material: Material,
  plan: CopyPlan,
  source: { tickSeconds: number; codec: string },
  to: string,
): string[] {
  return [
    ...openFrom(material, plan.seekSeconds, ['-t', secondsArg(plan.readSeconds)]),
    ...['-map', `0:v:${material.videoStream}`, '-c', 'copy'],
    ...['-bsf:v', `noise=drop='${dropExpression(plan, source.tickSeconds)}'`],
    ...BITEXACT_OUTPUT,
    ...['-use_editlist', '0', '-f', chunkMuxer(source.codec), `file:${to}`],
  ];
}

/** Pixel formats that x264 keeps bit by bit with qp 0: those of 8 bits a sample. */
const X264_FORMATS = new Set(['yuv420p', 'yuv422p', 'yuv444p', 'yuvj420p', 'yuvj422p', 'yuvj444p']);
const LOSSLESS_GOP_FRAMES = 48;

/** Lossless encoder for a pixel format; closed groups, no reordering, so that packets can be cut at every key frame. */
export function losslessEncoder(pixelFormat: string): string[] {
  return X264_FORMATS.has(pixelFormat)
    ? [
        ...['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0'],
        '-g',
        String(LOSSLESS_GOP_FRAMES),
        '-bf',
        '0',
      ]
    : ['-c:v', 'ffv1', '-level', '3', '-g', '1'];
}

function colourArgs({ colour }: NormalisedPicture): string[] {
  return [
    ...['-color_range', colour.range, '-colorspace', colour.matrix],
    ...['-color_primaries', colour.primaries, '-color_trc', colour.transfer],
  ];
}

function encodeArgs(
  material: Material,
  picture: NormalisedPicture,
  trim: string,
  frames: number,
  to: string,
): string[] {
  const { num, den } = picture.fps;
  return [
    ...['-map', `0:v:${material.videoStream}`, '-vf', `${trim}settb=${den}/${num},setpts=N`],
    ...['-fps_mode', 'passthrough', '-frames:v', String(frames)],
    ...[...losslessEncoder(picture.pixelFormat), '-pix_fmt', picture.pixelFormat, '-threads', '1'],
    ...[...colourArgs(picture), ...BITEXACT_OUTPUT],
    ...['-video_track_timescale', String(timescaleOf(picture.fps).timescale)],
    // An edit list would end where the last frame begins, as the encoder gives that one no duration, and so hide it.
    ...['-use_editlist', '0', '-f', 'mov', `file:${to}`],
  ];
}

/** Where the frames of a shot are by time, seconds. */
export interface Window {
  seekSeconds: number | undefined;
  startSeconds: number;
  /** Undefined: to the end. */
  endSeconds: number | undefined;
}

/** Encodes a shot without loss, decoding from a seek on; frames are told by their time stamps. */
export function losslessArgs(
  material: Material,
  picture: NormalisedPicture,
  window: Window,
  span: Span,
  to: string,
): string[] {
  const end = window.endSeconds === undefined ? '' : `:end=${secondsArg(window.endSeconds)}`;
  const trim = `trim=start=${secondsArg(window.startSeconds)}${end},`;
  const frames = span.endFrame - span.startFrame;
  return [...openFrom(material, window.seekSeconds), ...encodeArgs(material, picture, trim, frames, to)];
}

/** Encodes the whole picture without loss, for material whose packets cannot be cut by frame number. */
export function losslessWholeArgs(material: Material, picture: NormalisedPicture, to: string): string[] {
  return [...openFrom(material, undefined), ...encodeArgs(material, picture, '', picture.frames, to)];
}
