import { type Rational, toNumber } from '../media/index.js';
import type { FrameRange } from './findings.js';
import {
  FALLBACK_RATE,
  type FrameTimes,
  constantRate,
  declaredRates,
  nominalRate,
  slots,
} from './frame-rate.js';

/** How the frames of a master lie in time. */
export interface Timing {
  fps: Rational;
  /**
   * `constant`: frame n is at n/fps; `gaps`: so it is, but for frames that are missing or doubled; `variable`: there
   * is no rate; `unknown`: too few frames or no timestamps to say.
   */
  kind: 'constant' | 'gaps' | 'variable' | 'unknown';
  /** Places, in frames of the constant-rate picture, that no frame of the master has. */
  gaps: FrameRange[];
  /** Places that more than one frame of the master claims. */
  doubled: FrameRange[];
  /** Frames that the constant-rate picture has, from the first frame's start to the last one's end. */
  frames: number;
}

/** Share of frames that follow their neighbour on the grid when a master has a rate, but gaps. */
const ON_GRID = 0.95;

/** A frame is on the grid of a rate when no further from it than this, in frames, on average. */
const MEAN_ERROR = 0.05;

function gapsOf(places: readonly number[]): FrameRange[] {
  return places.flatMap((place, index) => {
    const previous = places[index - 1];
    return previous !== undefined && place > previous + 1 ? [{ start: previous + 1, end: place }] : [];
  });
}

function doubledOf(places: readonly number[]): FrameRange[] {
  return places.flatMap((place, index) =>
    index > 0 && place === places[index - 1] ? [{ start: place, end: place + 1 }] : [],
  );
}

function totalFrames(times: FrameTimes, fps: Rational, lastPlace: number): number {
  const frameTicks = (times.timeBase.den * fps.den) / (times.timeBase.num * fps.num);
  const lastLasts = Math.max(1, Math.round(times.lastDuration / frameTicks));
  return lastPlace + lastLasts;
}

/** Judges decoded frame times. `declared` is what the stream claims; frames are sorted here. */
export function judgeTiming(
  times: FrameTimes,
  declared: { r_frame_rate?: string | undefined; avg_frame_rate?: string | undefined },
): Timing {
  const sorted: FrameTimes = { ...times, pts: times.pts.toSorted((a, b) => a - b) };
  const rates = declaredRates(declared);
  const count = sorted.pts.length;
  if (count < 2 || sorted.pts[0] === sorted.pts.at(-1)) {
    return { fps: rates[0] ?? FALLBACK_RATE, kind: 'unknown', gaps: [], doubled: [], frames: count };
  }
  const constant = constantRate(sorted, rates);
  if (constant) return { fps: constant, kind: 'constant', gaps: [], doubled: [], frames: count };

  const fps = declaredGrid(sorted, rates) ?? nominalRate(sorted);
  const { slots: places, error } = slots(sorted, fps);
  const following = places.filter(
    (place, index) => index > 0 && place === (places[index - 1] ?? 0) + 1,
  ).length;
  const regular = following / (count - 1) >= ON_GRID && error <= MEAN_ERROR;
  return {
    fps,
    kind: regular ? 'gaps' : 'variable',
    gaps: gapsOf(places),
    doubled: doubledOf(places),
    frames: totalFrames(sorted, fps, places.at(-1) ?? 0),
  };
}

/** A declared rate on whose grid nearly all frames lie one after the other, e.g. 14.3 fps with one frame missing. */
function declaredGrid(times: FrameTimes, declared: readonly Rational[]): Rational | undefined {
  return declared.find((rate) => {
    const { slots: places, error } = slots(times, rate);
    const following = places.filter(
      (place, index) => index > 0 && place === (places[index - 1] ?? 0) + 1,
    ).length;
    return toNumber(rate) <= 120 && error <= MEAN_ERROR && following / (places.length - 1) >= ON_GRID;
  });
}
