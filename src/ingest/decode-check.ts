import { HullcastError } from '../errors.js';
import { type Tool, type Run, ffmpeg, openArgs } from '../media/index.js';
import { DecodeLog, FrameTimesReader } from './decode-log.js';
import type { FrameTimes } from './frame-rate.js';
import type { IdetCounts } from './interlace.js';

export interface DecodeRequest {
  path: string;
  demuxer: string;
  /** Index among the file's video streams. */
  videoStream: number;
  /** Frames to expect; sets the time limit. */
  frames: number;
  maxPixels: number;
  /** Codec names of the other streams, whose faults are not the picture's. */
  otherCodecs?: readonly string[];
  signal?: AbortSignal;
  onFrame?: (frames: number) => void;
}

/** What decoding every frame of a stream once has shown. */
export interface DecodeCheck {
  /** Time of every decoded frame, relative to the file's start. */
  times: FrameTimes;
  /** Faults that the demuxer and the decoder reported. */
  faults: number;
  /** The first few different ones. */
  messages: string[];
  sizeChanges: number;
  idet: IdetCounts | undefined;
  /** True where frames carry captions (ATSC A/53, part 4). */
  captioned: boolean;
}

/**
 * Input options for files that may be hostile or damaged: bounded picture size, decoding that goes on after errors
 * however many, the picture as stored (turning it is an explicit step).
 */
export function untrustedArgs(maxPixels: number): string[] {
  return ['-max_pixels', String(maxPixels), '-max_error_rate', '1', '-noautorotate'];
}

/**
 * Decodes on one thread and lists frame times. A strip of a quarter of the width goes through idet, which is enough
 * to see combing (its threshold is raised from 1.04: there, fine detail that moves passes for combing, and really
 * combed video is as far above 1.5); two pixels of it are written, so that the listing costs nothing.
 * The listing's second stream has the frames that carry captions alone.
 */
export function decodeCheckArgs(request: DecodeRequest): string[] {
  const stream = `0:v:${request.videoStream}`;
  return [
    ...untrustedArgs(request.maxPixels),
    ...openArgs(request.path, request.demuxer, { threads: 1 }),
    ...['-map', stream, '-map', stream],
    ...['-filter:v:0', 'crop=w=max(16\\,floor(iw/8)*2):h=ih,idet=intl_thres=1.5,crop=w=2:h=2:x=0:y=0'],
    ...['-filter:v:1', 'crop=w=2:h=2:x=0:y=0,sidedata=mode=select:type=A53_CC'],
    ...['-fps_mode', 'passthrough', '-enc_time_base', 'demux'],
    ...['-c:v', 'rawvideo', '-f', 'framecrc', 'pipe:1'],
  ];
}

/** Decodes a whole stream. A stream that gives no frame at all is a result (no times), not an error. */
export async function decodeCheck(run: Run, tool: Tool, request: DecodeRequest): Promise<DecodeCheck> {
  const reader = new FrameTimesReader();
  const log = new DecodeLog(request.otherCodecs);
  try {
    await ffmpeg(run, tool, {
      args: decodeCheckArgs(request),
      frames: request.frames,
      signal: request.signal,
      onStdout: (chunk) => reader.push(chunk),
      onStderrLine: (line) => log.push(line),
      onProgress: (progress) => request.onFrame?.(progress.frame),
    });
  } catch (cause) {
    const tells = cause instanceof HullcastError && cause.code === 'PROCESS_FAILED' && !cause.transient;
    if (!tells) throw cause;
    log.faults++; // ffmpeg gives up where nothing can be decoded; the frames until then are judged by the caller
  }
  return {
    times: {
      pts: reader.pts,
      timeBase: reader.timeBase ?? { num: 1, den: 1 },
      lastDuration: reader.lastDuration,
    },
    faults: log.faults,
    messages: log.messages,
    sizeChanges: log.sizeChanges,
    idet: log.idet,
    captioned: reader.captioned,
  };
}
