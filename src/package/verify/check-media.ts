import type { InitTrack } from '../../conformance/index.js';
import { segmentFrames } from '../packager/boundaries.js';
import type { AudioRendition, VideoInput } from '../types.js';
import type { Findings } from './findings.js';
import type { Listed } from './listing.js';

/** Samples of an AAC frame. */
export const AAC_FRAME = 1024;

/** A rendition that a manifest lists, and its one track. */
export interface ListedTrack {
  listed: Listed;
  track: InitTrack;
}

/** Times of a segment's track, seconds on the title's timeline; undefined where they cannot be known. */
function timesAt({ listed, track }: ListedTrack, index: number): { start: number; end: number } | undefined {
  const times = listed.segments.at(index)?.facts?.tracks[0];
  return times && { start: times.presented / track.timescale, end: times.presentedEnd / track.timescale };
}

/** Frames and boundaries of one video rendition. */
export function checkVideo(one: ListedTrack, video: VideoInput, findings: Findings): void {
  const { listed, track } = one;
  const { segments, file } = listed;
  const expected = segmentFrames(video.segmentStarts, video.frames);
  if (segments.length !== expected.length) {
    findings.add(
      'segment-count',
      file,
      `there are ${segments.length} segments, ${expected.length} were planned`,
    );
  }
  const first = timesAt(one, 0)?.start;
  const tick = 1 / track.timescale;
  if (first !== undefined && Math.abs(first) >= tick / 2) {
    findings.add('start-offset', file, `its first frame is shown at ${first.toFixed(6)} s, not at 0`);
  }
  for (const [index, { path, facts }] of segments.entries()) {
    const [times, frames] = [facts?.tracks[0], expected[index]];
    if (!times || frames === undefined) continue; // reported as missing, or as one too many
    if (times.samples !== frames) {
      findings.add('segment-boundary', path, `it has ${times.samples} frames, ${frames} were planned`);
    }
    const planned = ((video.segmentStarts[index] ?? 0) * video.fps.den) / video.fps.num;
    const start = times.presented / track.timescale - (first ?? 0);
    // Within a tick: a timescale may not hold a whole number of ticks a frame.
    if (Math.abs(start - planned) <= tick) continue;
    findings.add('segment-boundary', path, `it begins at ${start.toFixed(6)} s, not ${planned.toFixed(6)} s`);
  }
  const frames = segments.reduce((sum, { facts }) => sum + (facts?.tracks[0]?.samples ?? 0), 0);
  if (frames !== video.frames) {
    findings.add('frame-count', file, `its segments have ${frames} frames, the title has ${video.frames}`);
  }
}

/**
 * Start and length of one audio rendition against the title's length in seconds. Sound is made to the sample, so half a
 * frame is generous; a whole one more is what a lost edit list, which hides the encoder's priming, looks like.
 */
export function checkAudio(
  one: ListedTrack,
  audio: AudioRendition,
  seconds: number,
  findings: Findings,
): void {
  const { file } = one.listed;
  const tolerance = AAC_FRAME / 2 / audio.sampleRate;
  const [first, last] = [timesAt(one, 0), timesAt(one, -1)];
  if (first && first.start >= tolerance) {
    findings.add('start-offset', file, `it begins at ${first.start.toFixed(6)} s`);
  }
  if (last && Math.abs(last.end - seconds) >= tolerance) {
    findings.add(
      'audio-duration',
      file,
      `it lasts ${last.end.toFixed(6)} s, the title ${seconds.toFixed(6)} s`,
    );
  }
}
