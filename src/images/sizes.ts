import { even } from '../media/index.js';

export interface Size {
  width: number;
  height: number;
}

/** A picture's size with its longer side brought to `longer` pixels; never larger than it is, sides at least `least`. */
export function fitted({ width, height }: Size, longer: number, least = 1): Size {
  const factor = Math.min(1, longer / Math.max(width, height));
  const side = (value: number): number => Math.max(least, Math.round(value * factor));
  return { width: side(width), height: side(height) };
}

/** As `fitted`, both sides even, as 4:2:0 video needs. */
export function fittedEven(size: Size, longer: number): Size {
  const { width, height } = fitted(size, longer);
  return { width: even(width), height: even(height) };
}

/** Longer side of a thumbnail, pixels. */
const TILE = 320;
/** Thumbnails a row and rows a sheet, at most. */
const COLUMNS = 10;
const ROWS = 10;

/** A thumbnail is at least a few pixels high, however wide the picture: it is looked at, and Laplace needs neighbours. */
export function tileSize(picture: Size): Size {
  return fitted(picture, TILE, 8);
}

export interface SheetGrid {
  columns: number;
  rows: number;
}

/** Ten by ten, or what few thumbnails fill. */
export function sheetGrid(count: number): SheetGrid {
  return { columns: Math.min(COLUMNS, count), rows: Math.min(ROWS, Math.ceil(count / COLUMNS)) };
}

/** Longer sides of posters. */
const POSTERS = [1280, 640, 320] as const;

/** Sizes of a poster, the largest first: none is larger than the picture, which is itself the largest where it is small. */
export function posterSizes(picture: Size): Size[] {
  const longer = Math.max(picture.width, picture.height);
  const sides = POSTERS.filter((side, index) => index === 0 || side < longer);
  return sides.map((side) => fitted(picture, side));
}
