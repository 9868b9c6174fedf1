import { HullcastError } from '../../errors.js';
import { type Rational, sameRational } from '../../media/index.js';
import type { PackageParams, VideoInput } from '../types.js';

/** Frames of every segment. `starts` are first frames, ascending from 0; `frames` is the length of the title. */
export function segmentFrames(starts: readonly number[], frames: number): number[] {
  return starts.map((start, index) => (starts[index + 1] ?? frames) - start);
}

/**
 * The packager's `--segment_duration`, seconds, with which every key frame starts a segment.
 *
 * It cuts at a key frame when floor(time / duration) has changed since the last cut. Two neighbouring key frames fall
 * in different bins whenever they are at least one duration apart, so the duration must not exceed the smallest
 * distance between segment starts; half a frame less keeps rounding out of it. The last segment's own length does
 * not matter. A title of one segment gets a bin that holds all of it.
 */
export function segmentDuration(starts: readonly number[], frames: number, fps: Rational): string {
  const gaps = starts.slice(1).map((start, index) => start - (starts[index] ?? 0));
  const inFrames = gaps.length === 0 ? frames + 1 : Math.min(...gaps) - 0.5;
  return ((inFrames * fps.den) / fps.num).toFixed(6);
}

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

function invalid(message: string): HullcastError {
  return new HullcastError('PACKAGE_INPUT', message, {
    hint: 'All renditions of a title have the same frames, frame rate and key frames, and ids of their own.',
  });
}

function checkStarts({ id, segmentStarts, frames }: VideoInput): void {
  const ascending = segmentStarts.every((start, index) => start > (segmentStarts[index - 1] ?? -1));
  const integers = segmentStarts.every((start) => Number.isSafeInteger(start));
  if (segmentStarts[0] !== 0 || !ascending || !integers || (segmentStarts.at(-1) ?? 0) >= frames) {
    throw invalid(`the segment starts of rendition ${id} do not ascend from 0 to below its ${frames} frames`);
  }
}

/** Checks what the packager is to work on; throws PACKAGE_INPUT. Gives the first rendition, which stands for all. */
export function checkPackageInput({ videos, audios, texts = [], segmentSeconds }: PackageParams): VideoInput {
  const [first] = videos;
  if (!first) throw invalid('there is no video rendition to package');
  if (!(segmentSeconds > 0)) throw invalid(`a segment cannot last ${segmentSeconds} s`);
  const ids = [...videos, ...audios, ...texts].map(({ id }) => id);
  for (const id of ids)
    if (!ID.test(id)) throw invalid(`"${id}" cannot be the id of a rendition: it names a folder`);
  if (new Set(ids).size !== ids.length) throw invalid(`two renditions have the same id (${ids.join(', ')})`);
  for (const video of videos) {
    checkStarts(video);
    const same =
      video.frames === first.frames &&
      sameRational(video.fps, first.fps) &&
      video.segmentStarts.join() === first.segmentStarts.join();
    if (!same)
      throw invalid(`renditions ${first.id} and ${video.id} differ in frames, frame rate or segment starts`);
  }
  return first;
}
