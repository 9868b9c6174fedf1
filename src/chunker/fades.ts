import type { Cut } from './cut-rules.js';

/** A frame with less luma deviation is one plain colour. */
const PLAIN = 2;
/** A frame with more has a picture. */
const PICTURE = 8;
/** How far from the plain frames the picture must be seen, frames. */
const FADE_FRAMES = 60;
/** A fade's last step may be this much larger than the one before it; a hard cut's is far larger. */
const GRADUAL = 2.5;
/** Weaker than any usual hard cut, stronger than a jump within a scene. */
const FADE_STRENGTH = 10;

function hasPicture(deviations: readonly number[], from: number, to: number): boolean {
  return deviations.slice(Math.max(0, from), to).some((deviation) => deviation >= PICTURE);
}

/**
 * Fades through one plain colour (mostly black): one cut each, at the first frame that is no longer plain, so that the
 * plain frames end the old shot. Only where the picture both goes and comes gradually: a hard edge is a hard cut, found
 * elsewhere, and a plain frame between two hard edges is a flash.
 *
 * @param deviations luma deviation of every frame
 * @param steps mean absolute luma difference of every frame from the one before; steps[0] is 0
 */
export function fadeCuts(
  deviations: readonly number[],
  steps: readonly number[],
  hard: readonly Cut[],
): Cut[] {
  const cuts: Cut[] = [];
  const taken = new Set(hard.map((cut) => cut.frame));
  for (let start = 1; start < deviations.length; start++) {
    if (deviations[start]! >= PLAIN || deviations[start - 1]! < PLAIN) continue;
    let end = start;
    while (end < deviations.length && deviations[end]! < PLAIN) end++;
    if (end === deviations.length) break;
    if (isFade(deviations, steps, start, end) && !anyWithin(taken, start - 1, end + 1)) {
      cuts.push({ frame: end, strength: FADE_STRENGTH });
    }
    start = end;
  }
  return cuts;
}

function isFade(
  deviations: readonly number[],
  steps: readonly number[],
  start: number,
  end: number,
): boolean {
  const before = Math.max(steps[start - 1] ?? 0, steps[start - 2] ?? 0);
  const after = Math.max(steps[end + 1] ?? 0, steps[end + 2] ?? 0);
  return (
    steps[start]! <= GRADUAL * before &&
    steps[end]! <= GRADUAL * after &&
    hasPicture(deviations, start - FADE_FRAMES, start) &&
    hasPicture(deviations, end, end + FADE_FRAMES)
  );
}

function anyWithin(frames: ReadonlySet<number>, from: number, to: number): boolean {
  for (let frame = from; frame <= to; frame++) if (frames.has(frame)) return true;
  return false;
}
