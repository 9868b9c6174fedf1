import { type FrameSource, sourceArgs, sourceStream } from '../media/index.js';
import { measure } from './measure.js';
import { modelFor } from './model.js';
import type { ScoreContext, ScoreRequest, ScoreSettings } from './request.js';
import type { Score } from './types.js';

/**
 * Scores one file against another: the encode, enlarged with bicubic to the reference's size, frame by frame. Throws
 * SCORE_FRAME_COUNT where one side has a frame more or less, SCORE_SHIFTED where they are out of step,
 * SCORE_SUBSAMPLE, SCORE_THREADS and SCORE_PIXEL_FORMAT for what cannot be scored, SCORE_LOG, and as `ffmpeg` does.
 */
export function scoreFiles(context: ScoreContext, request: ScoreRequest): Promise<Score> {
  const { encode, reference, ...settings } = request;
  return measure(context, {
    before: [...sourceArgs(encode, settings.threads), ...sourceArgs(reference, settings.threads)],
    encode: { stream: sourceStream(encode, 0), source: encode },
    reference: { stream: sourceStream(reference, 1), source: reference },
    settings,
  });
}

export interface ScoreOptions extends Partial<Omit<ScoreSettings, 'referenceSize'>> {
  referenceSize: ScoreSettings['referenceSize'];
  /** Takes the model without enhancement gain; not together with `model`. */
  neg?: boolean;
}

/**
 * Scores an encode against its reference with defaults: every frame, one thread, the model that fits the reference's
 * size. Throws as scoreFiles does.
 */
export function score(
  context: ScoreContext,
  reference: FrameSource,
  encode: FrameSource,
  options: ScoreOptions,
): Promise<Score> {
  const { neg = false, ...settings } = options;
  const model = modelFor(options.referenceSize, { neg });
  return scoreFiles(context, { model, subsample: 1, threads: 1, ...settings, encode, reference });
}
