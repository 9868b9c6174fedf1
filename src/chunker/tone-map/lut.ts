import { toneMap } from './curve.js';
import { type HdrPrimaries, type Rgb, hlgToScene, pqToLight, sceneToLight } from './light.js';

/** How a picture is to be mapped; everything that decides the table. */
export interface ToneMapping {
  range: 'PQ' | 'HLG';
  primaries: HdrPrimaries;
  /** Brightest light that keeps detail, cd/m². */
  peak: number;
}

/**
 * Steps of the table along each axis. Between them ffmpeg goes straight, within a tetrahedron: greys are then at most 0.3 of
 * an 8-bit step off for PQ, 0.04 for HLG.
 */
export const LUT_SIZE = 65;

/** R'G'B' of HDR to light, cd/m²: what one channel does by itself, then what takes all three. */
const DECODERS: Record<
  ToneMapping['range'],
  { channel: (signal: number) => number; light: (all: Rgb) => Rgb }
> = {
  PQ: { channel: pqToLight, light: (all) => all },
  HLG: { channel: hlgToScene, light: sceneToLight },
};

/**
 * The table of a mapping from R'G'B' of HDR to that of SDR, as a .cube file; red changes fastest. Its six decimals hide in
 * what last bit the power functions of processors differ.
 */
export function cubeFile({ range, primaries, peak }: ToneMapping): string {
  const { channel, light } = DECODERS[range];
  const steps = Array.from({ length: LUT_SIZE }, (_, index) => channel(index / (LUT_SIZE - 1)));
  const lines = [`LUT_3D_SIZE ${LUT_SIZE}`];
  for (const blue of steps) {
    for (const green of steps) {
      for (const red of steps) {
        const [r, g, b] = toneMap(light([red, green, blue]), peak, primaries);
        lines.push(`${r.toFixed(6)} ${g.toFixed(6)} ${b.toFixed(6)}`);
      }
    }
  }
  return `${lines.join('\n')}\n`;
}
