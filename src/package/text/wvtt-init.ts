import { box, codes, fullBox, u16, u32, utf8 } from './boxes.js';
import { TEXT_TIMESCALE } from './segments.js';

const TRACK_ID = 1;
const UNITY_MATRIX = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);
/** Every sample can be decoded by itself (ISO/IEC 14496-12, 8.8.3.1: it depends on no other). */
const INDEPENDENT = 0x02000000;

/** Three letters of five bits; `und` for tags of two letters, which stand in `elng`. */
function packedLanguage(tag: string): Buffer {
  const letters = /^[a-z]{3}(?=-|$)/.exec(tag)?.[0] ?? 'und';
  return u16([...letters].reduce((packed, letter) => (packed << 5) | (letter.charCodeAt(0) - 0x60), 0));
}

const sampleTable = (): Buffer =>
  box(
    'stbl',
    fullBox(
      'stsd',
      0,
      0,
      u32(1),
      // WebVTTSampleEntry (ISO/IEC 14496-30, 7.5): six reserved bytes, the data reference, and the header of the file.
      box('wvtt', u32(0), u16(0, 1), box('vttC', utf8('WEBVTT'))),
    ),
    fullBox('stts', 0, 0, u32(0)),
    fullBox('stsc', 0, 0, u32(0)),
    fullBox('stsz', 0, 0, u32(0, 0)),
    fullBox('stco', 0, 0, u32(0)),
  );

const track = (language: string): Buffer =>
  box(
    'trak',
    // Enabled, in the movie and in its preview; no size, no volume.
    fullBox('tkhd', 0, 7, u32(0, 0, TRACK_ID, 0, 0, 0, 0), u16(0, 0, 0, 0), UNITY_MATRIX, u32(0, 0)),
    box(
      'mdia',
      fullBox('mdhd', 0, 0, u32(0, 0, TEXT_TIMESCALE, 0), packedLanguage(language), u16(0)),
      fullBox('hdlr', 0, 0, u32(0), codes('text'), u32(0, 0, 0), utf8('\0')),
      fullBox('elng', 0, 0, utf8(`${language}\0`)),
      box(
        'minf',
        fullBox('nmhd', 0, 0),
        box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1))),
        sampleTable(),
      ),
    ),
  );

/** The initialisation segment of a track of WebVTT in MP4 (ISO/IEC 14496-30), a CMAF track of the profile `cwvt`. */
export function wvttInit(language: string): Buffer {
  return Buffer.concat([
    box('ftyp', codes('cmfc'), u32(0), codes('iso6', 'cmfc', 'cwvt', 'dash')),
    box(
      'moov',
      fullBox(
        'mvhd',
        0,
        0,
        ...[u32(0, 0, TEXT_TIMESCALE, 0, 0x10000), u16(0x0100, 0), u32(0, 0), UNITY_MATRIX],
        ...[u32(0, 0, 0, 0, 0, 0), u32(TRACK_ID + 1)],
      ),
      track(language),
      box('mvex', fullBox('trex', 0, 0, u32(TRACK_ID, 1, 0, 0, INDEPENDENT))),
    ),
  ]);
}
