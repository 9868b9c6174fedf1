import { type Attributes, formatAttributes, parseAttributes, unquoted } from '../../packager/attributes.js';

/** A tag with attributes, and the line of its URI where that stands below it. */
export interface Tagged {
  /** e.g. `#EXT-X-MEDIA`. */
  tag: string;
  attributes: Attributes;
  uri?: string;
}

/** An entry of a master playlist: a tag that is understood, or any other line as it stands. */
export type Entry = KnownEntry | { kind: 'other'; line: string };

export type KnownEntry = Tagged & { kind: 'media' | 'variant' | 'iframes' | 'session-key' };

const KINDS = {
  '#EXT-X-MEDIA': 'media',
  '#EXT-X-STREAM-INF': 'variant',
  '#EXT-X-I-FRAME-STREAM-INF': 'iframes',
  '#EXT-X-SESSION-KEY': 'session-key',
} as const;

const isKnown = (tag: string): tag is keyof typeof KINDS => tag in KINDS;

/** Parses a master playlist; every line is kept, those of unknown tags as they are. */
export function parseMaster(text: string): Entry[] {
  const lines = text.replace(/\n$/, '').split('\n');
  const entries: Entry[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    const line = lines[index]!;
    const colon = line.indexOf(':');
    const tag = line.slice(0, Math.max(0, colon));
    if (!isKnown(tag)) {
      entries.push({ kind: 'other', line });
      continue;
    }
    const tagged = { kind: KINDS[tag], tag, attributes: parseAttributes(line.slice(colon + 1)) };
    if (tag !== '#EXT-X-STREAM-INF') entries.push(tagged);
    else {
      index += 1;
      entries.push({ ...tagged, uri: lines[index] ?? '' });
    }
  }
  return entries;
}

/** The playlist's text. Empty lines that follow one another become one. */
export function formatMaster(entries: readonly Entry[]): string {
  const lines = entries.flatMap((entry) => {
    if (entry.kind === 'other') return [entry.line];
    const line = `${entry.tag}:${formatAttributes(entry.attributes)}`;
    return entry.uri === undefined ? [line] : [line, entry.uri];
  });
  return `${lines
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/\n+$/, '')}\n`;
}

/** What the URI of an entry names, wherever it stands. */
export function uriOf(entry: Tagged): string {
  return entry.uri ?? unquoted(entry.attributes.get('URI'));
}

/** `video`, `audio` or `text` and the id of the rendition that a path of the package belongs to. */
export function renditionOf(path: string): { kind: string; id: string } | undefined {
  const match = /^(video|audio|text)\/([^/]+)\//.exec(path);
  return match ? { kind: match[1]!, id: match[2]! } : undefined;
}

/** Value of an attribute without its quotes. */
export function plain(entry: Tagged, name: string): string | undefined {
  const value = entry.attributes.get(name);
  return value === undefined ? undefined : unquoted(value);
}
