/** What two frames are compared by. */
export interface Look {
  /** 64 bits, one for each pair of neighbours in 8 rows of 9 cells: whether luma rises from left to right. */
  bits: Uint8Array;
  /** Mean red, green and blue of 4 × 4 cells. */
  colours: Uint8Array;
}

/** Means of one channel of RGB over a grid of cells; a cell has at least one pixel. */
function cellMeans(
  rgb: Uint8Array,
  size: { width: number; height: number },
  columns: number,
  rows: number,
): number[] {
  const { width, height } = size;
  const sums = Array.from({ length: columns * rows * 3 }, () => 0);
  for (let row = 0; row < rows; row++) {
    const top = Math.floor((row * height) / rows);
    const bottom = Math.max(top + 1, Math.floor(((row + 1) * height) / rows));
    for (let column = 0; column < columns; column++) {
      const left = Math.floor((column * width) / columns);
      const right = Math.max(left + 1, Math.floor(((column + 1) * width) / columns));
      const cell = 3 * (row * columns + column);
      for (let y = top; y < bottom; y++) {
        for (let at = 3 * (y * width + left); at < 3 * (y * width + right); at += 3) {
          sums[cell]! += rgb[at]!;
          sums[cell + 1]! += rgb[at + 1]!;
          sums[cell + 2]! += rgb[at + 2]!;
        }
      }
      const count = (bottom - top) * (right - left);
      for (let channel = 0; channel < 3; channel++) sums[cell + channel]! /= count;
    }
  }
  return sums;
}

const ROWS = 8;
const COLUMNS = 9;

export function lookOf(rgb: Uint8Array, width: number, height: number): Look {
  const means = cellMeans(rgb, { width, height }, COLUMNS, ROWS);
  const luma = (cell: number): number =>
    0.2126 * means[3 * cell]! + 0.7152 * means[3 * cell + 1]! + 0.0722 * means[3 * cell + 2]!;
  const bits = new Uint8Array(ROWS * (COLUMNS - 1));
  for (let i = 0; i < bits.length; i++) {
    const cell = Math.floor(i / (COLUMNS - 1)) * COLUMNS + (i % (COLUMNS - 1));
    bits[i] = luma(cell + 1) > luma(cell) ? 1 : 0;
  }
  return { bits, colours: Uint8Array.from(cellMeans(rgb, { width, height }, 4, 4)) };
}

/** Share of bits, and mean difference of colours (as a share of 255), from which on pictures count as wholly different. */
const OTHER_BITS = 0.4;
const OTHER_COLOURS = 0.2;

/** How different two frames look, 0..1: by structure (a difference hash) or by colours, whichever says more. */
export function difference(a: Look, b: Look): number {
  const bits = a.bits.reduce((sum, bit, i) => sum + (bit ^ b.bits[i]!), 0) / a.bits.length;
  const colours =
    a.colours.reduce((sum, value, i) => sum + Math.abs(value - b.colours[i]!), 0) / (255 * a.colours.length);
  return Math.min(1, Math.max(bits / OTHER_BITS, colours / OTHER_COLOURS));
}
