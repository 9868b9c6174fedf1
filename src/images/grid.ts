import type { Rational } from '../media/index.js';

/** Times at which frames are looked at: time j is j × stepMs / divisions after the start. */
export interface Grid {
  /** Milliseconds between thumbnails; every `divisions`-th time is one's. */
  stepMs: number;
  divisions: number;
}

/** Usual time between frames that are looked at, ms. */
const USUAL_MS = 500;
/** At least so many are looked at, where there are so many frames, and at most so many. */
const FEWEST = 120;
const MOST = 7200;

/**
 * The grid of a title: as fine as half a second, finer for short titles and coarser for very long ones, and never two
 * times in one frame. `wantedMs` is the time between thumbnails; it is raised to a frame where that lasts longer.
 */
export function gridOf(frames: number, fps: Rational, wantedMs: number): Grid {
  const frameMs = (1000 * fps.den) / fps.num;
  const titleMs = frames * frameMs;
  const stepMs = Math.max(wantedMs, Math.ceil(frameMs));
  const spacing = Math.max(frameMs, titleMs / MOST, Math.min(USUAL_MS, titleMs / FEWEST));
  return { stepMs, divisions: Math.max(1, Math.floor(stepMs / spacing)) };
}

function gcd(a: number, b: number): number {
  return b === 0 ? a : gcd(b, a % b);
}

/** Frames to grid times as a ratio of whole numbers, at most 1: frame n lasts from time n × num / den. */
function timesPerFrame({ stepMs, divisions }: Grid, fps: Rational): Rational {
  const [num, den] = [fps.den * divisions * 1000, fps.num * stepMs];
  const divisor = gcd(num, den);
  return { num: num / divisor, den: den / divisor };
}

/** Frame on screen at time j. */
export function frameAt(j: number, grid: Grid, fps: Rational): number {
  const { num, den } = timesPerFrame(grid, fps);
  return Math.floor((j * den) / num);
}

/** Times of the grid that lie in the title. */
export function timesIn(frames: number, grid: Grid, fps: Rational): number {
  const { num, den } = timesPerFrame(grid, fps);
  return Math.ceil((frames * num) / den);
}

/**
 * ffmpeg expression in n that is true for the frames of the grid: those during which one of its times is. Quotients of
 * whole numbers below 2^52 are cut off at the right place in doubles, so ffmpeg and `frameAt` agree on every frame.
 */
export function gridExpression(grid: Grid, fps: Rational): string {
  const { num, den } = timesPerFrame(grid, fps);
  return `lt(ceil(n*${num}/${den}),ceil((n+1)*${num}/${den}))`;
}
