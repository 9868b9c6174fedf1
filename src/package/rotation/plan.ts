import { badUsage } from '../../errors.js';
import { frameSeconds } from '../../media/index.js';
import type { VideoInput } from '../types.js';

/**
 * Most key periods of a title. A film of three hours has eighteen of ten minutes; every one adds a period to the MPD, and its
 * keys to the key service, to licences and to the report.
 */
export const MOST_PERIODS = 64;

/** Guards comparisons of seconds against rounding. */
const EPSILON = 1e-9;

type Timed = Pick<VideoInput, 'frames' | 'fps'>;

/**
 * Throws DRM_KEY_PERIODS where a title would have more key periods than players and key services are to be asked for.
 */
export function checkKeyPeriods({ frames, fps }: Timed, seconds: number): void {
  const count = Math.ceil(frameSeconds(frames, fps) / seconds - EPSILON);
  if (count <= MOST_PERIODS) return;
  throw badUsage(
    'DRM_KEY_PERIODS',
    `with key periods of ${seconds} s the title would have ${count} of them, and ${MOST_PERIODS} are the most`,
    'Make --key-period longer.',
  );
}

/**
 * First frames of the key periods of a title, ascending from 0: of every multiple of `seconds` the first segment that begins
 * at or after it. A last period shorter than half of `seconds` belongs to the one before it, so that no licence is asked for
 * a few seconds of credits. Throws DRM_KEY_PERIODS.
 */
export function keyPeriodStarts(
  { segmentStarts, frames, fps }: Timed & Pick<VideoInput, 'segmentStarts'>,
  seconds: number,
): number[] {
  checkKeyPeriods({ frames, fps }, seconds);
  const starts = [0];
  let multiple = 1;
  for (const start of segmentStarts) {
    const at = frameSeconds(start, fps);
    if (at < multiple * seconds - EPSILON) continue;
    starts.push(start);
    // Of a segment that is longer than a period some multiples have no beginning of their own.
    multiple = Math.floor(at / seconds + EPSILON) + 1;
  }
  // With what it gets the one before may still be as short, where that began late.
  const isShort = (start: number): boolean => frameSeconds(frames - start, fps) < seconds / 2 - EPSILON;
  while (starts.length > 1 && isShort(starts.at(-1)!)) starts.pop();
  return starts;
}

/** A key period as it lies in a title. Frames are half-open. */
export interface KeyPeriod {
  /** From 0. */
  index: number;
  startFrame: number;
  endFrame: number;
}

/** The key periods that begin with these frames. */
export function keyPeriods(starts: readonly number[], frames: number): KeyPeriod[] {
  return starts.map((startFrame, index) => ({ index, startFrame, endFrame: starts[index + 1] ?? frames }));
}
