import { type Rational, toNumber } from '../../media/index.js';
import type { Resolution } from '../types.js';

/** What one level of a codec allows. */
export interface Level {
  level: string;
  /** Luma samples a frame. */
  samples: number;
  /** Luma samples a second. */
  perSecond: number;
  /** Largest width and height, pixels. */
  widest: number;
  tallest: number;
  /** Bit rate, kbit/s, and the buffer that it fills, kbit. */
  kbits: number;
  buffer: number;
}

/** The first of `levels` (ascending) that a picture of this size and rate fits, the last where it fits none. */
export function lowestLevel(
  levels: readonly [Level, ...Level[]],
  { width, height }: Resolution,
  fps: Rational,
): Level {
  const samples = width * height;
  const fits = levels.find(
    (l) =>
      samples <= l.samples &&
      samples * toNumber(fps) <= l.perSecond &&
      width <= l.widest &&
      height <= l.tallest,
  );
  return fits ?? levels[levels.length - 1]!;
}
