import type { Resolution } from '../encode/index.js';
import { even } from '../media/index.js';

/** The classes of resolution that ladders are made of (Apple's HLS authoring, 16:9). */
const CLASSES: readonly Resolution[] = [
  { width: 3840, height: 2160 },
  { width: 2560, height: 1440 },
  { width: 1920, height: 1080 },
  { width: 1280, height: 720 },
  { width: 960, height: 540 },
  { width: 768, height: 432 },
  { width: 640, height: 360 },
  { width: 416, height: 234 },
];

/** A class must be smaller than the next larger candidate by at least this factor to be worth a place. */
const LEAST_SHRINK = 0.95;

/** A picture of this shorter side (even) in the shape of another, dimensions even; the picture itself at its own. */
export function atHeight({ width, height }: Resolution, shortSide: number): Resolution {
  const scale = shortSide / Math.min(width, height);
  return { width: even(width * scale), height: even(height * scale) };
}

/**
 * Candidate resolutions of a picture, the largest first: the picture's own size, or the largest class within
 * `maxHeight`, and every smaller class, each in the picture's own shape (a portrait picture uses the classes turned).
 * Never larger than the picture, dimensions even, never empty.
 */
export function candidateResolutions(picture: Resolution, maxHeight = Infinity): Resolution[] {
  const portrait = picture.height > picture.width;
  const [long, short] = portrait ? [picture.height, picture.width] : [picture.width, picture.height];
  const fits = CLASSES.map((c) => Math.min(c.width / long, c.height / short));
  const scales = [1, ...fits.filter((scale) => scale < LEAST_SHRINK)].filter(
    (scale) => short * scale <= maxHeight,
  );
  const kept = scales.length > 0 ? scales : [Math.min(1, maxHeight / short)];
  return kept
    .map((scale) => ({ width: even(picture.width * scale), height: even(picture.height * scale) }))
    .filter(({ width, height }, index) => index === 0 || Math.min(width, height) >= 64);
}
