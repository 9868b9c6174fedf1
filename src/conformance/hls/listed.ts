import type { Track } from '../media/reader.js';
import { type SegmentFacts, type TrackTimes, playedSeconds } from '../media/segment.js';
import type { Init, InitTrack, Kind } from '../boxes/init.js';
import type { MediaPlaylist } from './media-playlist.js';

/** A media playlist, and the media that it lists, in its order. */
export interface ListedPlaylist {
  playlist: MediaPlaylist;
  track: Track;
  /** Tag of its master playlist, or of its own: every segment can be decoded by itself. */
  independent: boolean;
}

/** The initialisation segment of the first segment that has one. */
export function initOf({ track }: { track: Track }): Init | undefined {
  return track.find((facts) => facts?.init)?.init;
}

/** The track that durations are measured by: pictures, else the first. */
export function mainTrack(init: Init | undefined): InitTrack | undefined {
  return init?.tracks.find(({ kind }) => kind === 'video') ?? init?.tracks[0];
}

export function trackOfKind(init: Init | undefined, kind: Kind): InitTrack | undefined {
  return init?.tracks.find((track) => track.kind === kind);
}

/** Times of a track in a segment; undefined where they are not known. */
export function timesIn(
  facts: SegmentFacts | undefined,
  track: InitTrack | undefined,
): TrackTimes | undefined {
  return track && facts?.tracks.find(({ trackId }) => trackId === track.id);
}

/** Seconds that a segment plays for, by its main track. */
export function mediaSeconds(facts: SegmentFacts | undefined): number | undefined {
  const track = mainTrack(facts?.init);
  const times = timesIn(facts, track);
  return times && track && track.timescale > 0 ? playedSeconds(times, track.timescale) : undefined;
}

/** Codec strings of all tracks; undefined where one is not known. */
export function codecsOf(listed: { track: Track } | undefined): string[] | undefined {
  const tracks = listed && initOf(listed)?.tracks;
  if (!tracks || tracks.length === 0) return undefined;
  const codecs = tracks.map(({ entries }) => entries[0]?.codec);
  return codecs.every((codec) => codec !== undefined) ? codecs : undefined;
}

/** Frames a second, over all segments of which both frames and durations are known. */
export function frameRateOf(listed: { track: Track }): { rate: number; constant: boolean } | undefined {
  let samples = 0;
  let ticks = 0;
  let [least, most] = [Infinity, 0];
  const track = trackOfKind(initOf(listed), 'video');
  for (const facts of listed.track) {
    const times = timesIn(facts, track);
    if (!times) continue;
    samples += times.samples;
    ticks += times.end - times.start;
    least = Math.min(least, times.leastDuration);
    most = Math.max(most, times.mostDuration);
  }
  if (!track || ticks === 0 || track.timescale === 0) return undefined;
  return { rate: (samples * track.timescale) / ticks, constant: most - least <= 1 };
}
