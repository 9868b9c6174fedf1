import { type Rational, frameSeconds } from '../../media/index.js';
import type { Cue } from '../../text/index.js';

/** Ticks a second of everything about text: WebVTT counts milliseconds. */
export const TEXT_TIMESCALE = 1000;

/** A stretch of the title, milliseconds, half-open, and the cues that are shown in it, with their own times. */
export interface TextSegment {
  start: number;
  end: number;
  cues: Cue[];
}

/** Length of a title, milliseconds. */
export function titleMs(frames: number, fps: Rational): number {
  return Math.round(frameSeconds(frames, fps) * TEXT_TIMESCALE);
}

/**
 * Divides a title into segments of one length, but for the last, and its cues among them. A cue is in every segment that it
 * is shown in; a segment without cues is one all the same. Cues come in order of their starts.
 */
export function textSegments(cues: readonly Cue[], length: number, segmentSeconds: number): TextSegment[] {
  const segments: TextSegment[] = [];
  for (let index = 0; segments.length === 0 || segments.at(-1)!.end < length; index += 1) {
    const start = Math.round(index * segmentSeconds * TEXT_TIMESCALE);
    const end = Math.min(length, Math.round((index + 1) * segmentSeconds * TEXT_TIMESCALE));
    segments.push({ start, end, cues: [] });
  }
  const indexOf = (time: number): number => {
    const guess = Math.min(segments.length - 1, Math.floor(time / (segmentSeconds * TEXT_TIMESCALE)));
    // Boundaries are rounded: the guess may be off by one.
    return segments[guess]!.start > time ? guess - 1 : segments[guess]!.end <= time ? guess + 1 : guess;
  };
  for (const cue of cues) {
    for (
      let index = indexOf(cue.start);
      index < segments.length && segments[index]!.start < cue.end;
      index += 1
    ) {
      segments[index]!.cues.push(cue);
    }
  }
  return segments;
}
