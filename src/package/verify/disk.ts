import type { Findings } from './findings.js';
import type { Listed } from './listing.js';
import { type InitFacts, type SegmentFacts, readInit, readSegment } from './segments.js';

/** A rendition's bytes, as far as they could be read. */
export interface OnDisk {
  init: InitFacts | undefined;
  /** Timescale of its one track, ticks a second, and what its edit list cuts off at the start. */
  timescale: number;
  mediaTime: number;
  /** In the order of the playlist; undefined where a segment is missing or unreadable. */
  segments: (SegmentFacts | undefined)[];
}

/** Reads a file of the package; undefined where it is not there. */
export type ReadBytes = (path: string) => Promise<Buffer | undefined>;

const NOTHING: OnDisk = { init: undefined, timescale: 1, mediaTime: 0, segments: [] };

/** Reads all segments of a rendition, one at a time: a whole rendition need not fit into memory. */
export async function readDisk(
  listed: Listed,
  kind: 'video' | 'audio' | 'text',
  read: ReadBytes,
  findings: Findings,
): Promise<OnDisk> {
  const initBytes = await read(listed.init);
  if (!initBytes) {
    findings.add('file-missing', listed.init, `${listed.file} names it, but it is not in the package`);
    return NOTHING;
  }
  const init = readInit(initBytes);
  const [track] = init?.tracks ?? [];
  if (!init || !track) {
    findings.add('init-unreadable', listed.init, 'it is no initialisation segment');
    return NOTHING;
  }
  if (init.tracks.length !== 1 || track.kind !== kind) {
    const kinds = init.tracks.map((each) => each.kind).join(', ');
    findings.add('init-tracks', listed.init, `it has tracks for ${kinds}; one for ${kind} is wanted`);
  }
  const segments: (SegmentFacts | undefined)[] = [];
  for (const { path } of listed.segments) {
    const bytes = await read(path);
    const facts = bytes && readSegment(initBytes, bytes);
    if (!bytes) findings.add('file-missing', path, `${listed.file} names it, but it is not in the package`);
    else if (!facts) findings.add('segment-unreadable', path, 'it holds no samples that can be read');
    segments.push(facts);
  }
  return { init, timescale: track.timescale, mediaTime: track.mediaTime, segments };
}

/** Seconds that a segment plays for: what the edit list cuts off at the title's start does not count. */
export function playedSeconds({ mediaTime, timescale }: OnDisk, segment: SegmentFacts): number {
  const start = Math.max(0, segment.presentation - mediaTime);
  return (segment.presentationEnd - mediaTime - start) / timescale;
}
