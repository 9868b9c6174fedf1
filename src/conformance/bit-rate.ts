/** Bytes and seconds of a segment. */
export interface Sized {
  bytes: number;
  seconds: number;
}

/** Sets of more segments than this are not looked at: a target duration has a few. */
const MOST_SEGMENTS = 1000;

/** Guards comparisons of sums of seconds against rounding. */
const EPSILON = 1e-9;

/** Bits of all segments over their duration, bit/s (RFC 8216, 4.1). */
export function averageRate(segments: readonly Sized[]): number {
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const seconds = segments.reduce((sum, segment) => sum + segment.seconds, 0);
  return seconds > 0 ? (bytes * 8) / seconds : 0;
}

/**
 * Peak segment bit rate, bit/s (RFC 8216, 4.1): the largest rate of any contiguous set of segments that lasts between 0.5
 * and 1.5 target durations; of a stream without such a set, of its largest segment. By sums up to each segment.
 */
export function peakRate(segments: readonly Sized[], target: number): number {
  const bytes = [0];
  const seconds = [0];
  for (const [index, segment] of segments.entries()) {
    bytes.push(bytes[index]! + segment.bytes);
    seconds.push(seconds[index]! + segment.seconds);
  }
  let peak = 0;
  let first = 0;
  for (let end = 1; end < bytes.length; end += 1) {
    const length = (start: number): number => seconds[end]! - seconds[start]!;
    while (first < end - 1 && (length(first) > 1.5 * target + EPSILON || end - first > MOST_SEGMENTS))
      first += 1;
    for (let start = first; start < end && length(start) >= 0.5 * target - EPSILON; start += 1) {
      if (length(start) > 1.5 * target + EPSILON || length(start) <= 0) continue;
      peak = Math.max(peak, ((bytes[end]! - bytes[start]!) * 8) / length(start));
    }
  }
  const single = segments.map((segment) => (segment.seconds > 0 ? (segment.bytes * 8) / segment.seconds : 0));
  return peak > 0 ? peak : single.reduce((most, rate) => Math.max(most, rate), 0);
}

/**
 * The constant rate, bit/s, that a channel needs so that a player which begins at any segment, after `buffer` seconds,
 * never waits (ISO/IEC 23009-1, 5.3.5.2): by the end of a segment all of it has to have come. A lower bound, as samples
 * within a segment are needed earlier. Found by bisection: a rate is enough if no run of segments has more bits than come
 * meanwhile, for which the largest sum of a run is enough to know (Kadane).
 */
export function channelRate(segments: readonly Sized[], buffer: number): number {
  const enough = (rate: number): boolean => {
    let surplus = 0;
    for (const { bytes, seconds } of segments) {
      surplus = Math.max(0, surplus) + bytes * 8 - rate * seconds;
      if (surplus > rate * buffer) return false;
    }
    return true;
  };
  let [low, high] = [0, 1];
  while (!enough(high) && high < 1e15) [low, high] = [high, high * 2];
  for (let step = 0; step < 60; step += 1) {
    const middle = (low + high) / 2;
    if (enough(middle)) high = middle;
    else low = middle;
  }
  return high;
}
