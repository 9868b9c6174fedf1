import { type Rational, toNumber } from '../media/index.js';

/**
 * Frames from key frame to key frame in a chunk of `frames` frames: the fewest groups of at most `segmentSeconds`,
 * of equal length (the last one may be shorter by less than the number of groups). Each group ships as one segment.
 */
export function gopFramesFor(frames: number, fps: Rational, segmentSeconds: number): number {
  const most = Math.max(1, Math.floor(segmentSeconds * toNumber(fps) + 1e-9));
  const groups = Math.ceil(frames / most);
  return Math.ceil(frames / groups);
}

/** First frames of all groups of a chunk that starts at `startFrame` and has `frames` frames. */
export function gopStarts(startFrame: number, frames: number, gopFrames: number): number[] {
  return Array.from({ length: Math.ceil(frames / gopFrames) }, (_, index) => startFrame + index * gopFrames);
}

/** First frames of all segments of a title: every group of every chunk, in order. */
export function segmentStartsOf(
  chunks: readonly { startFrame: number; endFrame: number }[],
  fps: Rational,
  segmentSeconds: number,
): number[] {
  return chunks.flatMap(({ startFrame, endFrame }) => {
    const frames = endFrame - startFrame;
    return gopStarts(startFrame, frames, gopFramesFor(frames, fps, segmentSeconds));
  });
}
