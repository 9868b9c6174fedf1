import { LIMITS } from '../limits.js';
import { resolveUrl } from '../source/source.js';
import { decimal, integer } from './attributes.js';
import { type Scanned, type Tag, isTag } from './scan.js';

/** EXT-X-STREAM-INF or EXT-X-I-FRAME-STREAM-INF. */
export interface Variant {
  line: number;
  iframes: boolean;
  uri: string | undefined;
  url: string | undefined;
  /** bit/s; undefined where missing or no number. */
  bandwidth: number | undefined;
  average: number | undefined;
  codecs: string | undefined;
  resolution: { width: number; height: number } | undefined;
  frameRate: number | undefined;
  range: string | undefined;
  /** GROUP-IDs by type, e.g. `AUDIO`. */
  groups: ReadonlyMap<string, string>;
  values: ReadonlyMap<string, string>;
}

/** EXT-X-MEDIA. */
export interface Rendition {
  line: number;
  type: string;
  group: string;
  name: string | undefined;
  language: string | undefined;
  channels: string | undefined;
  isDefault: boolean;
  uri: string | undefined;
  url: string | undefined;
  values: ReadonlyMap<string, string>;
}

export interface MasterPlaylist {
  kind: 'master';
  file: string;
  url: string;
  scanned: Scanned;
  version: number | undefined;
  independent: boolean;
  variants: Variant[];
  renditions: Rendition[];
  /** Whether there are more than are kept. */
  tooMany: boolean;
}

export const GROUP_TYPES = ['AUDIO', 'VIDEO', 'SUBTITLES', 'CLOSED-CAPTIONS'] as const;

function resolutionOf(text: string | undefined): Variant['resolution'] {
  const match = /^(\d{1,6})x(\d{1,6})$/.exec(text ?? '');
  return match ? { width: Number(match[1]), height: Number(match[2]) } : undefined;
}

function variantOf(tag: Tag, uri: string | undefined, base: string): Variant {
  const { values } = tag.attributes;
  const groups = GROUP_TYPES.flatMap((type): [string, string][] => {
    const group = values.get(type);
    // CLOSED-CAPTIONS=NONE names no group: it says that there are none.
    const none = type === 'CLOSED-CAPTIONS' && group === 'NONE' && !tag.attributes.quoted.has(type);
    return group === undefined || none ? [] : [[type, group]];
  });
  return {
    ...{ line: tag.line, iframes: tag.name === 'EXT-X-I-FRAME-STREAM-INF', uri },
    url: uri === undefined ? undefined : resolveUrl(uri, base),
    bandwidth: integer(values.get('BANDWIDTH')),
    average: integer(values.get('AVERAGE-BANDWIDTH')),
    codecs: values.get('CODECS'),
    resolution: resolutionOf(values.get('RESOLUTION')),
    frameRate: decimal(values.get('FRAME-RATE')),
    range: values.get('VIDEO-RANGE'),
    ...{ groups: new Map(groups), values },
  };
}

function renditionOf({ attributes: { values }, line }: Tag, base: string): Rendition {
  const uri = values.get('URI');
  return {
    ...{ line, uri, values, type: values.get('TYPE') ?? '', group: values.get('GROUP-ID') ?? '' },
    ...{ name: values.get('NAME'), language: values.get('LANGUAGE'), channels: values.get('CHANNELS') },
    isDefault: values.get('DEFAULT') === 'YES',
    url: uri === undefined ? undefined : resolveUrl(uri, base),
  };
}

/** A master playlist, as far as it can be understood. */
export function masterPlaylist(file: string, url: string, scanned: Scanned): MasterPlaylist {
  const master: MasterPlaylist = {
    ...{ kind: 'master', file, url, scanned, version: undefined, independent: false },
    ...{ variants: [], renditions: [], tooMany: false },
  };
  const most = LIMITS.renditions;
  for (const [index, item] of scanned.items.entries()) {
    if (!isTag(item)) continue;
    if (master.variants.length >= most || master.renditions.length >= most) {
      master.tooMany = true;
      break;
    }
    if (item.name === 'EXT-X-VERSION') master.version ??= integer(item.value);
    if (item.name === 'EXT-X-INDEPENDENT-SEGMENTS') master.independent = true;
    if (item.name === 'EXT-X-MEDIA') master.renditions.push(renditionOf(item, url));
    if (item.name === 'EXT-X-I-FRAME-STREAM-INF') {
      master.variants.push(variantOf(item, item.attributes.values.get('URI'), url));
    }
    if (item.name === 'EXT-X-STREAM-INF') {
      const next = scanned.items[index + 1];
      master.variants.push(variantOf(item, next && !isTag(next) ? next.uri : undefined, url));
    }
  }
  return master;
}

/** Tags that only master playlists have (RFC 8216, 4.3.4). */
export const MASTER_TAGS = new Set([
  ...[
    'EXT-X-MEDIA',
    'EXT-X-STREAM-INF',
    'EXT-X-I-FRAME-STREAM-INF',
    'EXT-X-SESSION-DATA',
    'EXT-X-SESSION-KEY',
  ],
  'EXT-X-CONTENT-STEERING',
]);

/** Whether a playlist is a master playlist: whether it has such tags. */
export function isMaster({ items }: Scanned): boolean {
  return items.some((item) => isTag(item) && MASTER_TAGS.has(item.name));
}
