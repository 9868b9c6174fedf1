import { codecString } from './codec-string.js';
import { type Light, type CodePoints, colourOf, lightOf } from './colour.js';
import { type BoxNode, boxAt, boxIn, boxesIn, fieldsOf } from './node.js';
import { type Protection, type Pssh, originalFormat, protectionOf, psshsOf } from './protection.js';

export type Kind = 'video' | 'audio' | 'text' | 'other';

export interface SampleEntry {
  /** Of the box, e.g. `encv`. */
  type: string;
  /** Before encryption, e.g. `avc1`. */
  format: string;
  /** RFC 6381; undefined where the configuration is missing. */
  codec: string | undefined;
  /** Of pictures, pixels. */
  width: number;
  height: number;
  /** Shape of a pixel; undefined where it is not said. */
  pixel: { width: number; height: number } | undefined;
  colour: CodePoints | undefined;
  light: Light;
  /** Of sound; undefined where the configuration does not say. */
  channels: number | undefined;
  sampleRate: number;
  protection: Protection | undefined;
  /** Bytes of the length of a NAL unit; undefined where there are none. */
  nalLength: number | undefined;
  box: BoxNode;
}

/** Width of a pixel by its height; square unless something else is said. */
export function pixelRatio({ pixel }: SampleEntry): number {
  return pixel && pixel.width > 0 && pixel.height > 0 ? pixel.width / pixel.height : 1;
}

export interface InitTrack {
  id: number;
  handler: string;
  kind: Kind;
  /** Ticks a second. */
  timescale: number;
  /** ISO 639-2, from mdhd. */
  language: string;
  /** BCP 47, from elng. */
  extendedLanguage: string | undefined;
  entries: SampleEntry[];
  /** Entries of the edit list; undefined where there is none. `duration` is in ticks of the movie. */
  edits: { duration: number; mediaTime: number; rate: number }[] | undefined;
  /** Presentation time of the composition time 0, ticks: what edits delay, less what they cut off. */
  shift: number;
  trex: { description: number; duration: number; size: number; flags: number } | undefined;
  box: BoxNode;
}

/** An initialisation segment. */
export interface Init {
  /** How findings name it. */
  file: string;
  boxes: readonly BoxNode[];
  /** Major brand and compatible brands. */
  brands: ReadonlySet<string>;
  moov: BoxNode | undefined;
  tracks: InitTrack[];
  psshs: Pssh[];
}

const KINDS: Readonly<Record<string, Kind>> = {
  ...{ vide: 'video', soun: 'audio', text: 'text', subt: 'text', sbtl: 'text' },
};

/** Channels by channelConfiguration of AudioSpecificConfig (ISO/IEC 14496-3, table 1.19). */
const AAC_CHANNELS = [0, 1, 2, 3, 4, 5, 6, 8];

/** Where MPEG-4 audio says how many channels it has: the fields of the sample entry are often a constant. */
function channelsOf(format: string, entry: BoxNode): number | undefined {
  if (format === 'mp4a') {
    const config = aacConfig(entry);
    return config && channelsOfAac(config);
  }
  // OpusSpecificBox: a version, then the number of channels.
  if (format === 'Opus') return boxIn(entry.children, 'dOps')?.data.at(9);
  return undefined;
}

/** Audio object types that extend another one (ISO/IEC 14496-3, table 1.17): spectral band replication, and parametric stereo. */
const SBR = 5;
const PS = 29;

interface AacConfig {
  objectType: number;
  channelConfiguration: number;
}

/** Undefined where the configuration does not tell: parametric stereo makes two of the one that it names. */
function channelsOfAac({ objectType, channelConfiguration }: AacConfig): number | undefined {
  if (objectType === PS || (objectType === SBR && channelConfiguration === 1)) return undefined;
  return AAC_CHANNELS[channelConfiguration] || undefined;
}

/** What the parser makes of descriptors, which it gives no types. */
interface Descriptor {
  data?: Uint8Array;
  findDescriptor(tag: number): Descriptor | undefined;
}

/** AudioSpecificConfig without extensions: its first two bytes, where the frequency is one of the table's. */
function aacConfig(entry: BoxNode): AacConfig | undefined {
  const esd = fieldsOf(boxIn(entry.children, 'esds'), 'esds')?.esd as Descriptor | undefined;
  const [first, second] = esd?.findDescriptor(4)?.findDescriptor(5)?.data ?? [];
  if (first === undefined || second === undefined) return undefined;
  const escape = first >> 3 === 31 || (((first & 7) << 1) | (second >> 7)) === 15;
  return escape ? undefined : { objectType: first >> 3, channelConfiguration: (second >> 3) & 15 };
}

