import { frameSeconds } from '../../media/index.js';
import type { RungTarget, SearchInput } from './types.js';

/** All values of crf that the search may use, ascending. */
export function crfGrid({ min, max, step }: SearchInput['crf']): number[] {
  return Array.from({ length: Math.round((max - min) / step) + 1 }, (_, i) => min + i * step);
}

/** Number of the range of crf, from 0 on, whose encodes at this height can be joined with those of `crf`. */
export function joinableRange(
  { crfBreaks }: Pick<SearchInput, 'crfBreaks'>,
  height: number,
  crf: number,
): number {
  return crfBreaks?.filter((at) => at.height === height && at.from <= crf).length ?? 0;
}

/** Length of all shots, seconds. */
export function titleSeconds({ shots, fps }: SearchInput): number {
  return frameSeconds(
    shots.reduce((sum, shot) => sum + shot.frames, 0),
    fps,
  );
}

/** Highest average bit rate that a rung for this target may have, bit/s; Infinity where nothing limits it. */
export function ceilingOf(target: RungTarget | undefined, { maxBitrate }: SearchInput['ladder']): number {
  return Math.min(target && 'bitrate' in target ? target.bitrate : Infinity, maxBitrate ?? Infinity);
}

/** Highest bit rate of a group of pictures at this height, bit/s; Infinity where nothing limits it. */
export function peakCapOf({ peakCaps }: SearchInput, height: number): number {
  return peakCaps?.find((cap) => cap.height === height)?.bitrate ?? Infinity;
}
