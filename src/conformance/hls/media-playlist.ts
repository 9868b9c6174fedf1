import type { ByteRange, Part, SegmentRef } from '../media/references.js';
import { resolveUrl } from '../source/source.js';
import { decimal, integer } from './attributes.js';
import { type Scanned, type Tag, isTag } from './scan.js';

/** A key that segments are encrypted with. */
export interface Key {
  line: number;
  method: string;
  format: string;
  /** KEYID, hexadecimal; undefined where there is none. */
  keyId: string | undefined;
  /** Its attributes, as they stand. */
  text: string;
}

export interface HlsSegment extends SegmentRef {
  uri: string;
  line: number;
  /** EXTINF as it stands; undefined where there is none. */
  extinf: string | undefined;
  /** Keys that hold for it, one a key format; none where METHOD is NONE. */
  keys: readonly Key[];
}

export interface MediaPlaylist {
  kind: 'media';
  /** How findings name it. */
  file: string;
  url: string;
  scanned: Scanned;
  version: number | undefined;
  /** Seconds. */
  targetDuration: number | undefined;
  type: string | undefined;
  ended: boolean;
  iframesOnly: boolean;
  independent: boolean;
  /** The first EXT-X-PROGRAM-DATE-TIME, since 1970 (NaN where it is no date), and the segment that it is of, from 0. */
  date: { line: number; segment: number; seconds: number } | undefined;
  segments: HlsSegment[];
  /** URIs, byte ranges and lines that cannot be what they should be. */
  problems: { line: number; expected: string; found: string }[];
  tooMany: boolean;
}

/** What tags before a segment say of it, and what holds from one on. */
interface Pending {
  extinf: string | undefined;
  range: ByteRange | undefined;
  discontinuity: boolean;
  /** There is no media, and nobody is to ask for it. */
  gap: boolean;
  keys: Key[];
  map: Part | undefined;
}

/** Protection systems that a segment has keys of. */
const MOST_KEYS = 32;

/** `<length>[@<offset>]` (RFC 8216, 4.3.2.2). */
function byteRange(text: string): { length: number; offset: number | undefined } | undefined {
  const match = /^(\d{1,15})(?:@(\d{1,15}))?$/.exec(text);
  if (!match) return undefined;
  return { length: Number(match[1]), offset: match[2] === undefined ? undefined : Number(match[2]) };
}

class PlaylistReader {
  private readonly pending: Pending = {
    ...{ extinf: undefined, range: undefined, discontinuity: false },
    ...{ gap: false, keys: [], map: undefined },
  };
  private rangeText: Tag | undefined;
  /** Where the range before ended, and of which file. */
  private last: { url: string; end: number } | undefined;
  private keyBlock = false;

  constructor(private readonly playlist: MediaPlaylist) {}

  tag(tag: Tag): void {
    // Keys of several formats stand together; the next block replaces them.
    if (tag.name !== 'EXT-X-KEY') this.keyBlock &&= tag.name.startsWith('EXT-X-MAP');
    this.ofSegments(tag);
    this.ofPlaylist(tag);
  }

  private ofSegments(tag: Tag): void {
    const { pending } = this;
    switch (tag.name) {
      case 'EXTINF':
        pending.extinf = tag.value.split(',', 1)[0] ?? '';
        break;
      case 'EXT-X-BYTERANGE':
        this.rangeText = tag;
        break;
      case 'EXT-X-DISCONTINUITY':
        pending.discontinuity = true;
        break;
      case 'EXT-X-GAP':
        pending.gap = true;
        break;
      case 'EXT-X-KEY':
        this.key(tag);
        break;
      case 'EXT-X-MAP':
        pending.map = this.map(tag);
    }
  }