function nalLengthOf(entry: BoxNode): number | undefined {
  const config =
    fieldsOf(boxIn(entry.children, 'avcC'), 'avcC') ?? fieldsOf(boxIn(entry.children, 'hvcC'), 'hvcC');
  return config && config.lengthSizeMinusOne + 1;
}

/** Fields of sample entries, from the start of the box (ISO/IEC 14496-12, 12.1.3 and 12.2.3). */
const WIDTH_AT = 32;
const RATE_AT = 32;

function sampleEntry(box: BoxNode, kind: Kind): SampleEntry {
  const format = originalFormat(box);
  const { data } = box;
  const whole = data.length >= RATE_AT + 4;
  const pasp = fieldsOf(boxIn(box.children, 'pasp'), 'pasp');
  return {
    ...{ type: box.type, format, codec: codecString(format, box), box },
    width: kind === 'video' && whole ? data.readUInt16BE(WIDTH_AT) : 0,
    height: kind === 'video' && whole ? data.readUInt16BE(WIDTH_AT + 2) : 0,
    pixel: pasp && { width: pasp.hSpacing, height: pasp.vSpacing },
    colour: colourOf(box),
    light: lightOf(box),
    channels: kind === 'audio' ? channelsOf(format, box) : undefined,
    sampleRate: kind === 'audio' && whole ? data.readUInt32BE(RATE_AT) / 0x10000 : 0,
    protection: box.type.startsWith('enc') ? protectionOf(box) : undefined,
    nalLength: nalLengthOf(box),
  };
}

/** ISO/IEC 14496-12, 8.6.6: an empty edit, if there is one, then the media from a time on. */
function shiftOf(edits: InitTrack['edits'], timescale: number, movieTimescale: number): number {
  const empty = edits?.[0]?.mediaTime === -1 ? edits[0].duration : 0;
  const first = edits?.find(({ mediaTime }) => mediaTime >= 0);
  const delay = movieTimescale > 0 ? Math.round((empty * timescale) / movieTimescale) : 0;
  return delay - (first?.mediaTime ?? 0);
}

function editsOf(trak: BoxNode): InitTrack['edits'] {
  const elst = fieldsOf(boxAt(trak, 'edts', 'elst'), 'elst');
  return elst?.entries.map(({ segment_duration, media_time, media_rate_integer, media_rate_fraction }) => ({
    ...{ duration: segment_duration, mediaTime: media_time },
    rate: media_rate_integer + media_rate_fraction / 0x10000,
  }));
}

/** What mvex says of samples of a track where fragments do not. */
function trexOf(moov: BoxNode, id: number): InitTrack['trex'] {
  const all = boxesIn(boxAt(moov, 'mvex')?.children ?? [], 'trex').map((box) => fieldsOf(box, 'trex'));
  const trex = all.find((fields) => fields?.track_id === id);
  return (
    trex && {
      description: trex.default_sample_description_index,
      duration: trex.default_sample_duration,
      size: trex.default_sample_size,
      flags: trex.default_sample_flags,
    }
  );
}

function trackOf(trak: BoxNode, moov: BoxNode): InitTrack {
  const mdhd = fieldsOf(boxAt(trak, 'mdia', 'mdhd'), 'mdhd');
  const handler = fieldsOf(boxAt(trak, 'mdia', 'hdlr'), 'hdlr')?.handler ?? '';
  const kind = KINDS[handler] ?? 'other';
  const id = fieldsOf(boxAt(trak, 'tkhd'), 'tkhd')?.track_id ?? 0;
  const edits = editsOf(trak);
  const movie = fieldsOf(boxAt(moov, 'mvhd'), 'mvhd')?.timescale ?? 0;
  const timescale = mdhd?.timescale ?? 0;
  return {
    ...{ id, handler, kind, timescale, edits, box: trak },
    language: mdhd?.languageString ?? 'und',
    extendedLanguage: fieldsOf(boxAt(trak, 'mdia', 'elng'), 'elng')?.extended_language,
    entries: (boxAt(trak, 'mdia', 'minf', 'stbl', 'stsd')?.children ?? []).map((box) =>
      sampleEntry(box, kind),
    ),
    shift: shiftOf(edits, timescale, movie),
    trex: trexOf(moov, id),
  };
}

/** What the boxes of an initialisation segment say. */
export function initOf(file: string, boxes: readonly BoxNode[]): Init {
  const ftyp = fieldsOf(boxIn(boxes, 'ftyp'), 'ftyp');
  const moov = boxIn(boxes, 'moov');
  return {
    ...{ file, boxes, moov },
    brands: new Set(ftyp ? [ftyp.major_brand, ...ftyp.compatible_brands] : []),
    tracks: moov ? boxesIn(moov.children, 'trak').map((trak) => trackOf(trak, moov)) : [],
    psshs: psshsOf(moov),
  };
}
