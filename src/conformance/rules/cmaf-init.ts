import type { Init } from '../boxes/init.js';
import { type BoxNode, boxAt, boxIn, fieldsOf } from '../boxes/node.js';
import { trackName } from './iso-init.js';
import type { Rule } from './rule.js';

const CMAF = { severity: 'error', profile: 'cmaf' } as const;

const BRANDS: Rule<Init> = {
  ...CMAF,
  id: 'CMAF-BRANDS',
  reference: 'ISO/IEC 23000-19, 7.2 and 7.3.2.2',
  asks: 'a CMAF header carries a structural brand, cmfc or cmf2',
  check: ({ brands }, report) => {
    if (!brands.has('cmfc') && !brands.has('cmf2')) {
      report({ expected: 'cmfc or cmf2', found: [...brands].join(', ') || 'no brands' });
    }
  },
};

const ONE_TRACK: Rule<Init> = {
  ...CMAF,
  id: 'CMAF-ONE-TRACK',
  reference: 'ISO/IEC 23000-19, 7.3.1',
  asks: 'a CMAF header has exactly one track',
  check: ({ tracks }, report) => {
    if (tracks.length !== 1) {
      report({ expected: 'one track', found: tracks.map(trackName).join(', ') || 'none' });
    }
  },
};

const ORDER: Rule<Init> = {
  ...CMAF,
  id: 'CMAF-HEADER-ORDER',
  reference: 'ISO/IEC 23000-19, 7.3.1',
  asks: 'moov begins with mvhd, trak with tkhd, mdia with mdhd',
  check: ({ moov, tracks }, report) => {
    const first = (box: BoxNode | undefined, wanted: string): void => {
      const found = box?.children[0]?.type;
      if (box && found !== wanted)
        report({ expected: `${wanted} first in ${box.type}`, found: found ?? 'nothing' });
    };
    first(moov, 'mvhd');
    for (const { box } of tracks) {
      first(box, 'tkhd');
      first(boxAt(box, 'mdia'), 'mdhd');
    }
  },
};

const DURATIONS: Rule<Init> = {
  ...CMAF,
  id: 'CMAF-DURATIONS',
  reference: 'ISO/IEC 23000-19, 7.5.1, 7.5.4 and 7.5.5',
  asks: 'mvhd, tkhd and mdhd say 0 as duration: samples are in fragments',
  check: ({ moov, tracks }, report) => {
    const durations: [string, number | undefined][] = [
      ['mvhd', fieldsOf(boxAt(moov, 'mvhd'), 'mvhd')?.duration],
      ...tracks.flatMap(({ box }): [string, number | undefined][] => [
        ['tkhd', fieldsOf(boxAt(box, 'tkhd'), 'tkhd')?.duration],
        ['mdhd', fieldsOf(boxAt(box, 'mdia', 'mdhd'), 'mdhd')?.duration],
      ]),
    ];
    for (const [type, duration] of durations) {
      if (duration !== undefined && duration !== 0) {
        report({ expected: `a duration of 0 in ${type}`, found: String(duration) });
      }
    }
  },
};

const IDENTITY = [0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000].join();

const DEFAULTS: Rule<Init> = {
  ...CMAF,
  id: 'CMAF-HEADER-DEFAULTS',
  reference: 'ISO/IEC 23000-19, 7.5.1 and 7.5.4',
  asks: 'mvhd has rate and volume 1, and mvhd and tkhd have the matrix that changes nothing',
  check: ({ moov, tracks }, report) => {
    const mvhd = fieldsOf(boxAt(moov, 'mvhd'), 'mvhd');
    if (!mvhd) return;
    if (mvhd.rate !== 0x10000) report({ expected: 'rate 1 in mvhd', found: String(mvhd.rate / 0x10000) });
    if (mvhd.volume !== 1) report({ expected: 'volume 1 in mvhd', found: String(mvhd.volume) });
    const matrices = [
      ['mvhd', mvhd.matrix] as const,
      ...tracks.map(({ box }) => ['tkhd', fieldsOf(boxAt(box, 'tkhd'), 'tkhd')?.matrix] as const),
    ];
    for (const [type, matrix] of matrices) {
      const text = matrix && [...matrix].join();
      if (text !== undefined && text !== IDENTITY)
        report({ expected: `no transformation in ${type}`, found: text });
    }
  },
};

const DREF: Rule<Init> = {
  ...CMAF,
  id: 'CMAF-DREF',
  reference: 'ISO/IEC 23000-19, 7.5.9',
  asks: 'dref has one entry, which says that the media is in the same file',
  check: ({ tracks }, report) => {
    for (const { box } of tracks) {
      const entries = boxAt(box, 'mdia', 'minf', 'dinf', 'dref')?.children ?? [];
      const inside = entries.filter(({ data }) => data.length >= 12 && (data.readUInt32BE(8) & 1) === 1);
      if (entries.length !== 1 || inside.length !== 1) {
        report({
          expected: 'one entry with flag 1',
          found: `${entries.length} entries, ${inside.length} with it`,
        });
      }
    }
  },
};

/** Also of segments. */
export function reportFileLevel(boxes: readonly BoxNode[], report: Parameters<Rule<Init>['check']>[1]): void {
  for (const type of ['meta', 'udta']) {
    if (boxIn(boxes, type)) report({ expected: `no ${type} at file level`, found: type });
  }
}

const FILE_LEVEL: Rule<Init> = {
  ...CMAF,
  id: 'CMAF-FILE-META',
  reference: 'ISO/IEC 23000-19, 7.5.2',
  asks: 'meta and udta are inside of other boxes, not at file level',
  check: ({ boxes }, report) => reportFileLevel(boxes, report),
};

/** Sample entries whose parameter sets may be in the samples, so that the header must say colour and shape. */
const IN_BAND = new Set(['avc3', 'hev1']);

const COLR_PASP: Rule<Init> = {
  ...CMAF,
  id: 'CMAF-COLR-PASP',
  reference: 'ISO/IEC 23000-19, 9.2.4 and B.2.3',
  asks: 'sample entries with parameter sets in band (avc3, hev1) have colr of type nclx, and pasp',
  check: ({ tracks }, report) => {
    for (const track of tracks) {
      for (const { format, colour, pixel } of track.entries) {
        if (!IN_BAND.has(format)) continue;
        if (!colour) report({ expected: `colr (nclx) in ${format}`, found: 'none' });
        if (!pixel) report({ expected: `pasp in ${format}`, found: 'none' });
      }
    }
  },
};

const CMF2_EDITS: Rule<Init> = {
  ...CMAF,
  id: 'CMAF-CMF2-EDITS',
  reference: 'ISO/IEC 23000-19, 7.7.2',
  asks: 'a track of brand cmf2 with pictures has no edit list',
  check: ({ brands, tracks }, report) => {
    if (!brands.has('cmf2')) return;
    for (const track of tracks) {
      if (track.kind === 'video' && track.edits)
        report({ expected: 'no elst', found: `elst in ${trackName(track)}` });
    }
  },
};

export const CMAF_INIT_RULES: readonly Rule<Init>[] = [
  ...[BRANDS, ONE_TRACK, ORDER, DURATIONS, DEFAULTS, DREF, FILE_LEVEL, COLR_PASP, CMF2_EDITS],
];
