import { type Rational, timescaleOf } from './rational.js';
import type { FfmpegProgress } from './progress.js';
import type { Run, RunResult } from './run.js';
import type { Tool } from './tools.js';

/** Every ffmpeg run: no terminal, no banner, log lines with their level, exact resource use, progress on fd 3. */
const GLOBAL_ARGS = [
  ...['-hide_banner', '-nostdin', '-nostats', '-y'],
  ...['-loglevel', 'level+info', '-benchmark', '-progress', 'pipe:3', '-stats_period', '0.5'],
];

export interface FfmpegRequest {
  /** Arguments after the global ones. */
  args: readonly string[];
  /** Frames that the run works through: sets its time limit. */
  frames: number;
  signal?: AbortSignal | undefined;
  onProgress?: (progress: FfmpegProgress) => void;
  onStdout?: (chunk: Buffer) => void;
  onStderrLine?: (line: string) => void;
  cwd?: string;
  /** Standard input, for what must not be an argument. */
  input?: Uint8Array;
  /** As of a RunRequest. */
  secrets?: readonly string[];
}

/**
 * Time limit of a run over `frames` frames, milliseconds: two minutes plus five seconds a frame. Far above what the
 * slowest preset needs at 2160p, and yet it ends a process that duplicates frames without end.
 */
export function timeLimitMs(frames: number): number {
  return 120_000 + frames * 5_000;
}

/** Runs ffmpeg; throws as Run does. */
export function ffmpeg(run: Run, tool: Tool, request: FfmpegRequest): Promise<RunResult> {
  const { args, frames, ...rest } = request;
  return run({ ...rest, file: tool.path, args: [...GLOBAL_ARGS, ...args], timeoutMs: timeLimitMs(frames) });
}

/** Output options that keep a muxer from writing dates, versions and random ids: equal input gives equal bytes. */
export const BITEXACT_OUTPUT = [
  ...['-fflags', '+bitexact', '-flags:v', '+bitexact', '-flags:a', '+bitexact'],
  ...['-map_metadata', '-1', '-map_chapters', '-1'],
];

/**
 * MP4 output options that make every frame last a whole number of ticks, in the track and in the movie: an edit list is
 * in ticks of the movie, by default milliseconds, and one that is rounded down hides the last frame.
 */
export function timescaleArgs(fps: Rational): string[] {
  const timescale = String(timescaleOf(fps).timescale);
  return ['-video_track_timescale', timescale, '-movie_timescale', timescale];
}
