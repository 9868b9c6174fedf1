/** Size of a frame's fingerprint, one byte of luma a pixel. */
export const FINGERPRINT = { width: 64, height: 36 } as const;
export const FINGERPRINT_BYTES = FINGERPRINT.width * FINGERPRINT.height;

/** Shifts that are recognised, frames. One more to either side is looked at, to see that a minimum is one. */
export const MAX_SHIFT = 2;
const REACH = MAX_SHIFT + 1;

/** Fewest frames, beyond the reach on both sides, that can show a shift. */
export const MIN_FRAMES = 6 + 2 * REACH;

/** Added to residuals (luma levels squared): what rounding alone makes of a still picture. */
const ROUNDING = 0.1;

/** A shift must lower the plain residual to less than this share of what it is without. */
const PLAIN_SHARE = 0.85;

export interface Alignment {
  /** Encode's frame t looks like reference's frame t + shift; 0 where no other shift is a better one. */
  shift: number;
  /** Moving residual at that shift over that without shift, 0..1; 1 where shift is 0. */
  ratio: number;
}

interface Residual {
  /** Mean square of encode − reference. */
  plain: number;
  /** The same without what is constant in time at each pixel: an encode's lasting errors say nothing about time. */
  moving: number;
}

function residual(reference: Uint8Array, encode: Uint8Array, frames: number, shift: number): Residual {
  const count = frames - 2 * REACH;
  const sums = new Float64Array(FINGERPRINT_BYTES);
  let squares = 0;
  for (let frame = REACH; frame < frames - REACH; frame++) {
    const e = frame * FINGERPRINT_BYTES;
    const r = (frame + shift) * FINGERPRINT_BYTES;
    for (let i = 0; i < FINGERPRINT_BYTES; i++) {
      const difference = (encode[e + i] as number) - (reference[r + i] as number);
      sums[i] = (sums[i] as number) + difference;
      squares += difference * difference;
    }
  }
  const lasting = sums.reduce((total, sum) => total + (sum * sum) / count, 0);
  const scale = 1 / (count * FINGERPRINT_BYTES);
  return { plain: squares * scale, moving: Math.max(0, squares - lasting) * scale };
}

/**
 * Compares the fingerprints of `frames` successive frames of both sides at shifts −2..2. A shift counts when it lowers
 * the residual, plain and moving, to a minimum between its two neighbours: an encode so poor that it lags behind slow
 * motion or a fade gets ever closer to earlier frames, but seldom has such a minimum.
 * Throws RangeError for less than MIN_FRAMES frames or for arrays of another size.
 */
export function alignment(reference: Uint8Array, encode: Uint8Array, frames: number): Alignment {
  const bytes = frames * FINGERPRINT_BYTES;
  if (frames < MIN_FRAMES || reference.length !== bytes || encode.length !== bytes) {
    throw new RangeError(`cannot align ${frames} frames (${reference.length} and ${encode.length} bytes)`);
  }
  const shifts = Array.from({ length: 2 * REACH + 1 }, (_, index) => index - REACH);
  const residuals = new Map(shifts.map((shift) => [shift, residual(reference, encode, frames, shift)]));
  const at = (shift: number): Residual => residuals.get(shift)!;
  const ratio = (shift: number, kind: keyof Residual): number =>
    (at(shift)[kind] + ROUNDING) / (at(0)[kind] + ROUNDING);
  const isMinimum = (shift: number, kind: keyof Residual): boolean =>
    at(shift)[kind] <= Math.min(at(shift - 1)[kind], at(shift + 1)[kind]);

  return shifts
    .filter((shift) => shift !== 0 && Math.abs(shift) <= MAX_SHIFT)
    .filter((shift) => isMinimum(shift, 'plain') && isMinimum(shift, 'moving'))
    .filter((shift) => ratio(shift, 'plain') < PLAIN_SHARE)
    .map((shift) => ({ shift, ratio: ratio(shift, 'moving') }))
    .reduce((best, found) => (found.ratio < best.ratio ? found : best), { shift: 0, ratio: 1 });
}

/**
 * True where an alignment of so many frames is evidence enough to refuse an encode; the fewer frames, the clearer it
 * must be. Lowest ratios of some 250 encodes in step (stills, fades, noise, blur, pans, animation and film; x264 crf 22
 * to 51, slow to ultrafast, 540 to 234 lines): 0.79 over 42 frames or more (crf 51, ultrafast; 0.86 up to crf 45), 0.74
 * over 24, 0.63 over 6. Moving pictures that are out of step come to 0.0–0.6 at crf 28 and below.
 */
export function isOutOfStep(found: Alignment, frames: number): boolean {
  const compared = frames - 2 * REACH;
  const threshold = compared < 12 ? 0.4 : compared < 40 ? 0.6 : 0.72;
  return found.ratio < threshold;
}
