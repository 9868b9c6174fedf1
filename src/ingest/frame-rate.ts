import { type Rational, parseRational, rational, sameRational, toNumber } from '../media/index.js';

/** Rates that masters are made at, ascending. */
export const STANDARD_RATES: readonly Rational[] = [
  rational(5),
  rational(10),
  rational(12),
  rational(25, 2),
  rational(15000, 1001),
  rational(15),
  rational(20),
  rational(24000, 1001),
  rational(24),
  rational(25),
  rational(30000, 1001),
  rational(30),
  rational(48000, 1001),
  rational(48),
  rational(50),
  rational(60000, 1001),
  rational(60),
  rational(100),
  rational(120000, 1001),
  rational(120),
];

/** Rates outside are taken for nonsense: containers write 90000/1 where they do not know. */
const PLAUSIBLE = { min: 0.05, max: 480 };

/** Used where a master says nothing usable, as for one frame without a duration. */
export const FALLBACK_RATE = rational(25);

/** Share of frames that may fall together when a variable rate is made constant. */
const MAX_LOST = 0.01;

/** A frame may be this far from its place on the grid, in frames, and still be that frame: capture jitter. */
const JITTER = 0.25;

export function plausible(rate: Rational | undefined): rate is Rational {
  return rate !== undefined && toNumber(rate) >= PLAUSIBLE.min && toNumber(rate) <= PLAUSIBLE.max;
}

/** Rates that a stream claims: r_frame_rate, then avg_frame_rate; nonsense left out. */
export function declaredRates(stream: {
  r_frame_rate?: string | undefined;
  avg_frame_rate?: string | undefined;
}): Rational[] {
  return [parseRational(stream.r_frame_rate), parseRational(stream.avg_frame_rate)].filter(plausible);
}

/** Frame times of a stream: ticks of its time base, ascending. */
export interface FrameTimes {
  pts: readonly number[];
  timeBase: Rational;
  /** How long the last frame lasts, ticks; 0 where unknown. */
  lastDuration: number;
}

/** Place of every frame on the grid of a rate, in frames from the first one; not rounded. */
function positions(times: FrameTimes, rate: Rational): number[] {
  const first = times.pts[0] ?? 0;
  const framesPerTick = (times.timeBase.num * rate.num) / (times.timeBase.den * rate.den);
  return times.pts.map((pts) => (pts - first) * framesPerTick);
}

/** Ticks as frames of a rate: the error that rounding to the time base makes. */
function tickInFrames(times: FrameTimes, rate: Rational): number {
  return (times.timeBase.num * rate.num) / (times.timeBase.den * rate.den);
}

function maxDeviation(times: FrameTimes, rate: Rational): number {
  return positions(times, rate).reduce((worst, at, index) => Math.max(worst, Math.abs(at - index)), 0);
}

/** Distance of two rates as a ratio; 0 is equal. */
function distance(a: Rational, b: number): number {
  return Math.abs(Math.log(toNumber(a) / b));
}

/** The rate of equal deltas, e.g. 1000/70 for a frame every 70 ms; undefined where deltas differ by over a tick. */
function measuredRate(times: FrameTimes): Rational | undefined {
  const { pts, timeBase } = times;
  const span = (pts.at(-1) ?? 0) - (pts[0] ?? 0);
  const num = timeBase.den * (pts.length - 1);
  const den = timeBase.num * span;
  if (span <= 0 || !Number.isSafeInteger(num) || !Number.isSafeInteger(den)) return undefined;
  return rational(num, den);
}

/**
 * The constant rate that these frames were made at; undefined where they have none (or are fewer than two).
 *
 * First come rates on whose grid every frame is to within one tick (Matroska's milliseconds turn 24 fps into 41 and
 * 42 ms: that is constant), declared and standard ones before a measured one. Then standard rates from whose grid no
 * frame is further than a quarter of a frame.
 */
export function constantRate(times: FrameTimes, declared: readonly Rational[]): Rational | undefined {
  const average = measuredRate(times);
  if (!average || times.pts.length < 2) return undefined;
  const isStandard = (rate: Rational): boolean => STANDARD_RATES.some((known) => sameRational(known, rate));
  const near = STANDARD_RATES.toSorted(
    (a, b) => distance(a, toNumber(average)) - distance(b, toNumber(average)),
  );
  const exact = [
    ...declared.filter(isStandard),
    ...near,
    ...declared,
    ...(plausible(average) ? [average] : []),
  ];
  // A time base of one frame (AVI, IVF) has no rounding to forgive: there a tick is a frame that is missing.
  const tolerance = (rate: Rational): number => Math.min(JITTER, tickInFrames(times, rate) * 1.001 + 1e-9);
  const strict = exact.find((rate) => maxDeviation(times, rate) <= tolerance(rate));
  if (strict) return strict;
  const deviations = near.slice(0, 4).map((rate) => ({ rate, deviation: maxDeviation(times, rate) }));
  return deviations.filter((found) => found.deviation <= JITTER).sort((a, b) => a.deviation - b.deviation)[0]
    ?.rate;
}

/** Grid places (frame numbers at `rate`) of the frames, and how far they are from them on average. */
export function slots(times: FrameTimes, rate: Rational): { slots: number[]; error: number } {
  const at = positions(times, rate);
  const rounded = at.map(Math.round);
  const error =
    at.reduce((sum, place, index) => sum + Math.abs(place - (rounded[index] ?? 0)), 0) / at.length;
  return { slots: rounded, error };
}

/** Frames that would be lost at a rate, as a share: those that share their place with the one before. */
function lostShare(times: FrameTimes, rate: Rational): number {
  const { slots: places } = slots(times, rate);
  return places.filter((place, index) => index > 0 && place === places[index - 1]).length / places.length;
}

/**
 * The standard rate to give frames without a constant one: the lowest that loses at most 1% of them; between the
 * neighbours 24000/1001 and 24 (and so on) the one whose grid they fit better. 120 where all lose more.
 */
export function nominalRate(times: FrameTimes): Rational {
  const lowest = STANDARD_RATES.find((rate) => lostShare(times, rate) <= MAX_LOST) ?? rational(120);
  const twins = STANDARD_RATES.filter((rate) => distance(rate, toNumber(lowest)) < 0.002);
  const errors = twins.map((rate) => ({ rate, error: slots(times, rate).error }));
  return errors.sort((a, b) => a.error - b.error)[0]?.rate ?? lowest;
}
