import { TONE_MAP_TABLE, type ToneMapping, scaleMatrix } from '../chunker/index.js';
import type { NormalisedPicture } from '../ingest/index.js';
import type { Size } from './sizes.js';

/** The scale filter's names of matrices. */
const MATRICES: Readonly<Record<string, string>> = {
  bt709: 'bt709',
  smpte170m: 'smpte170m',
  bt470bg: 'bt470',
  smpte240m: 'smpte240m',
  fcc: 'fcc',
  bt2020nc: 'bt2020',
};

/** Exact and the same on all processors. */
const EXACT = 'accurate_rnd+full_chroma_int+full_chroma_inp+bitexact';

/** What decides how pixels of a picture become pixels of an image. */
export type Pixels = Pick<NormalisedPicture, 'colour'> & { mapping?: ToneMapping };

/** ffmpeg filters that bring a limited-range picture to a size, as full-range RGB in BT.709 or sRGB, 8 bits. */
export function toRgb({ colour, mapping }: Pixels, { width, height }: Size): string {
  const matrix = mapping ? scaleMatrix(colour.matrix) : MATRICES[colour.matrix];
  const from = matrix === undefined ? '' : `:in_color_matrix=${matrix}`;
  const scaled = `scale=${width}:${height}:flags=area+${EXACT}:in_range=limited${from}:out_range=full`;
  if (!mapping) return `${scaled},format=rgb24`;
  // As stage tone-map does it, but at the size of the image: a table costs by pixel.
  return (
    `${scaled},format=gbrp16le,lut3d=file=${TONE_MAP_TABLE}:interp=tetrahedral,` +
    `scale=flags=${EXACT},format=rgb24`
  );
}

/** As toRgb, then to 8-bit 4:2:0 video of BT.709, limited range. */
export function toVideo(pixels: Pixels, size: Size): string {
  const back = `scale=flags=bicubic+${EXACT}:in_range=full:out_range=limited:out_color_matrix=bt709`;
  return `${toRgb(pixels, size)},${back},format=yuv420p,setsar=1`;
}

/** Arguments before the inputs. With FMA3 the table's filter rounds otherwise than on processors without. */
export const PORTABLE = ['-cpuflags', '-fma3'];
