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

export interface Alignment {
  /** Encode's frame t looks like reference's frame t + shift; 0 where no other shift is a better one. */
  shift: number;
  /** Residual at that shift over the residual without shift, 0..1; 1 where shift is 0. */
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
 * Compares the fingerprints of `frames` successive frames of both sides at shifts −2..2. A shift counts when its
 * residual is a minimum between its two neighbours', both plain and moving: an encode so poor that it lags behind
 * slow motion or a fade gets ever closer to earlier frames, but has no such minimum.
 * Throws RangeError for less than MIN_FRAMES frames or for arrays of another size.
 */
export function alignment(reference: Uint8Array, encode: Uint8Array, frames: number): Alignment {
  const bytes = frames * FINGERPRINT_BYTES;
  if (frames < MIN_FRAMES || reference.length !== bytes || encode.length !== bytes) {
    throw new RangeError(`cannot align ${frames} frames (${reference.length} and ${encode.length} bytes)`);
  }
  const shifts = Array.from({ length: 2 * REACH + 1 }, (_, index) => index - REACH);
  const residuals = new Map(shifts.map((shift) => [shift, residual(reference, encode, frames, shift)]));
  const at = (shift: number): Residual => residuals.get(shift) as Residual;
  const ratio = (shift: number, kind: keyof Residual): number =>
    (at(shift)[kind] + ROUNDING) / (at(0)[kind] + ROUNDING);
  const isMinimum = (shift: number, kind: keyof Residual): boolean =>
    at(shift)[kind] <= Math.min(at(shift - 1)[kind], at(shift + 1)[kind]);

  let best: Alignment = { shift: 0, ratio: 1 };
  for (const shift of shifts.filter((s) => s !== 0 && Math.abs(s) <= MAX_SHIFT)) {
    if (!isMinimum(shift, 'plain') || !isMinimum(shift, 'moving')) continue;
    const worse = Math.max(ratio(shift, 'plain'), ratio(shift, 'moving'));
    if (worse < best.ratio) best = { shift, ratio: worse };
  }
  return best;
}

/**
 * True where an alignment of so many frames is evidence enough to refuse an encode. Of 130 encodes in step (stills,
 * fades, noise, blur, pans, film; crf 28 to 51 at 360 and 234 lines) none came below 0.75 over 12 frames or more, or
 * below 0.6 over 6; moving pictures that are out of step come to 0.0–0.5 at crf 28.
 */
export function isOutOfStep(found: Alignment, frames: number): boolean {
  return found.ratio < (frames - 2 * REACH < 12 ? 0.35 : 0.6);
}
