import {
  appendTo,
  appendToTraf,
  box,
  boxAt,
  firstSlice,
  moveFirst,
  rename,
  setWord,
  word,
  words,
} from '../boxes.js';
import { BIG, type Breaker, SMALL, SOUND } from './breaker.js';

const VIDEO_ENTRY = 'moov/trak/mdia/minf/stbl/stsd/avc1';
const MDHD = 'moov/trak/mdia/mdhd';

const isAvcSlice = (header: number): boolean => (header & 31) >= 1 && (header & 31) <= 5;

/** Edits one file of our package. */
function patch(
  breaks: string,
  path: string,
  edit: (bytes: Buffer) => Buffer | void,
  ...rules: string[]
): Breaker {
  return { breaks, base: 'ours', edit: (stream) => stream.patch(path, edit), rules: rules.sort() };
}

const INIT = `${BIG}/init.mp4`;

export const ISO_BREAKERS: Breaker[] = [
  patch('a segment is cut off', `${BIG}/4.m4s`, (bytes) => bytes.subarray(0, -1000), 'ISO-BOX-STRUCTURE'),
  patch(
    'a box is larger than the one that it is in',
    INIT,
    (bytes) => setWord(bytes, 'moov/trak/mdia/hdlr', 0, 4000),
    'ISO-BOX-STRUCTURE',
  ),
  patch(
    'a run says that it has four billion samples',
    `${SOUND}/3.m4s`,
    (bytes) => setWord(bytes, 'moof/traf/trun', 12, 0xffffffff),
    'ISO-BOX-FIELDS',
  ),
  patch(
    'an edit list is longer than its box',
    `${SOUND}/init.mp4`,
    (bytes) => setWord(bytes, 'moov/trak/edts/elst', 12, 70_000),
    'ISO-BOX-FIELDS',
  ),
  patch('ftyp is not first', INIT, (bytes) => Buffer.concat([box('free'), bytes]), 'ISO-INIT-BOXES'),
  patch(
    'there are two moov',
    `${SOUND}/init.mp4`,
    (bytes) => Buffer.concat([bytes, box('moov')]),
    'ISO-INIT-BOXES',
  ),
  patch(
    'the header has samples of its own',
    INIT,
    (bytes) => setWord(bytes, 'moov/trak/mdia/minf/stbl/stts', 12, 1),
    'ISO-INIT-EMPTY',
  ),
  patch('there is no trex', INIT, (bytes) => rename(bytes, 'moov/mvex/trex', 'free'), 'ISO-TREX'),
  patch(
    'two tracks have one id',
    `${SOUND}/init.mp4`,
    (bytes) => {
      const { start, end } = boxAt(bytes, 'moov/trak');
      return appendTo(bytes, 'moov', bytes.subarray(start, end));
    },
    ...['CMAF-ONE-TRACK', 'ISO-TRACK-IDS'],
  ),
  patch(
    'a track has no timescale',
    `${SOUND}/init.mp4`,
    (bytes) => setWord(bytes, MDHD, 20, 0),
    'ISO-TIMESCALE',
  ),
  patch(
    'pictures have a header of sound',
    INIT,
    (bytes) => rename(bytes, 'moov/trak/mdia/minf/vmhd', 'smhd'),
    'ISO-HANDLER',
  ),
  patch(
    'a sample entry has no configuration',
    INIT,
    (bytes) => rename(bytes, `${VIDEO_ENTRY}/avcC`, 'free'),
    'ISO-SAMPLE-ENTRY',
  ),
  patch(
    'an edit plays at double speed',
    INIT,
    (bytes) => setWord(bytes, 'moov/trak/edts/elst', 24, 0x20000),
    'ISO-EDIT-LIST',
  ),
  patch(
    'tkhd has another size than the pictures',
    INIT,
    (bytes) => setWord(bytes, 'moov/trak/tkhd', 84, 999 << 16),
    'ISO-TKHD-SIZE',
  ),
  patch(
    'styp is second',
    `${BIG}/2.m4s`,
    (bytes) => {
      rename(bytes, 'sidx', 'free');
      return moveFirst(bytes, 'free');
    },
    'ISO-STYP-FIRST',
  ),
  patch(
    'an event message stands behind the media',
    `${SOUND}/2.m4s`,
    (bytes) => {
      rename(bytes, 'sidx', 'free');
      const strings = Buffer.from('urn:x\0y\0');
      return Buffer.concat([bytes, box('emsg', words(0), strings, words(1, 0, 0, 1))]);
    },
    'ISO-EMSG-ORDER',
  ),
  patch('a fragment has no media', `${SOUND}/2.m4s`, (bytes) => rename(bytes, 'mdat', 'free'), 'ISO-MOOF'),
  patch(
    'a fragment is of another track',
    `${SOUND}/2.m4s`,
    (bytes) => setWord(bytes, 'moof/traf/tfhd', 12, 7),
    'ISO-TFHD-TRACK',
  ),
  patch(
    'a fragment is of a sample entry that there is not',
    `${SOUND}/2.m4s`,
    (bytes) => setWord(bytes, 'moof/traf/tfhd', 16, 5),
    'ISO-TFHD-TRACK',
  ),
  patch(
    'data is not counted from the moof',
    `${BIG}/2.m4s`,
    (bytes) => setWord(bytes, 'moof/traf/tfhd', 8, word(bytes, 'moof/traf/tfhd', 8) & ~0x20000),
    'ISO-BASE-IS-MOOF',
  ),
  patch(
    'a fragment has no time',
    `${SOUND}/2.m4s`,
    (bytes) => rename(bytes, 'moof/traf/tfdt', 'free'),
    'ISO-TFDT',
  ),
  patch(
    'samples have no duration',
    `${SOUND}/4.m4s`,
    (bytes) => setWord(bytes, 'moof/traf/tfhd', 20, 0),
    ...['APPLE-EXTINF-SUM', 'DASH-COVERAGE', 'DASH-TIMELINE-MEDIA', 'HLS-EXTINF-MEDIA'],
    ...['ISO-SAMPLE-DURATION', 'ISO-SIDX'],
  ),
  patch(
    'data begins before the media',
    `${SOUND}/2.m4s`,
    (bytes) => setWord(bytes, 'moof/traf/trun', 16, word(bytes, 'moof/traf/trun', 16) - 8),
    'ISO-TRUN-DATA',
  ),
  patch(
    'data ends beyond the media',
    `${SOUND}/2.m4s`,
    (bytes) => setWord(bytes, 'moof/traf/trun', 16, word(bytes, 'moof/traf/trun', 16) + 8),
    'ISO-TRUN-DATA',
  ),
  patch(
    'a sync sample is none',
    `${BIG}/2.m4s`,
    (bytes) => {
      const at = firstSlice(bytes, isAvcSlice);
      bytes.writeUInt8((bytes.readUInt8(at) & ~31) | 1, at);
    },
    'ISO-SYNC-SAMPLE',
  ),
  patch(
    'a fragment has the number 0',
    `${BIG}/2.m4s`,
    (bytes) => setWord(bytes, 'moof/mfhd', 12, 0),
    'ISO-MFHD-SEQUENCE',
  ),
  patch(
    'an index is of more bytes than there are',
    `${SOUND}/2.m4s`,
    (bytes) => setWord(bytes, 'sidx', 32, word(bytes, 'sidx', 32) + 1),
    'ISO-SIDX',
  ),
  patch(
    'an index begins at another time',
    `${SOUND}/2.m4s`,
    (bytes) => setWord(bytes, 'sidx', 20, word(bytes, 'sidx', 20) + 5000),
    'ISO-SIDX',
  ),
  patch(
    'a segment begins later than the one before it ends',
    `${SOUND}/3.m4s`,
    (bytes) => setWord(bytes, 'moof/traf/tfdt', 12, word(bytes, 'moof/traf/tfdt', 12) + 500),
    ...['DASH-TIMELINE-MEDIA', 'ISO-SIDX', 'ISO-TFDT-CONTINUITY'],
  ),
];

