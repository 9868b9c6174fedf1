import { type Rational, even, toNumber } from '../media/index.js';
import { assumeColour, isHdr } from './colour.js';
import { finding } from './findings.js';
import { hdrFindings } from './hdr-findings.js';
import type { InterlaceVerdict } from './interlace.js';
import type { Orientation } from './orientation.js';
import type { Colour, Finding, HdrMetadata } from './types.js';
import type { PictureFacts } from './video-facts.js';

/** What is done to the pixels of a master, and what they are afterwards. */
export interface PicturePlan {
  /** ffmpeg filters in order; empty where the pixels stay as they are. */
  filters: string[];
  width: number;
  height: number;
  pixelFormat: 'yuv420p' | 'yuv420p10le';
  bitDepth: 8 | 10;
  colour: Required<Colour>;
  hdr?: HdrMetadata;
  findings: Finding[];
}

const floorEven = (value: number): number => value - (value % 2);

/** Deterministic, exact scaling; lanczos because the one place where it resamples is the squaring of pixels. */
const SCALE_FLAGS = 'flags=lanczos+accurate_rnd+full_chroma_int+full_chroma_inp+bitexact';

interface Geometry {
  filters: string[];
  /** Size before the format conversion, upright. */
  width: number;
  height: number;
  /** Width to scale to; equal to `width` where pixels are square. */
  squareWidth: number;
  findings: Finding[];
}

function describeOrientation({ rotation, mirrored, exact }: Orientation): string {
  const turned = `turned by ${rotation} degrees clockwise`;
  const how = mirrored ? (rotation === 0 ? 'mirrored' : `mirrored and ${turned}`) : turned;
  return `${how} to be upright${exact ? '' : ' (the nearest quarter turn to the angle in the file)'}`;
}

/** Deinterlaces, turns upright, crops to even. Scaling to square pixels is left to the one scale filter. */
function geometry(facts: PictureFacts, interlace: InterlaceVerdict): Geometry {
  const filters: string[] = [];
  const findings: Finding[] = [];
  if (interlace.kind === 'interlaced') {
    filters.push(`bwdif=mode=send_frame:parity=${interlace.parity}:deint=all`);
    const order = interlace.parity === 'tff' ? 'top' : 'bottom';
    findings.push(
      finding('deinterlaced', `interlaced, ${order} field first: deinterlaced, one frame for two fields`),
    );
  }
  const { orientation, pixelAspect } = facts;
  filters.push(...orientation.filters);
  const uprightWidth = orientation.swaps ? facts.height : facts.width;
  const uprightHeight = orientation.swaps ? facts.width : facts.height;
  if (orientation.filters.length > 0 || !orientation.exact) {
    findings.push(finding('rotated', describeOrientation(orientation)));
  }
  // Turned by a quarter, a wide pixel is a tall one.
  const aspect = orientation.swaps ? pixelAspect.den / pixelAspect.num : pixelAspect.num / pixelAspect.den;
  const square = aspect === 1;
  const width = square ? floorEven(uprightWidth) : uprightWidth;
  const height = floorEven(uprightHeight);
  const squareWidth = square ? width : even(uprightWidth * aspect);
  if (width !== uprightWidth || height !== uprightHeight) {
    filters.push(`crop=w=${width}:h=${height}:x=0:y=0:exact=1`);
    const what = `${uprightWidth}x${uprightHeight} to ${width}x${height}`;
    findings.push(finding('odd-dimensions', `odd size: the last column or row is cropped, ${what}`));
  }
  if (!square) {
    const what = `${width}x${height} to ${squareWidth}x${height}`;
    findings.push(
      finding(
        'non-square-pixels',
        `pixels of ${pixelAspect.num}:${pixelAspect.den}: scaled to square ones, ${what}`,
      ),
    );
  }
  return { filters, width, height, squareWidth, findings };
}

function formatFindings(facts: PictureFacts, bitDepth: number): Finding[] {
  const { format, pixelFormat, colour } = facts;
  const findings: Finding[] = [];
  if (format.model === 'rgb')
    findings.push(finding('rgb-converted', `RGB (${pixelFormat}): converted to YUV 4:2:0`));
  else if (format.chroma !== '4:2:0') {
    findings.push(
      finding('chroma-converted', `chroma ${format.chroma} (${pixelFormat}): converted to 4:2:0`),
    );
  }
  if (format.alpha) findings.push(finding('alpha-dropped', 'has a transparency channel: it is dropped'));
  if (format.bitDepth > bitDepth) {
    findings.push(
      finding('bit-depth-reduced', `${format.bitDepth} bits a component: reduced to ${bitDepth}`),
    );
  }
  if (colour.range === 'pc' && format.model !== 'rgb') {
    findings.push(finding('full-range', 'full range (0..255): converted to limited range (16..235)'));
  }
  return findings;
}

