import type { HdrMetadata } from '../../ingest/index.js';
import type { CodePoints } from '../cicp.js';
import { type ProtectionFacts, isEncrypted, protectionOf, withOriginalFormats } from './protection-facts.js';
import { colourOf, lightOf } from './sample-entry-colour.js';
import { type ISOFile, Log, MP4BoxBuffer, createFile } from 'mp4box';

/** What an initialisation segment says. */
export interface InitFacts {
  tracks: {
    kind: 'video' | 'audio' | 'text' | 'other';
    codec: string;
    timescale: number;
    mediaTime: number;
    /** Of a video; undefined where it does not say. */
    colour: CodePoints | undefined;
    light: HdrMetadata;
    /** Undefined where the track is not encrypted. */
    protection: ProtectionFacts | undefined;
  }[];
}

/** What a media segment holds. Times are ticks of the track's timescale. */
export interface SegmentFacts {
  bytes: number;
  samples: number;
  /** Decode time of the first sample, and of what follows the last one. */
  start: number;
  end: number;
  /** Earliest presentation time, and the end of the latest sample, before the edit list. */
  presentation: number;
  presentationEnd: number;
  firstSync: boolean;
  /** Samples that are encrypted by what their sample entry says. */
  protectedSamples: number;
  /** Bytes from the segment's start to the end of its first sample, and the offset of its first moof. */
  firstSampleEnd: number;
  moofOffset: number;
  /** False where a sample lies beyond the end of the file, or a box does. */
  complete: boolean;
}

function append(file: ISOFile, bytes: Buffer, position: number): void {
  const buffer = new MP4BoxBuffer(bytes.length);
  new Uint8Array(buffer).set(bytes);
  buffer.fileStart = position;
  file.appendBuffer(buffer);
}

/** Set by mp4box's parser, which else prints on the console what it finds wrong. Parsing is synchronous. */
let broken = false;
Log.error = () => {
  broken = true;
};

/** Parses segments that follow each other; undefined where mp4box finds them broken. */
function parse(...parts: Buffer[]): ISOFile | undefined {
  const file = createFile(false);
  broken = false;
  try {
    let position = 0;
    for (const part of parts) {
      append(file, part, position);
      position += part.length;
    }
    file.flush();
  } catch {
    return undefined; // mp4box throws on some malformed boxes instead of reporting them: a finding all the same
  }
  // The type says that there always is a moov; there is none in what is no initialisation segment.
  return broken || (file.moov as unknown) === undefined ? undefined : file;
}

const KINDS: Readonly<Record<string, 'video' | 'audio' | 'text'>> = {
  vide: 'video',
  soun: 'audio',
  text: 'text',
};

function kindOf(handler: string | undefined): InitFacts['tracks'][number]['kind'] {
  return KINDS[handler ?? ''] ?? 'other';
}

/** Reads an initialisation segment; undefined where it is none. */
export function readInit(bytes: Buffer): InitFacts | undefined {
  const original = parse(bytes);
  // Codec and colour as if nothing were encrypted: the parser does not look into encrypted entries for them.
  const file = original && parse(withOriginalFormats(bytes));
  if (!file) return undefined;
  const infos = file.getInfo().tracks;
  return {
    tracks: file.moov.traks.map((trak, index) => ({
      kind: kindOf(trak.mdia.hdlr.handler),
      codec: infos[index]?.codec ?? '',
      timescale: trak.mdia.mdhd.timescale,
      mediaTime: Math.max(
        0,
        trak.edts?.elst?.entries.find((entry) => entry.media_time >= 0)?.media_time ?? 0,
      ),
      colour: colourOf(trak.mdia.minf.stbl.stsd.entries[0]),
      light: lightOf(trak.mdia.minf.stbl.stsd.entries[0]),
      protection: protectionOf(original.moov.traks[index]?.mdia.minf.stbl.stsd.entries[0]),
    })),
  };
}

/** Walks the top-level boxes; gives the offset of the first moof and whether the boxes fill the file exactly. */
export function topLevelBoxes(bytes: Buffer): { moofOffset: number; whole: boolean } {
  let offset = 0;
  let moofOffset = -1;
  while (offset + 8 <= bytes.length) {
    const short = bytes.readUInt32BE(offset);
    const size =
      short === 1 && offset + 16 <= bytes.length ? Number(bytes.readBigUInt64BE(offset + 8)) : short;
    if (size < 8) break;
    if (moofOffset < 0 && bytes.toString('latin1', offset + 4, offset + 8) === 'moof') moofOffset = offset;
    offset += size;
  }
  return { moofOffset, whole: offset === bytes.length };
}

/** Reads a media segment with its initialisation segment; undefined where there is nothing to read. */
export function readSegment(init: Buffer, bytes: Buffer): SegmentFacts | undefined {
  const { moofOffset, whole } = topLevelBoxes(bytes);
  const track = parse(init, bytes)?.moov.traks[0];
  const samples = track?.samples;
  const first = samples?.[0];
  const last = samples?.at(-1);
  if (!samples || !first || !last) return undefined;
  const ends = samples.map((sample) => sample.offset + sample.size - init.length);
  return {
    bytes: bytes.length,
    samples: samples.length,
    start: first.dts,
    end: last.dts + last.duration,
    presentation: samples.reduce((least, { cts }) => Math.min(least, cts), first.cts),
    presentationEnd: samples.reduce((most, { cts, duration }) => Math.max(most, cts + duration), 0),
    firstSync: first.is_sync,
    protectedSamples: samples.filter(({ description_index: index }) =>
      isEncrypted(track.mdia.minf.stbl.stsd.entries[index]?.type ?? ''),
    ).length,
    firstSampleEnd: ends[0] ?? 0,
    moofOffset,
    complete: whole && ends.every((end) => end <= bytes.length),
  };
}

/** The samples of a media segment with their bytes and presentation times, ticks; none where there is nothing to read. */
export function segmentSamples(init: Buffer, bytes: Buffer): { start: number; end: number; data: Buffer }[] {
  const samples = parse(init, bytes)?.moov.traks[0]?.samples ?? [];
  return samples.map(({ cts, duration, offset, size }) => ({
    start: cts,
    end: cts + duration,
    data: bytes.subarray(offset - init.length, offset - init.length + size),
  }));
}
