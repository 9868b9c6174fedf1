import type { Colour, VideoRange } from '../ingest/index.js';

/** Code points of a colour description (ITU-T H.273). */
export interface CodePoints {
  primaries: number;
  transfer: number;
  matrix: number;
}

/** What manifests say of an unknown tag. */
const UNSPECIFIED = 2;

const PRIMARIES: Record<string, number> = {
  ...{ bt709: 1, bt470m: 4, bt470bg: 5, smpte170m: 6, smpte240m: 7, film: 8, bt2020: 9 },
  ...{ smpte428: 10, smpte431: 11, smpte432: 12, ebu3213: 22 },
};
const TRANSFER: Record<string, number> = {
  ...{ bt709: 1, bt470m: 4, bt470bg: 5, smpte170m: 6, smpte240m: 7, linear: 8, log100: 9, log316: 10 },
  ...{ 'iec61966-2-4': 11, bt1361e: 12, 'iec61966-2-1': 13, 'bt2020-10': 14, 'bt2020-12': 15 },
  ...{ smpte2084: 16, smpte428: 17, 'arib-std-b67': 18 },
};
const MATRIX: Record<string, number> = {
  ...{ gbr: 0, bt709: 1, fcc: 4, bt470bg: 5, smpte170m: 6, smpte240m: 7, ycgco: 8, bt2020nc: 9, bt2020c: 10 },
  ...{ smpte2085: 11, 'chroma-derived-nc': 12, 'chroma-derived-c': 13, ictcp: 14 },
};

/** Code points of ffmpeg's names. */
export function codePointsOf({ primaries, transfer, matrix }: Required<Colour>): CodePoints {
  return {
    primaries: PRIMARIES[primaries] ?? UNSPECIFIED,
    transfer: TRANSFER[transfer] ?? UNSPECIFIED,
    matrix: MATRIX[matrix] ?? UNSPECIFIED,
  };
}

/** VIDEO-RANGE of a transfer code point (draft-pantos-hls-rfc8216bis, 4.4.6.2). */
export function rangeOfTransfer(transfer: number): VideoRange {
  if (transfer === 16) return 'PQ';
  return transfer === 18 ? 'HLG' : 'SDR';
}