/**
 * The one scale filter: size, range, matrix, then the format. Left out where none of them changes, because a scaler
 * that has nothing to do still touches chroma.
 */
function conversion(
  facts: PictureFacts,
  size: Geometry,
  colour: Required<Colour>,
  pixelFormat: string,
): string[] {
  const full = facts.colour.range === 'pc';
  if (facts.pixelFormat === pixelFormat && !full && size.squareWidth === size.width) return [];
  const { model } = facts.format;
  const matrix = SCALE_MATRIX[colour.matrix] ?? 'bt709';
  // The scaler takes all grey for full range: limited grey goes through it as if in and out were both full.
  const grey = model === 'gray' && !full;
  const range = { in: full || grey ? 'full' : 'limited', out: grey ? 'full' : 'limited' };
  return [
    `scale=w=${size.squareWidth}:h=${size.height}:${SCALE_FLAGS}` +
      (model === 'rgb' ? '' : `:in_range=${range.in}:in_color_matrix=${matrix}`) +
      `:out_range=${range.out}:out_color_matrix=${matrix}`,
    `format=${pixelFormat}`,
    ...(grey ? ['setparams=range=limited'] : []),
  ];
}

/** The scale filter's names of matrices; it knows fewer than the tags. In and out are equal but for RGB. */
const SCALE_MATRIX: Record<string, string> = {
  bt709: 'bt709',
  fcc: 'fcc',
  bt470bg: 'bt470',
  smpte170m: 'smpte170m',
  smpte240m: 'smpte240m',
  bt2020nc: 'bt2020',
};

function colourFindings(
  facts: PictureFacts,
  assumed: readonly string[],
  colour: Required<Colour>,
): Finding[] {
  const findings: Finding[] = [];
  if (assumed.length > 0) {
    const values = `${colour.primaries}/${colour.transfer}/${colour.matrix}`;
    findings.push(
      finding(
        'colour-assumed',
        `no tag for ${assumed.join(', ')}: taken for ${values}, as its size suggests`,
      ),
    );
  }
  findings.push(...hdrFindings(facts));
  return findings;
}

/**
 * Decides how pixels become upright, square, even, progressive, 4:2:0, limited range, at 8 or 10 bits. Filters are
 * empty where the master is all that; then its own file can be used.
 */
export function planPicture(facts: PictureFacts, interlace: InterlaceVerdict, fps: Rational): PicturePlan {
  const hdr = isHdr(facts.colour.transfer);
  // HDR of 8 bits shows bands as it is; HDR10 and HLG have 10, and players look for that.
  const bitDepth = facts.format.bitDepth > 8 || hdr ? 10 : 8;
  const pixelFormat = bitDepth === 10 ? 'yuv420p10le' : 'yuv420p';
  const size = geometry(facts, interlace);
  const { colour, assumed } = assumeColour(facts.colour, facts, toNumber(fps));
  const converts = facts.pixelFormat !== pixelFormat || facts.colour.range === 'pc';
  // A display angle that is no quarter turn must not stay in the file: players and ffmpeg would act on it.
  const changes =
    converts || !facts.orientation.exact || size.filters.length > 0 || size.squareWidth !== size.width;
  const flag = interlace.flagWrong
    ? [finding('interlace-flag-wrong', 'flagged interlaced, but the picture is progressive: left as it is')]
    : [];
  const mixed =
    interlace.kind === 'mixed'
      ? [
          finding(
            'mixed-interlace',
            'some frames are combed (telecine or spliced material): left as they are',
          ),
        ]
      : [];
  return {
    filters: changes ? [...size.filters, ...conversion(facts, size, colour, pixelFormat), 'setsar=1'] : [],
    width: size.squareWidth,
    height: size.height,
    pixelFormat,
    bitDepth,
    colour,
    ...(hdr && facts.hdr.metadata ? { hdr: facts.hdr.metadata } : {}),
    findings: [
      ...size.findings,
      ...flag,
      ...mixed,
      ...formatFindings(facts, bitDepth),
      ...colourFindings(facts, assumed, colour),
    ],
  };
}
