import type { FirstPicture } from '../boxes/nal.js';
import { type Fragment, type Traf, hasGroups } from '../boxes/fragment.js';
import type { Init, InitTrack } from '../boxes/init.js';
import type { BoxNode } from '../boxes/node.js';
import type { BoxProblem } from '../boxes/walk.js';
import type { Part } from './references.js';

/** What a media file is, by its first bytes. */
export type Format = 'mp4' | 'ts' | 'webvtt' | 'other';

/** A media segment of boxes, as far as it is read: everything but the media itself. */
export interface Segment {
  file: string;
  /** Bytes. */
  size: number;
  boxes: readonly BoxNode[];
  problems: readonly BoxProblem[];
  init: Init;
  fragments: Fragment[];
  /** What the first sample of each track is, by track id. */
  pictures: ReadonlyMap<number, FirstPicture>;
}

/** The track of an initialisation segment that a fragment belongs to. */
export function trackOf({ init }: Segment, trackId: number): InitTrack | undefined {
  return init.tracks.find(({ id }) => id === trackId);
}

/** Times of one track in a segment. Ticks of the track. */
export interface TrackTimes {
  trackId: number;
  samples: number;
  /** Those that are encrypted by what their sample entry says, and no group else. */
  protectedSamples: number;
  /** Decode time of the first sample, and of what follows the last one. */
  start: number;
  end: number;
  /** Presentation times, edits applied: of the earliest sample, and the end of the latest. */
  presented: number;
  presentedEnd: number;
  firstSync: boolean;
  leastDuration: number;
  mostDuration: number;
  /** The first fragment within the segment that does not begin where the one before it ended. */
  gap: { expected: number; found: number } | undefined;
}

/** Where a fragment begins and its first sample ends, from the start of the file (not of the segment). */
export interface Frame {
  start: number;
  firstEnd: number;
  /** Whether that sample is a sync sample. */
  sync: boolean;
}

/** What is kept of a segment. */
export interface SegmentFacts {
  file: string;
  part: Part;
  bytes: number;
  format: Format;
  init: Init | undefined;
  tracks: TrackTimes[];
  frames: Frame[];
}

/** Whether samples are encrypted by what their sample entry says. What is said of groups of them is not known. */
function isProtected(traf: Traf, track: InitTrack): boolean {
  const tenc = track.entries[traf.description - 1]?.protection?.tenc;
  return tenc?.isProtected === 1 && !hasGroups(traf, 'seig');
}

function timesOf(segment: Segment, track: InitTrack): TrackTimes | undefined {
  let times: TrackTimes | undefined;
  for (const traf of segment.fragments.flatMap(({ trafs }) => trafs)) {
    const { trackId, decodeTime, run } = traf;
    if (trackId !== track.id) continue;
    // A fragment without times, which is a finding, leaves nothing to compare others with.
    if (decodeTime === undefined || !run) return undefined;
    const presented = decodeTime + run.earliest + track.shift;
    const presentedEnd = decodeTime + run.latestEnd + track.shift;
    times ??= {
      trackId,
      samples: 0,
      protectedSamples: 0,
      start: decodeTime,
      end: 0,
      presented,
      presentedEnd,
      firstSync: run.firstSync,
      leastDuration: Infinity,
      mostDuration: 0,
      gap: undefined,
    };
    if (times.samples > 0 && decodeTime !== times.end)
      times.gap ??= { expected: times.end, found: decodeTime };
    times.samples += run.samples;
    if (isProtected(traf, track)) times.protectedSamples += run.samples;
    times.end = decodeTime + run.duration;
    times.presented = Math.min(times.presented, presented);
    times.presentedEnd = Math.max(times.presentedEnd, presentedEnd);
    times.leastDuration = Math.min(times.leastDuration, run.leastDuration);
    times.mostDuration = Math.max(times.mostDuration, run.mostDuration);
  }
  return times;
}

/** What is kept of a segment that was read. */
export function factsOf(segment: Segment, part: Part): SegmentFacts {
  const offset = part.range?.offset ?? 0;
  return {
    file: segment.file,
    part,
    bytes: segment.size,
    format: 'mp4',
    init: segment.init,
    tracks: segment.init.tracks.flatMap((track) => timesOf(segment, track) ?? []),
    frames: segment.fragments.flatMap(({ moof, trafs }) => {
      const run = trafs[0]?.run;
      const first = run?.data[0];
      if (!run || !first) return [];
      return [
        {
          start: offset + moof.start,
          firstEnd: offset + first.start + (run.sizes[0] ?? 0),
          sync: run.firstSync,
        },
      ];
    }),
  };
}

/** Seconds that a segment plays for: what edits cut off at the start of a title does not count. */
export function playedSeconds({ presented, presentedEnd }: TrackTimes, timescale: number): number {
  return (presentedEnd - Math.max(0, presented)) / timescale;
}
