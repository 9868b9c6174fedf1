import { stat } from 'node:fs/promises';
import { HullcastError } from '../errors.js';
import {
  BITEXACT_OUTPUT,
  type Rational,
  type Run,
  type Tools,
  ffmpeg,
  formatRational,
  openArgs,
  timescaleOf,
} from '../media/index.js';
import { decodeCheck, untrustedArgs } from './decode-check.js';
import { judgeTiming } from './timing.js';
import type { PicturePlan } from './picture-plan.js';

/** Frames from one key frame to the next: short, so that cutting shots out of it decodes little. */
const GOP_FRAMES = 48;

/** Part of the mezzanine's bytes, so it is fixed and not taken from the machine. */
const ENCODER_THREADS = 2;

export interface MezzanineRequest {
  source: { path: string; demuxer: string; videoStream: number };
  /** Size as the stream header has it: a stream that changes size on the way is scaled back to it. */
  stored: { width: number; height: number };
  plan: Pick<PicturePlan, 'filters' | 'pixelFormat' | 'colour'>;
  fps: Rational;
  /** `renumber`: every decoded frame is one frame; `resample`: frames go to their places in time, gaps are filled. */
  timing: 'renumber' | 'resample';
  /** Frames that come out. */
  frames: number;
  sizeChanges: boolean;
  maxPixels: number;
  out: string;
}

function timingFilters(request: MezzanineRequest): string[] {
  const { num, den } = request.fps;
  // fps comes last in both cases: it also tells the encoder the rate. After setpts=N it passes every frame.
  return request.timing === 'renumber'
    ? [`settb=${den}/${num}`, 'setpts=N', `fps=${num}/${den}`]
    : ['setpts=PTS-STARTPTS', `fps=${num}/${den}:round=near`];
}

/**
 * One run to lossless H.264 in MP4: x264 at QP 0 (bit-exact at 8 and at 10 bits), no B-frames and so no edit list,
 * closed groups, a time base in which a frame is a whole number of ticks.
 */
export function mezzanineArgs(request: MezzanineRequest): string[] {
  const { plan, source, stored } = request;
  // -reinit_filter 0 keeps one filter graph (and with it the clock of `fps`) when the picture changes its size.
  const steady = request.sizeChanges
    ? [`scale=w=${stored.width}:h=${stored.height}:flags=bicubic+bitexact`]
    : [];
  const format = plan.filters.length === 0 && steady.length > 0 ? [`format=${plan.pixelFormat}`] : [];
  const filters = [...steady, ...plan.filters, ...format, ...timingFilters(request)];
  const { primaries, transfer, matrix } = plan.colour;
  return [
    ...untrustedArgs(request.maxPixels),
    // Where ffmpeg does not turn the picture itself it copies the matrix, and players would turn it again.
    ...[`-display_rotation:v:${source.videoStream}`, '0'],
    ...(request.sizeChanges ? ['-reinit_filter', '0'] : []),
    ...openArgs(source.path, source.demuxer, { threads: 1 }),
    ...['-map', `0:v:${source.videoStream}`, '-vf', filters.join(',')],
    ...['-fps_mode', 'passthrough', '-frames:v', String(request.frames)],
    ...['-c:v', 'libx264', '-preset', 'ultrafast', '-qp', '0', '-pix_fmt', plan.pixelFormat],
    ...['-g', String(GOP_FRAMES), '-bf', '0', '-threads', String(ENCODER_THREADS)],
    ...['-color_primaries', primaries, '-color_trc', transfer, '-colorspace', matrix, '-color_range', 'tv'],
    ...BITEXACT_OUTPUT,
    ...[
      '-video_track_timescale',
      String(timescaleOf(request.fps).timescale),
      '-f',
      'mp4',
      `file:${request.out}`,
    ],
  ];
}

export interface MezzanineContext {
  run: Run;
  tools: Pick<Tools, 'ffmpeg'>;
  signal: AbortSignal;
  onFrame?: (frames: number) => void;
}

/**
 * Writes the mezzanine and decodes it once to see that it is what it should be. Gives its frames. Throws
 * MEZZANINE_WRONG where the result has faults or another number of frames or rate than asked for.
 */
export async function makeMezzanine(context: MezzanineContext, request: MezzanineRequest): Promise<number> {
  const { run, tools, signal } = context;
  await ffmpeg(run, tools.ffmpeg, {
    args: mezzanineArgs(request),
    frames: request.frames,
    signal,
    onProgress: (progress) => context.onFrame?.(progress.frame),
  });
  const check = await decodeCheck(run, tools.ffmpeg, {
    path: request.out,
    demuxer: 'mov',
    videoStream: 0,
    frames: request.frames,
    maxPixels: request.maxPixels,
    signal,
  });
  const decoded = check.times.pts.length;
  const rate = formatRational(request.fps);
  const timing = judgeTiming(check.times, { r_frame_rate: rate, avg_frame_rate: rate });
  const fits =
    timing.kind === 'unknown' || (timing.kind === 'constant' && formatRational(timing.fps) === rate);
  // Where frames were placed in time, the end of the last one is a matter of rounding.
  const tolerance = request.timing === 'renumber' ? 0 : 1;
  if (check.faults > 0 || !fits || Math.abs(decoded - request.frames) > tolerance || decoded === 0) {
    const { size } = await stat(request.out);
    throw new HullcastError(
      'MEZZANINE_WRONG',
      `the normalised copy has ${decoded} frames (${size} bytes, ${timing.kind} rate, ${check.faults} faults); ` +
        `${request.frames} frames at ${rate} were expected`,
      { hint: 'This is a fault of hullcast: please report it with the master’s ffprobe output.' },
    );
  }
  return decoded;
}