  private ofPlaylist({ name, value, line }: Tag): void {
    const { playlist } = this;
    switch (name) {
      case 'EXT-X-PROGRAM-DATE-TIME':
        playlist.date ??= { line, segment: playlist.segments.length, seconds: Date.parse(value) / 1000 };
        break;
      case 'EXT-X-VERSION':
        playlist.version ??= integer(value);
        break;
      case 'EXT-X-TARGETDURATION':
        playlist.targetDuration ??= integer(value);
        break;
      case 'EXT-X-PLAYLIST-TYPE':
        playlist.type ??= value;
        break;
      case 'EXT-X-ENDLIST':
        playlist.ended = true;
        break;
      case 'EXT-X-I-FRAMES-ONLY':
        playlist.iframesOnly = true;
        break;
      case 'EXT-X-INDEPENDENT-SEGMENTS':
        playlist.independent = true;
    }
  }

  segment(uri: string, line: number): void {
    const { pending, playlist } = this;
    const resolved = resolveUrl(uri, playlist.url);
    if (resolved === undefined) playlist.problems.push({ line, expected: 'a URI', found: uri });
    const url = resolved ?? playlist.url;
    const range = this.range(url);
    playlist.segments.push({
      uri,
      line,
      url,
      range,
      init: pending.map,
      unusable: pending.gap || resolved === undefined || (this.rangeText !== undefined && !range),
      extinf: pending.extinf,
      seconds: decimal(pending.extinf) ?? 0,
      discontinuity: pending.discontinuity,
      keys: pending.keys,
    });
    pending.extinf = undefined;
    pending.discontinuity = false;
    pending.gap = false;
    this.rangeText = undefined;
    this.keyBlock = false;
  }

  private range(url: string): ByteRange | undefined {
    const tag = this.rangeText;
    if (!tag) {
      this.last = undefined;
      return undefined;
    }
    const range = byteRange(tag.value);
    const offset = range?.offset ?? (this.last?.url === url ? this.last.end : undefined);
    if (!range || offset === undefined) {
      const expected = range ? 'an offset, as no range of the same file stands before' : 'a byte range';
      this.playlist.problems.push({ line: tag.line, expected, found: tag.value });
      return undefined;
    }
    this.last = { url, end: offset + range.length };
    return { offset, length: range.length };
  }

  private key({ attributes, line, value }: Tag): void {
    const method = attributes.values.get('METHOD') ?? '';
    const format = attributes.values.get('KEYFORMAT') ?? 'identity';
    const keyId = attributes.values.get('KEYID')?.replace(/^0x/i, '').toLowerCase();
    const key = { line, method, format, keyId, text: value };
    if (method === 'NONE') this.pending.keys = [];
    else if (!this.keyBlock) this.pending.keys = [key];
    // Segments share the list of their block: it grows before the first of them only.
    else if (this.pending.keys.length < MOST_KEYS) this.pending.keys.push(key);
    this.keyBlock = true;
  }

  private map({ attributes, line }: Tag): Part | undefined {
    const uri = attributes.values.get('URI');
    const url = uri === undefined ? undefined : resolveUrl(uri, this.playlist.url);
    if (url === undefined) {
      this.playlist.problems.push({ line, expected: 'a URI of EXT-X-MAP', found: uri ?? 'none' });
      return undefined;
    }
    const text = attributes.values.get('BYTERANGE');
    if (text === undefined) return { url };
    const range = byteRange(text);
    if (!range) this.playlist.problems.push({ line, expected: 'a byte range of EXT-X-MAP', found: text });
    return range ? { url, range: { length: range.length, offset: range.offset ?? 0 } } : { url };
  }
}

/**
 * A media playlist, as far as it can be understood: rules say what is wrong with it. At most `most` segments are kept;
 * `tooMany` says whether there are more.
 */
export function mediaPlaylist(file: string, url: string, scanned: Scanned, most: number): MediaPlaylist {
  const playlist: MediaPlaylist = {
    ...{ kind: 'media', file, url, scanned, version: undefined, targetDuration: undefined, type: undefined },
    ...{ ended: false, iframesOnly: false, independent: false, date: undefined },
    ...{ segments: [], problems: [], tooMany: false },
  };
  const reader = new PlaylistReader(playlist);
  for (const item of scanned.items) {
    if (isTag(item)) reader.tag(item);
    else if (playlist.segments.length < most) reader.segment(item.uri, item.line);
    else playlist.tooMany = true;
  }
  return playlist;
}
