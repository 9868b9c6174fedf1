/** What a manifest says of a stream's segments. */
export interface SegmentSize {
  bytes: number;
  seconds: number;
}

export interface Bandwidth {
  /** bit/s, rounded up. */
  average: number;
  peak: number;
}

/** Guards comparisons of sums of seconds against rounding. */
const EPSILON = 1e-9;

function rate(bytes: number, seconds: number): number {
  return (bytes * 8) / seconds;
}

/** RFC 8216, 4.1: all bits by all seconds. */
export function averageBandwidth(segments: readonly SegmentSize[]): number {
  const bytes = segments.reduce((sum, segment) => sum + segment.bytes, 0);
  const seconds = segments.reduce((sum, segment) => sum + segment.seconds, 0);
  return seconds > 0 ? rate(bytes, seconds) : 0;
}

/**
 * RFC 8216, 4.1: the largest bit rate of any contiguous set of segments that lasts between 0.5 and 1.5 times the
 * target duration. Where the whole stream is shorter than that, its largest segment's.
 */
export function peakBandwidth(segments: readonly SegmentSize[], targetSeconds: number): number {
  let peak = 0;
  for (let first = 0; first < segments.length; first += 1) {
    let bytes = 0;
    let seconds = 0;
    for (let last = first; last < segments.length; last += 1) {
      bytes += segments[last]?.bytes ?? 0;
      seconds += segments[last]?.seconds ?? 0;
      if (seconds > 1.5 * targetSeconds + EPSILON) break;
      if (seconds >= 0.5 * targetSeconds - EPSILON) peak = Math.max(peak, rate(bytes, seconds));
    }
  }
  return peak > 0 ? peak : Math.max(0, ...segments.map(({ bytes, seconds }) => rate(bytes, seconds)));
}

/** The least EXT-X-TARGETDURATION of a stream: its longest segment, rounded up to whole seconds. */
export function targetDuration(segments: readonly SegmentSize[]): number {
  return Math.ceil(Math.max(0, ...segments.map(({ seconds }) => seconds)) - EPSILON);
}

/**
 * Average and peak of a stream from the bytes that ship; `target` is the target duration of its playlist, seconds. The
 * packager's own peak is not used: in 3.4.2 it ignores the eleventh segment of a stream, and every segment shorter than
 * half the mean of the first ten.
 */
export function bandwidthOf(segments: readonly SegmentSize[], target: number): Bandwidth {
  return {
    average: Math.ceil(averageBandwidth(segments) - EPSILON),
    peak: Math.ceil(peakBandwidth(segments, target) - EPSILON),
  };
}

/**
 * What a channel must have, bit/s, so that a DASH player which begins at any segment and has filled a buffer of so many
 * seconds never waits (ISO/IEC 23009-1, 5.3.5.2): the bits of any run of segments have come by its end. Of a short segment
 * that is followed by little, that is more than the peak over a target duration.
 */
export function channelBandwidth(segments: readonly SegmentSize[], bufferSeconds: number): number {
  let most = 0;
  for (let first = 0; first < segments.length; first += 1) {
    let bytes = 0;
    let seconds = bufferSeconds;
    for (const segment of segments.slice(first)) {
      bytes += segment.bytes;
      seconds += segment.seconds;
      most = Math.max(most, rate(bytes, seconds));
    }
  }
  return Math.ceil(most - EPSILON);
}
