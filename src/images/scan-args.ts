import { type FrameSource, sourceArgs, sourceFilter, sourceStream } from '../media/index.js';
import { type Grid, gridExpression } from './grid.js';
import { PORTABLE, type Pixels, toRgb } from './pixels.js';
import type { Size } from './sizes.js';

const RAW = ['-an', '-fps_mode', 'passthrough', '-c:v', 'rawvideo', '-f', 'rawvideo', '-'];

function single(source: FrameSource, filters: readonly string[]): string[] {
  return [
    ...[...PORTABLE, ...sourceArgs(source)],
    ...['-filter_complex_threads', '1', '-filter_complex'],
    `[${sourceStream(source)}]${filters.join(',')}[v]`,
    ...['-map', '[v]'],
  ];
}

/** Decodes a picture once; its frames of the grid go to standard output, small and as RGB. */
export function scanArgs(source: FrameSource, grid: Grid, pixels: Pixels, tile: Size): string[] {
  const picked = `select='${gridExpression(grid, source.fps)}'`;
  return [...single(source, [sourceFilter(source), picked, toRgb(pixels, tile)]), ...RAW];
}

/** The one frame of a source to standard output, as RGB. */
export function frameArgs(source: FrameSource, pixels: Pixels, size: Size): string[] {
  return [...single(source, [sourceFilter(source), toRgb(pixels, size)]), '-frames:v', '1', ...RAW];
}
