import { LIMITS } from '../limits.js';
import { type Attributes, parseAttributes } from './attributes.js';

export interface Tag {
  /** Without #, e.g. `EXTINF`. */
  name: string;
  /** What follows the colon. */
  value: string;
  /** From 1. */
  line: number;
  /** Of tags that have a list. */
  attributes: Attributes;
}

/** A line that is a URI. */
export interface Uri {
  uri: string;
  line: number;
}

export interface Scanned {
  items: (Tag | Uri)[];
  /** The first line as it stands. */
  firstLine: string;
  problems: { rule: 'text' | 'limit'; line: number; found: string }[];
}

export function isTag(item: Tag | Uri): item is Tag {
  return 'name' in item;
}

/** Tags whose value is an attribute list. */
const LISTS = new Set([
  ...[
    'EXT-X-KEY',
    'EXT-X-MAP',
    'EXT-X-MEDIA',
    'EXT-X-STREAM-INF',
    'EXT-X-I-FRAME-STREAM-INF',
    'EXT-X-DEFINE',
  ],
  ...['EXT-X-SESSION-KEY', 'EXT-X-SESSION-DATA', 'EXT-X-DATERANGE', 'EXT-X-START'],
]);

const NO_ATTRIBUTES: Attributes = { values: new Map(), quoted: new Set(), problem: undefined };

function tagOf(text: string, line: number): Tag {
  const colon = text.indexOf(':');
  const name = text.slice(1, colon < 0 ? undefined : colon).trim();
  const value = colon < 0 ? '' : text.slice(colon + 1).trim();
  return { name, value, line, attributes: LISTS.has(name) ? parseAttributes(value) : NO_ATTRIBUTES };
}

/** Values of EXT-X-DEFINE may stand in what follows it (draft-pantos-hls-rfc8216bis, 4.3). */
class Variables {
  private readonly values = new Map<string, string>();

  define({ attributes }: Tag): void {
    const name = attributes.values.get('NAME');
    const value = attributes.values.get('VALUE');
    if (name !== undefined && value !== undefined) this.values.set(name, value.slice(0, 1000));
  }

  replace(text: string): string {
    if (this.values.size === 0 || !text.includes('{$')) return text;
    let left = 100; // a line has no more of them, or it is up to no good
    return text.replace(/\{\$([A-Za-z0-9_-]+)\}/g, (all, name: string) =>
      left-- > 0 ? (this.values.get(name) ?? all) : all,
    );
  }
}

/** Reads the bytes of a playlist as lines (RFC 8216, 4.1). Comments and empty lines are left out. */
export function scan(bytes: Buffer): Scanned {
  const text = bytes.toString('utf8');
  const lines = text.split(/\r?\n/, LIMITS.playlistLines + 1);
  const problems: Scanned['problems'] = [];
  if (text.startsWith('\uFEFF')) problems.push({ rule: 'text', line: 1, found: 'a byte order mark' });
  if (text.includes('\uFFFD')) {
    const line = lines.findIndex((one) => one.includes('\uFFFD')) + 1;
    problems.push({ rule: 'text', line, found: 'bytes that are no UTF-8' });
  }
  if (lines.length > LIMITS.playlistLines) {
    problems.push({
      rule: 'limit',
      line: LIMITS.playlistLines,
      found: `more than ${LIMITS.playlistLines} lines`,
    });
    lines.pop();
  }
  const items: (Tag | Uri)[] = [];
  const variables = new Variables();
  for (const [index, raw] of lines.entries()) {
    if (/[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]/.test(raw)) {
      problems.push({ rule: 'text', line: index + 1, found: 'a control character' });
    }
    const line = variables.replace(raw.trim());
    if (line.startsWith('#EXT')) {
      const tag = tagOf(line, index + 1);
      if (tag.name === 'EXT-X-DEFINE') variables.define(tag);
      items.push(tag);
    } else if (line !== '' && !line.startsWith('#')) items.push({ uri: line, line: index + 1 });
  }
  return { items, firstLine: (lines[0] ?? '').trim(), problems };
}
