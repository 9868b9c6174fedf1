import { type HdrPrimaries, type Rgb, lightToPq, pqToLight, toBt709 } from './light.js';

/**
 * HDR light that becomes SDR's white, cd/m²: the level of white paper and of graphics in HDR (ITU-R BT.2408). A picture
 * that uses no more than this comes out as an SDR picture of it, unchanged.
 */
export const REFERENCE_WHITE = 203;

/** Gamma of SDR displays (ITU-R BT.1886, black at 0). */
const SDR_GAMMA = 2.4;

/**
 * ITU-R BT.2390's EETF, 5.4.1, with black at 0: PQ signals of a picture with `peak` cd/m² to those of a display with
 * `white`. Straight up to a knee, so that midtones and skin keep their light, then a spline that ends level at `white`.
 */
export function eetf(signal: number, peak: number, white: number): number {
  const source = lightToPq(peak);
  const most = lightToPq(white) / source;
  if (most >= 1) return signal;
  const knee = 1.5 * most - 0.5;
  const x = Math.min(1, signal / source);
  if (x < knee) return signal;
  const t = (x - knee) / (1 - knee);
  const [t2, t3] = [t * t, t * t * t];
  const spline = (2 * t3 - 3 * t2 + 1) * knee + (t3 - 2 * t2 + t) * (1 - knee) + (-2 * t3 + 3 * t2) * most;
  return spline * source;
}

/**
 * SDR signals 0..1 in BT.709 primaries of HDR light in `primaries`, cd/m². The curve works on the largest of the
 * three, and the other two shrink alike: colours keep their hue and saturation where they are darkened.
 */
export function toneMap(light: Rgb, peak: number, primaries: HdrPrimaries): Rgb {
  const [red, green, blue] = toBt709(light, primaries);
  const most = Math.max(red, green, blue);
  if (most <= 0) return [0, 0, 0];
  const gain = pqToLight(eetf(lightToPq(most), peak, REFERENCE_WHITE)) / most / REFERENCE_WHITE;
  const signal = (value: number): number => Math.pow(Math.min(1, value * gain), 1 / SDR_GAMMA);
  return [signal(red), signal(green), signal(blue)];
}
