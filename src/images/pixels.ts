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

/** The scale filter says by itself what it makes of a matrix that it has no name of. */
const inMatrix = (name: string | undefined): string => (name === undefined ? '' : `:in_color_matrix=${name}`);

/** ffmpeg filters that bring a limited-range picture to a size, as full-range RGB in BT.709 or sRGB, 8 bits. */
export function toRgb({ colour, mapping }: Pixels, { width, height }: Size): string {
  const from = inMatrix(mapping ? scaleMatrix(colour.matrix) : MATRICES[colour.matrix]);
  const scaled = `scale=${width}:${height}:flags=area+${EXACT}:in_range=limited${from}:out_range=full`;
  if (!mapping) return `${scaled},format=rgb24`;
  // As stage tone-map does it, but at the size of the image: a table costs by pixel.
  return (
    `${scaled},format=gbrp16le,lut3d=file=${TONE_MAP_TABLE}:interp=tetrahedral,` +
    `scale=flags=${EXACT},format=rgb24`
  );
}

/** ffmpeg filters that bring a limited-range picture to a size, as 8-bit 4:2:0 video of BT.709 in limited range. */
export function toVideo(pixels: Pixels, { width, height }: Size): string {
  const end = 'out_range=limited:out_color_matrix=bt709,format=yuv420p,setsar=1';
  if (pixels.mapping)
    return `${toRgb(pixels, { width, height })},scale=flags=bicubic+${EXACT}:in_range=full:${end}`;
  const from = inMatrix(MATRICES[pixels.colour.matrix]);
  return `scale=${width}:${height}:flags=area+accurate_rnd+bitexact:in_range=limited${from}:${end}`;
}

/** Arguments before the inputs. With FMA3 the table's filter rounds otherwise than on processors without. */
export const PORTABLE = ['-cpuflags', '-fma3'];
