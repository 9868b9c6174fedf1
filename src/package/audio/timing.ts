import type { Rational } from '../../media/index.js';

/**
 * Every rendition is at 48 kHz, 44.1 kHz masters too: one rate for all tracks lets a player switch between them
 * without opening its decoder anew, and 1024-sample frames last the same everywhere.
 */
export const SAMPLE_RATE = 48_000;

/** Samples per channel that cover `frames` video frames, to the nearest sample. */
export function titleSamples(frames: number, fps: Rational): number {
  return Math.round((frames * fps.den * SAMPLE_RATE) / fps.num);
}
