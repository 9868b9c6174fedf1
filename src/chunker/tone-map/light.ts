/** Light of one pixel, red, green and blue. */
export type Rgb = readonly [red: number, green: number, blue: number];

const M1 = 2610 / 16_384;
const M2 = (2523 / 4096) * 128;
const C1 = 3424 / 4096;
const C2 = (2413 / 4096) * 32;
const C3 = (2392 / 4096) * 32;

/** Most light that PQ can say, cd/m². */
export const PQ_PEAK = 10_000;

/** cd/m² of a PQ signal 0..1 (SMPTE ST 2084, EOTF). */
export function pqToLight(signal: number): number {
  const power = Math.pow(Math.max(0, signal), 1 / M2);
  return PQ_PEAK * Math.pow(Math.max(0, power - C1) / (C2 - C3 * power), 1 / M1);
}

/** PQ signal 0..1 of cd/m² (SMPTE ST 2084, inverse EOTF). */
export function lightToPq(light: number): number {
  const power = Math.pow(Math.max(0, light) / PQ_PEAK, M1);
  return Math.pow((C1 + C2 * power) / (1 + C3 * power), M2);
}

const HLG_A = 0.178_832_77;
const HLG_B = 1 - 4 * HLG_A;
const HLG_C = 0.5 - HLG_A * Math.log(4 * HLG_A);

/** The display that HLG is looked at on, cd/m²: BT.2100's nominal one, for which its system gamma is 1.2. */
export const HLG_PEAK = 1000;
const HLG_GAMMA = 1.2;

/** Scene light 0..1 of an HLG signal 0..1 (ITU-R BT.2100, inverse OETF). */
export function hlgToScene(signal: number): number {
  return signal <= 0.5 ? (signal * signal) / 3 : (Math.exp((signal - HLG_C) / HLG_A) + HLG_B) / 12;
}

/** Luminance of light in BT.2020 primaries. */
const LUMA_2020: Rgb = [0.2627, 0.678, 0.0593];

const dot = (a: Rgb, b: Rgb): number => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];

/** cd/m² on a display of HLG_PEAK of HLG's scene light: the OOTF, which works on luminance (ITU-R BT.2100). */
export function sceneToLight(scene: Rgb): Rgb {
  const gain = HLG_PEAK * Math.pow(Math.max(0, dot(LUMA_2020, scene)), HLG_GAMMA - 1);
  return [scene[0] * gain, scene[1] * gain, scene[2] * gain];
}

/** Rows of a matrix on light. */
type Matrix = readonly [Rgb, Rgb, Rgb];

/** Primaries that HDR comes in, by ffmpeg's names: BT.2100's, those of P3 with D65, and SDR's own. */
export type HdrPrimaries = 'bt2020' | 'smpte432' | 'bt709';

/** To light in BT.709 primaries (of BT.2020: ITU-R BT.2407, 2.2; of P3-D65: by the same sums). */
const TO_709: Record<HdrPrimaries, Matrix> = {
  bt2020: [
    [1.660491, -0.587641, -0.07285],
    [-0.12455, 1.1329, -0.00835],
    [-0.018151, -0.100579, 1.11873],
  ],
  smpte432: [
    [1.22494, -0.22494, 0],
    [-0.042057, 1.042057, 0],
    [-0.019638, -0.078636, 1.098274],
  ],
  bt709: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
};
const LUMA_709: Rgb = [0.2126, 0.7152, 0.0722];

/** Luminance of light in BT.709 primaries. */
export const luminance = (light: Rgb): number => dot(LUMA_709, light);

/**
 * Light in BT.709 primaries. A colour outside BT.709 is drawn towards grey of the same luminance until it is inside:
 * cutting off what is negative would change its hue.
 */
export function toBt709(light: Rgb, primaries: HdrPrimaries): Rgb {
  const matrix = TO_709[primaries];
  const converted: Rgb = [dot(matrix[0], light), dot(matrix[1], light), dot(matrix[2], light)];
  const least = Math.min(...converted);
  if (least >= 0) return converted;
  const grey = Math.max(0, luminance(converted));
  const share = grey / (grey - least);
  const drawn = (value: number): number => Math.max(0, grey + share * (value - grey));
  return [drawn(converted[0]), drawn(converted[1]), drawn(converted[2])];
}
