/** An exact ratio of two integers, lowest terms, den > 0. Frame rates are frames per second. */
export interface Rational {
  num: number;
  den: number;
}

function gcd(a: number, b: number): number {
  return b === 0 ? Math.abs(a) : gcd(b, a % b);
}

/** Reduces num/den; throws RangeError unless both are safe integers and den is not 0. */
export function rational(num: number, den = 1): Rational {
  if (!Number.isSafeInteger(num) || !Number.isSafeInteger(den) || den === 0) {
    throw new RangeError(`not a rational: ${num}/${den}`);
  }
  const divisor = gcd(num, den) || 1;
  const sign = den < 0 ? -1 : 1;
  return { num: (sign * num) / divisor, den: (sign * den) / divisor };
}

/** Parses "24000/1001", "24/1", "24" and ffprobe's "16:9". Undefined where it is none, or 0/0. */
export function parseRational(text: string | undefined): Rational | undefined {
  const match = /^(\d+)(?:[/:](\d+))?$/.exec(text ?? '');
  if (!match) return undefined;
  const den = match[2] === undefined ? 1 : Number(match[2]);
  return den === 0 ? undefined : rational(Number(match[1]), den);
}

export function formatRational(r: Rational): string {
  return `${r.num}/${r.den}`;
}

export function toNumber(r: Rational): number {
  return r.num / r.den;
}

export function sameRational(a: Rational, b: Rational): boolean {
  return a.num === b.num && a.den === b.den;
}

/** Seconds that `frames` frames last at `fps`. For display, bit rates and seeking only: cuts are frame numbers. */
export function frameSeconds(frames: number, fps: Rational): number {
  return (frames * fps.den) / fps.num;
}

/**
 * A media timescale in which one frame is a whole number of ticks (24/1 → 24000 and 1000; 24000/1001 → 24000 and
 * 1001), at least 10,000 per second so that every muxer keeps it.
 */
export function timescaleOf(fps: Rational): { timescale: number; frameTicks: number } {
  const factor = fps.num >= 10_000 ? 1 : fps.num >= 10 ? 1000 : 10_000;
  return { timescale: fps.num * factor, frameTicks: fps.den * factor };
}
