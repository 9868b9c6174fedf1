/**
 * Measures on small luma frames. A frame is LUMA_WIDTH × LUMA_HEIGHT bytes, row by row, 0..255: enough to tell shots
 * apart, small enough that looking at every frame of a film costs seconds.
 */
export const LUMA_WIDTH = 64;
export const LUMA_HEIGHT = 36;
export const LUMA_BYTES = LUMA_WIDTH * LUMA_HEIGHT;

export type LumaFrame = Uint8Array;

const BLOCK_WIDTH = 8;
const BLOCK_HEIGHT = 6;
const BLOCK_PIXELS = BLOCK_WIDTH * BLOCK_HEIGHT;
/** Search range of the block match, pixels of the small frame: 150 pixels of 1920 from one frame to the next. */
const SEARCH = 5;

/** Standard deviation of luma, 0..127.5: how much detail the frame has. */
export function standardDeviation(frame: LumaFrame): number {
  let sum = 0;
  let squares = 0;
  for (let i = 0; i < LUMA_BYTES; i++) {
    const value = frame[i]!;
    sum += value;
    squares += value * value;
  }
  const mean = sum / LUMA_BYTES;
  return Math.sqrt(Math.max(0, squares / LUMA_BYTES - mean * mean));
}

/** Correlation of two frames' luma, -1..1: 1 for the same picture, brighter or darker. 0 where one is plain. */
export function correlation(a: LumaFrame, b: LumaFrame): number {
  let [sumA, sumB, squaresA, squaresB, products] = [0, 0, 0, 0, 0];
  for (let i = 0; i < LUMA_BYTES; i++) {
    const x = a[i]!;
    const y = b[i]!;
    sumA += x;
    sumB += y;
    squaresA += x * x;
    squaresB += y * y;
    products += x * y;
  }
  const spread = (LUMA_BYTES * squaresA - sumA * sumA) * (LUMA_BYTES * squaresB - sumB * sumB);
  return spread > 0 ? (LUMA_BYTES * products - sumA * sumB) / Math.sqrt(spread) : 0;
}

/** Mean absolute difference of two frames, 0..255. */
export function meanDifference(a: LumaFrame, b: LumaFrame): number {
  let sum = 0;
  for (let i = 0; i < LUMA_BYTES; i++) sum += Math.abs(a[i]! - b[i]!);
  return sum / LUMA_BYTES;
}

/** How many of a frame's luma levels count as its palette. */
const PALETTE = 4;

/** Share of the pixels that have one of the frame's four commonest levels, 0..1: near 1 for areas of one colour. */
export function paletteShare(frame: LumaFrame): number {
  const counts = new Uint16Array(256);
  for (let i = 0; i < LUMA_BYTES; i++) counts[frame[i]!]!++;
  const common = counts.sort().subarray(-PALETTE);
  return common.reduce((sum, count) => sum + count, 0) / LUMA_BYTES;
}

/** Share of the pixels that are exactly as they were in the other frame, 0..1. */
export function unchangedShare(a: LumaFrame, b: LumaFrame): number {
  let same = 0;
  for (let i = 0; i < LUMA_BYTES; i++) if (a[i] === b[i]) same++;
  return same / LUMA_BYTES;
}

/** Sum of absolute differences of b's block at (x, y) and a's block at (x + dx, y + dy); gives up above `limit`. */
function blockDifference(
  a: LumaFrame,
  b: LumaFrame,
  x: number,
  y: number,
  shift: number,
  limit: number,
): number {
  let sum = 0;
  for (let row = 0; row < BLOCK_HEIGHT; row++) {
    const start = (y + row) * LUMA_WIDTH + x;
    for (let i = start; i < start + BLOCK_WIDTH; i++) sum += Math.abs(a[i + shift]! - b[i]!);
    if (sum >= limit) return limit;
  }
  return sum;
}

/** The smallest difference of b's block at (x, y) from any place in a within the search range. */
function bestMatch(a: LumaFrame, b: LumaFrame, x: number, y: number): number {
  let best = blockDifference(a, b, x, y, 0, Infinity);
  const top = Math.max(-SEARCH, -y);
  const bottom = Math.min(SEARCH, LUMA_HEIGHT - BLOCK_HEIGHT - y);
  const left = Math.max(-SEARCH, -x);
  const right = Math.min(SEARCH, LUMA_WIDTH - BLOCK_WIDTH - x);
  for (let dy = top; dy <= bottom && best > 0; dy++) {
    for (let dx = left; dx <= right; dx++) best = blockDifference(a, b, x, y, dy * LUMA_WIDTH + dx, best);
  }
  return best;
}

/** A block counts as changed when more than this is left of it, mean absolute difference. */
const CHANGED = 2;

export interface ContentChange {
  /** Mean absolute difference left when every block may come from anywhere near, 0..255. */
  distance: number;
  /** Share of the blocks that cannot be found, 0..1. */
  changed: number;
}

/**
 * How much of `b` cannot be found in `a`. Small for the same scene however the camera pans or shakes, large for
 * another scene.
 */
export function contentChange(a: LumaFrame, b: LumaFrame): ContentChange {
  let sum = 0;
  let changed = 0;
  for (let y = 0; y < LUMA_HEIGHT; y += BLOCK_HEIGHT) {
    for (let x = 0; x < LUMA_WIDTH; x += BLOCK_WIDTH) {
      const left = bestMatch(a, b, x, y);
      sum += left;
      if (left > CHANGED * BLOCK_PIXELS) changed++;
    }
  }
  return { distance: sum / LUMA_BYTES, changed: (changed * BLOCK_PIXELS) / LUMA_BYTES };
}
