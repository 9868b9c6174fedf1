import type { CodecProfile } from './profile/index.js';
import type { Tune } from './types.js';

/** What is known of a shot, as the chunker measures it; shares, 0..1. */
export interface Plainness {
  /** Pixels of a frame that have one of its four commonest luma levels. */
  palette: number;
  /** Pixels as they were in the frame before. */
  unchanged: number;
}

/**
 * From where on a shot counts as plain. Drawings and credits measure 0.65 to 0.91 and 0.79 to 0.94, film and rendered
 * pictures at most 0.23 of the first; black bars on all sides (4:3 within 21:9 within 16:9) would make 0.57 of that. A
 * fade from black has a palette of 0.85, but changes everywhere: 0.17 (docs/decisions/0014).
 */
const PLAIN: Plainness = { palette: 0.6, unchanged: 0.7 };

/**
 * The settings for a shot: `plain`, which leaves out psychovisual optimisation, where there is next to no texture that
 * it could keep; undefined for every other shot, and where the profile has none at this preset.
 */
export function tuneFor(
  profile: Pick<CodecProfile, 'tunes'>,
  preset: string,
  { palette, unchanged }: Plainness,
): Tune | undefined {
  const plain = palette >= PLAIN.palette && unchanged >= PLAIN.unchanged;
  return plain && profile.tunes(preset).includes('plain') ? 'plain' : undefined;
}
