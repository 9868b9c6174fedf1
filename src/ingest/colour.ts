import type { Colour, VideoRange } from './types.js';

/** Values that ffprobe prints where there is no tag. */
const UNTAGGED = new Set(['', 'unknown', 'unspecified', 'reserved', 'N/A']);

const tagged = (value: string | undefined): string | undefined =>
  value === undefined || UNTAGGED.has(value) ? undefined : value;

export interface ColourTags {
  color_primaries?: string | undefined;
  color_transfer?: string | undefined;
  color_space?: string | undefined;
  color_range?: string | undefined;
}

/** The master's tags: the container's first, where it has none the decoder's. `fullRange`: what the format implies. */
export function colourOf(stream: ColourTags, frame: ColourTags | undefined, fullRange: boolean): Colour {
  const pick = (key: keyof ColourTags): string | undefined => tagged(stream[key]) ?? tagged(frame?.[key]);
  const primaries = pick('color_primaries');
  const transfer = pick('color_transfer');
  const matrix = pick('color_space');
  const range = pick('color_range');
  return {
    ...(primaries === undefined ? {} : { primaries }),
    ...(transfer === undefined ? {} : { transfer }),
    ...(matrix === undefined ? {} : { matrix }),
    range: fullRange || range === 'pc' ? 'pc' : 'tv',
  };
}

export interface AssumedColour {
  colour: Required<Colour>;
  /** Tags that were missing, e.g. ['primaries', 'matrix']. */
  assumed: string[];
}

/**
 * Fills in missing tags from the size, as players do: BT.709 from 1280 wide or 720 high, else BT.601, whose
 * primaries and matrix are those of 625 lines (bt470bg) at 25 and 50 fps and of 525 lines (smpte170m) otherwise. Both
 * have the transfer curve of smpte170m. HDR is of BT.2020 (BT.2100) at any size. RGB has no matrix; it gets the one that it
 * is converted with.
 */
export function assumeColour(
  colour: Colour,
  size: { width: number; height: number },
  fps: number,
): AssumedColour {
  const high = size.width >= 1280 || size.height >= 720;
  const pal = Math.abs(fps % 25) < 0.01;
  const sd = pal ? 'bt470bg' : 'smpte170m';
  const standard = isHdr(colour.transfer)
    ? { primaries: 'bt2020', transfer: 'smpte2084', matrix: 'bt2020nc' }
    : high
      ? { primaries: 'bt709', transfer: 'bt709', matrix: 'bt709' }
      : { primaries: sd, transfer: 'smpte170m', matrix: sd };
  const matrix = colour.matrix === 'gbr' ? undefined : colour.matrix;
  const assumed = (['primaries', 'transfer'] as const).filter((key) => colour[key] === undefined).map(String);
  if (colour.matrix === undefined) assumed.push('matrix');
  return {
    colour: {
      primaries: colour.primaries ?? standard.primaries,
      transfer: colour.transfer ?? standard.transfer,
      matrix: matrix ?? (colour.primaries === 'bt2020' ? 'bt2020nc' : standard.matrix),
      range: 'tv',
    },
    assumed,
  };
}

/** Family of a transfer curve, by ffmpeg's name of it. */
export function videoRangeOf(transfer: string | undefined): VideoRange {
  if (transfer === 'smpte2084') return 'PQ';
  return transfer === 'arib-std-b67' ? 'HLG' : 'SDR';
}

export function isHdr(transfer: string | undefined): boolean {
  return videoRangeOf(transfer) !== 'SDR';
}
