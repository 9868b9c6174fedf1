import { HullcastError, badUsage } from '../errors.js';
import type { FrameSource } from '../media/index.js';
import type { StageContext } from '../pipeline/index.js';
import type { VmafModel } from './types.js';

/** Size of a picture in pixels. */
export interface FrameSize {
  width: number;
  height: number;
}

/** What scoring needs of a stage's context. */
export type ScoreContext = Pick<StageContext, 'tools' | 'run' | 'scratch' | 'signal'>;

/** How an encode is held against its reference. */
export interface ScoreSettings {
  referenceSize: FrameSize;
  /** ffmpeg's name, e.g. `yuv420p10le`; read from the reference's file unless given. */
  referencePixelFormat?: string;
  model: VmafModel;
  /** Every n-th frame is scored, beginning with frame 0; odd, 1 or more (even factors bias the score). */
  subsample: number;
  /** Threads for decoding and for libvmaf, each; 1 or more. */
  threads: number;
  /** Called with the number of frames of the reference that have been worked through. */
  onFrames?: (frames: number) => void;
}

/** Scoring of one file against another. */
export interface ScoreRequest extends ScoreSettings {
  /** All frames of its file from `skipFrames` on: a frame more than `frames` is refused. */
  encode: FrameSource;
  /** May be a part of a longer file. */
  reference: FrameSource;
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 1;
}

/** Throws SCORE_SUBSAMPLE or SCORE_THREADS for settings that would give a biased score or none. */
export function checkSettings(settings: ScoreSettings): void {
  if (!isCount(settings.subsample) || settings.subsample % 2 === 0) {
    throw badUsage(
      'SCORE_SUBSAMPLE',
      `cannot score with a subsampling factor of ${settings.subsample}: it must be odd`,
      'Use 1, 3, 5 or 7; even factors follow the rhythm of B-frames and bias the score.',
    );
  }
  if (!isCount(settings.threads))
    throw badUsage('SCORE_THREADS', `cannot score on ${settings.threads} threads: give 1 or more`);
}

/** Error for an encode that does not have its reference's frames; `found` says what it has instead. */
export function frameCountError(found: string, expected: number): HullcastError {
  return new HullcastError('SCORE_FRAME_COUNT', `${found}, expected were exactly ${expected}: not scored`, {
    hint: 'Encode again with -fps_mode passthrough: every frame must be compared with its own.',
  });
}