export const CMAF_BREAKERS: Breaker[] = [
  {
    ...patch(
      'a header does not say that it is CMAF',
      INIT,
      (bytes) => {
        bytes.write('iso9', bytes.indexOf('cmfc'), 'latin1');
      },
      'CMAF-BRANDS',
    ),
    profiles: ['cmaf'],
  },
  patch('mvhd is not first', INIT, (bytes) => moveFirst(bytes, 'moov/meta'), 'CMAF-HEADER-ORDER'),
  patch('a track has a duration', INIT, (bytes) => setWord(bytes, 'moov/trak/tkhd', 28, 5), 'CMAF-DURATIONS'),
  patch(
    'the movie plays at double speed',
    INIT,
    (bytes) => setWord(bytes, 'moov/mvhd', 28, 0x20000),
    'CMAF-HEADER-DEFAULTS',
  ),
  patch(
    'the media is in another file',
    INIT,
    (bytes) => setWord(bytes, 'moov/trak/mdia/minf/dinf/dref/url', 8, 0),
    'CMAF-DREF',
  ),
  patch(
    'metadata is at the file level',
    INIT,
    (bytes) => Buffer.concat([bytes, box('meta', words(0))]),
    'CMAF-FILE-META',
  ),
  {
    breaks: 'parameter sets in band without pasp',
    base: 'ours',
    edit: (stream) => {
      for (const folder of [BIG, SMALL])
        stream.patch(`${folder}/init.mp4`, (bytes) => rename(bytes, VIDEO_ENTRY, 'avc3'));
      for (const manifest of ['master.m3u8', 'manifest.mpd']) stream.everywhere(manifest, 'avc1.', 'avc3.');
    },
    rules: ['CMAF-COLR-PASP'],
  },
  patch(
    'a track of cmf2 has edits, and runs of version 0',
    INIT,
    (bytes) => {
      bytes.write('cmf2', bytes.indexOf('cmfc'), 'latin1');
    },
    ...['CMAF-CMF2-EDITS', 'CMAF-CMF2-FRAGMENTS'],
  ),
  patch(
    'a fragment has two runs',
    `${SOUND}/2.m4s`,
    (bytes) => appendToTraf(bytes, box('trun', words(1, 0, 0))),
    'CMAF-ONE-TRAF',
  ),
  patch(
    'a run is of version 2',
    `${SOUND}/2.m4s`,
    (bytes) => setWord(bytes, 'moof/traf/trun', 8, word(bytes, 'moof/traf/trun', 8) | (2 << 24)),
    'CMAF-TRUN',
  ),
  patch(
    'a segment does not begin with a key frame',
    `${BIG}/2.m4s`,
    // Version and flags, number, data offset; then size, flags and offset of the first sample.
    (bytes) => setWord(bytes, 'moof/traf/trun', 24, word(bytes, 'moof/traf/trun', 24) | 0x10000),
    ...['CMAF-SAP', 'DASH-SAP', 'HLS-IFRAME-RANGE', 'HLS-INDEPENDENT-SEGMENTS'],
  ),
  patch(
    'the edit that puts the first picture at 0 is lost',
    INIT,
    (bytes) => setWord(bytes, 'moov/trak/edts/elst', 20, 0),
    ...[
      'APPLE-ALIGNMENT',
      'CMAF-EDIT-LIST',
      'DASH-SEGMENT-ALIGNMENT',
      'DASH-TIMELINE-MEDIA',
      'HLS-TIMESTAMPS',
    ],
  ),
  patch(
    'tracks to switch between have different languages',
    INIT,
    (bytes) => {
      bytes.writeUInt16BE(0x15c7, boxAt(bytes, MDHD).start + 28);
    },
    'CMAF-SWITCHING-SET',
  ),
];
