import { keyStream } from './keys.js';

/**
 * Cells of a pattern. So coarse (120 pixels at 1080p) that it outlives scaling and quantisation and lies below the spatial
 * frequencies that the eye and VMAF look at: cells of half that size cost twice the VMAF. So many that a pattern hides
 * among 2^140 others.
 */
export const COLUMNS = 16;
export const ROWS = 9;
export const CELLS = COLUMNS * ROWS;

/** One value a cell, row by row. */
export type Cells = Float32Array;

/**
 * The pattern of a segment: −1 or +1 a cell, as many of one as of the other, so that the mean of a picture stays. Who
 * has not the key knows nothing of it, nor of that of the next segment.
 */
export function patternOf(key: Buffer, segment: number): Cells {
  return shuffledSigns(keyStream(key, `segment ${segment}`));
}

/** A pattern that no segment has: what a detector finds of it is noise. */
export function decoyOf(key: Buffer, index: number): Cells {
  return shuffledSigns(keyStream(key, `decoy ${index}`));
}

/** Fisher and Yates's shuffle. The bias of a remainder of 2^32 by at most 144 is below 2^-24. */
function shuffledSigns(random: Iterator<number, never>): Cells {
  const cells = Float32Array.from({ length: CELLS }, (_, i) => (i % 2 === 0 ? 1 : -1));
  for (let last = CELLS - 1; last > 0; last--) {
    const other = random.next().value % (last + 1);
    [cells[last], cells[other]] = [cells[other]!, cells[last]!];
  }
  return cells;
}
