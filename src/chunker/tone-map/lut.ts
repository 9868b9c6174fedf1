import { toneMap } from './curve.js';
import { type Rgb, hlgToLight, pqToLight } from './light.js';

/** How a picture is to be mapped; everything that decides the table. */
export interface ToneMapping {
  range: 'PQ' | 'HLG';
  /** Brightest light that keeps detail, cd/m². */
  peak: number;
}

/** Steps of the table along each axis. */
export const LUT_SIZE = 65;

function mapped(signal: Rgb, { range, peak }: ToneMapping): Rgb {
  if (range === 'HLG') return toneMap(hlgToLight(signal), peak);
  return toneMap([pqToLight(signal[0]), pqToLight(signal[1]), pqToLight(signal[2])], peak);
}

/**
 * The table of a mapping from R'G'B' of HDR to that of SDR, as a .cube file; red changes fastest. Six decimals are 250 times
 * finer than the 12 bits that an 8-bit picture could show, and hide in what last bit a processor's power function differs.
 */
export function cubeFile(mapping: ToneMapping): string {
  const steps = Array.from({ length: LUT_SIZE }, (_, index) => index / (LUT_SIZE - 1));
  const lines = [`LUT_3D_SIZE ${LUT_SIZE}`];
  for (const blue of steps) {
    for (const green of steps) {
      for (const red of steps) {
        lines.push(mapped([red, green, blue], mapping).map((value) => value.toFixed(6)).join(' '));
      }
    }
  }
  return `${lines.join('\n')}\n`;
}
