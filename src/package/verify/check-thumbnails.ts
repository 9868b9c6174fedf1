import { posix } from 'node:path';
import { MANIFEST, MASTER_PLAYLIST } from '../packager/args.js';
import { parseAttributes, unquoted } from '../packager/attributes.js';
import type { Findings } from './findings.js';
import type { ReadBytes } from './package-view.js';

/** What a manifest says of the thumbnails. */
interface Sheets {
  paths: string[];
  /** Pixels of a sheet, and thumbnails on it, e.g. `3200x1800` and `10x10`. */
  size: string;
  layout: string;
}

const times = (size: string, layout: string): string => {
  const [width = 0, height = 0] = size.split('x').map(Number);
  const [columns = 0, rows = 0] = layout.split('x').map(Number);
  return `${width * columns}x${height * rows}`;
};

const attribute = (xml: string, name: string): string =>
  new RegExp(`\\s${name}="([^"]*)"`).exec(xml)?.[1] ?? '';

/** Numbers of the sheets that a template lists, from its first on. */
function sheetNumbers(template: string, seconds: number): number[] {
  const first = Number(attribute(template, 'startNumber'));
  const entries = template.match(/<S\b[^>]*>/g);
  const each = Number(attribute(template, 'duration')) / Number(attribute(template, 'timescale'));
  const count = entries
    ? entries.reduce((sum, entry) => sum + Number(attribute(entry, 'r') || 0) + 1, 0)
    : Math.ceil(Number((seconds / each).toFixed(6)));
  return Array.from({ length: Number.isFinite(count) ? count : 0 }, (_, i) => first + i);
}

/**
 * The sheets of an MPD's image sets, one a period: those of its timeline, or as many as its segments' duration asks for. What
 * two periods show counts once. Undefined where there is no set.
 */
function sheetsInDash(mpd: string, seconds: number): Sheets | undefined {
  const sets = mpd.match(/<AdaptationSet\b[^>]*\bcontentType="image"[\s\S]*?<\/AdaptationSet>/g) ?? [];
  const said = sets.map((set): Sheets => {
    const template = /<SegmentTemplate\b(?:[^>]*\/>|[\s\S]*?<\/SegmentTemplate>)/.exec(set)?.[0] ?? '';
    const shown = /<Representation\b[^>]*>/.exec(set)?.[0] ?? '';
    const media = attribute(template, 'media');
    return {
      paths: sheetNumbers(template, seconds).map((number) => media.replace('$Number$', String(number))),
      size: `${attribute(shown, 'width')}x${attribute(shown, 'height')}`,
      layout: /thumbnail_tile"\s+value="([^"]*)"/.exec(set)?.[1] ?? '',
    };
  });
  const [first] = said;
  return first && { ...first, paths: [...new Set(said.flatMap(({ paths }) => paths))] };
}

/** The sheets of an HLS image playlist. */
function sheetsInHls(playlist: string, path: string): Sheets {
  const lines = playlist.split('\n').filter((line) => line !== '');
  const tiles = lines.find((line) => line.startsWith('#EXT-X-TILES:')) ?? '';
  const { LAYOUT: layout = '', RESOLUTION: size = '' } = Object.fromEntries(parseAttributes(tiles.slice(13)));
  const uris = lines.filter((line) => !line.startsWith('#'));
  return {
    paths: uris.map((uri) => posix.join(posix.dirname(path), uri)),
    size: times(size, layout),
    layout,
  };
}

/** Width and height of a JPEG, from its start of frame (ISO/IEC 10918-1, B.2.2); undefined where it is none. */
export function jpegSize(bytes: Buffer): string | undefined {
  if (bytes.length < 4 || bytes.readUInt16BE(0) !== 0xffd8) return undefined;
  for (let at = 2; at + 9 <= bytes.length && bytes[at] === 0xff; at += 2 + bytes.readUInt16BE(at + 2)) {
    const marker = bytes[at + 1] ?? 0;
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return `${bytes.readUInt16BE(at + 7)}x${bytes.readUInt16BE(at + 5)}`;
  }
  return undefined;
}

/** What each manifest says of the thumbnails; undefined where it says nothing. */
async function saidSheets(read: ReadBytes, seconds: number): Promise<(Sheets | undefined)[]> {
  const text = async (path: string): Promise<string> => (await read(path))?.toString('utf8') ?? '';
  const dash = sheetsInDash(await text(MANIFEST), seconds);
  const line = /^#EXT-X-IMAGE-STREAM-INF:(.*)$/m.exec(await text(MASTER_PLAYLIST))?.[1];
  if (line === undefined) return [dash, undefined];
  const path = unquoted(parseAttributes(line).get('URI'));
  return [dash, sheetsInHls(await text(path), path)];
}

/** Holds what both manifests say of thumbnails against each other and against the sheets. `seconds` is the title's length. */
export async function checkThumbnails(
  seconds: number,
  { read, findings }: { read: ReadBytes; findings: Findings },
): Promise<void> {
  const said = await saidSheets(read, seconds);
  const [dash, hls] = said.map((sheets) => JSON.stringify(sheets ?? 'nothing'));
  if (dash !== hls)
    findings.add('thumbnails-wrong', MASTER_PLAYLIST, `DASH says of thumbnails ${dash}, HLS ${hls}`);
  const size = said.find((sheets) => sheets !== undefined)?.size;
  for (const sheet of new Set(said.flatMap((sheets) => sheets?.paths ?? []))) {
    const bytes = await read(sheet);
    const found = bytes && (jpegSize(bytes) ?? 'no JPEG');
    if (found === size) continue;
    const wrong =
      found === undefined
        ? 'a manifest names it, but it is not in the package'
        : `it is ${found}, not ${size}`;
    findings.add('thumbnails-wrong', sheet, wrong);
  }
}
