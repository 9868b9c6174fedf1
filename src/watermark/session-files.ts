import { readFile, readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { HullcastError } from '../errors.js';
import type { Variant } from './mark/index.js';
import { type MarkedRendition, WATERMARK_FILE, type WatermarkRecord, segmentPath } from './record.js';

/** A file of a session's copy of a title. */
export interface SessionFile {
  /** Path in the copy, forward slashes. */
  path: string;
  from: { file: string } | { text: string };
}

/** Lists key frames by byte range, which differ between variants. */
const IFRAMES = 'iframes.m3u8';
/** What a viewer does not get. */
const OWN = new Set([WATERMARK_FILE, 'report.json', 'report.html']);

/** The I-frame playlist of a sequence: that of a, with the byte ranges of b where the sequence has b. */
export function iframesOf(a: string, b: string, sequence: readonly Variant[]): string {
  const isRange = (line: string): boolean => line.startsWith('#EXT-X-BYTERANGE:');
  const ranges = b.split('\n').filter(isRange);
  const lines = a.split('\n');
  if (ranges.length !== sequence.length || lines.filter(isRange).length !== sequence.length) {
    throw new HullcastError(
      'WATERMARK_TITLE',
      `an I-frame playlist does not list ${sequence.length} key frames`,
      {
        hint: 'The title was changed since it was made: make it again.',
      },
    );
  }
  let segment = 0;
  return lines
    .map((line) => {
      if (!isRange(line)) return line;
      const own = segment++;
      return sequence[own] === 'b' ? ranges[own]! : line;
    })
    .join('\n');
}

/** Which file of the title is at a path of the copy, where that follows from the sequence; undefined for all others. */
function sequenced(rendition: MarkedRendition, sequence: readonly Variant[]): Map<string, string> {
  return new Map(
    sequence.map((variant, n) => [segmentPath(rendition, 'a', n), segmentPath(rendition, variant, n)]),
  );
}

/**
 * A session's copy of the title in `folder`: the same paths and manifests, and of every marked segment the variant that the
 * sequence says. Whoever serves titles does the same when it is asked for a segment, without a copy.
 */
export async function sessionFiles(
  folder: string,
  record: WatermarkRecord,
  sequence: readonly Variant[],
): Promise<SessionFile[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll('\\', '/'))
    .filter(
      (path) => !OWN.has(path) && !record.renditions.some(({ folders }) => path.startsWith(`${folders.b}/`)),
    )
    .sort((a, b) => (a < b ? -1 : 1));
  const moved = new Map(record.renditions.flatMap((rendition) => [...sequenced(rendition, sequence)]));
  const iframes = new Map(record.renditions.map(({ folders }) => [`${folders.a}/${IFRAMES}`, folders.b]));
  return Promise.all(
    paths.map(async (path): Promise<SessionFile> => {
      const other = iframes.get(path);
      if (other === undefined) return { path, from: { file: join(folder, moved.get(path) ?? path) } };
      const [a, b] = await Promise.all([
        readFile(join(folder, path), 'utf8'),
        readFile(join(folder, other, IFRAMES), 'utf8'),
      ]);
      return { path, from: { text: iframesOf(a, b, sequence) } };
    }),
  );
}
