import { segmentFrames } from '../packager/boundaries.js';
import type { AudioRendition, VideoInput } from '../types.js';
import { type OnDisk, playedSeconds } from './disk.js';
import type { Findings } from './findings.js';
import type { Listed } from './listing.js';

/** Samples of an AAC frame. */
export const AAC_FRAME = 1024;

/** What holds for pictures and sound alike: whole files, and each beginning where the one before it ended. */
export function checkContinuity(listed: Listed, disk: OnDisk, findings: Findings): void {
  let expected: number | undefined = 0;
  for (const [index, segment] of disk.segments.entries()) {
    const path = listed.segments[index]?.path ?? listed.file;
    if (segment && !segment.complete) {
      findings.add('segment-truncated', path, `its ${segment.bytes} bytes do not hold all its samples`);
    }
    if (segment && expected !== undefined && segment.start !== expected) {
      const ticks = `${segment.start} instead of ${expected} (1/${disk.timescale} s)`;
      findings.add('timeline-gap', path, `it begins at ${ticks}`);
    }
    expected = segment?.end; // after a segment that is missing, which was reported, there is nothing to compare with
  }
}

/** Frames, key frames and boundaries of one video rendition. */
export function checkVideo(listed: Listed, disk: OnDisk, video: VideoInput, findings: Findings): void {
  checkContinuity(listed, disk, findings);
  const expected = segmentFrames(video.segmentStarts, video.frames);
  if (disk.segments.length !== expected.length) {
    findings.add(
      'segment-count',
      listed.file,
      `there are ${disk.segments.length} segments, ${expected.length} were planned`,
    );
  }
  for (const [index, segment] of disk.segments.entries()) {
    const path = listed.segments[index]?.path ?? listed.file;
    if (!segment) continue;
    if (!segment.firstSync) findings.add('segment-not-sync', path, 'its first sample is not a sync sample');
    const frames = expected[index];
    if (frames !== undefined && segment.samples !== frames) {
      findings.add('segment-boundary', path, `it has ${segment.samples} frames, ${frames} were planned`);
    }
  }
  const [first] = disk.segments;
  if (first && first.presentation !== disk.mediaTime) {
    const ticks = `${first.presentation - disk.mediaTime} (1/${disk.timescale} s)`;
    findings.add('start-offset', listed.file, `its first frame is shown at ${ticks}, not at 0`);
  }
  const frames = disk.segments.reduce((sum, segment) => sum + (segment?.samples ?? 0), 0);
  if (frames !== video.frames) {
    findings.add(
      'frame-count',
      listed.file,
      `its segments have ${frames} frames, the title has ${video.frames}`,
    );
  }
}

/**
 * Continuity and length of one audio rendition against the title's length in seconds. Sound is made to the sample, so
 * half a frame is generous; a whole one more is what a lost edit list, which hides the encoder's priming, looks like.
 */
export function checkAudio(
  listed: Listed,
  disk: OnDisk,
  audio: AudioRendition,
  seconds: number,
  findings: Findings,
): void {
  checkContinuity(listed, disk, findings);
  const last = disk.segments.at(-1);
  if (!last) return; // reported as missing
  const played = (last.presentationEnd - disk.mediaTime) / disk.timescale;
  if (Math.abs(played - seconds) >= AAC_FRAME / 2 / audio.sampleRate) {
    findings.add(
      'audio-duration',
      listed.file,
      `it lasts ${played.toFixed(6)} s, the title ${seconds.toFixed(6)} s`,
    );
  }
}

/** Every rendition must be cut at the same times, or a player could not switch between them. */
export function checkSameCuts(videos: readonly { listed: Listed; disk: OnDisk }[], findings: Findings): void {
  const [first, ...others] = videos;
  if (!first) return;
  for (const { listed, disk } of others) {
    for (const [index, segment] of disk.segments.entries()) {
      const reference = first.disk.segments[index];
      if (!segment || !reference) continue;
      const seconds = playedSeconds(disk, segment);
      const wanted = playedSeconds(first.disk, reference);
      if (Math.abs(seconds - wanted) <= 1 / Math.min(disk.timescale, first.disk.timescale)) continue;
      const path = listed.segments[index]?.path ?? listed.file;
      findings.add(
        'renditions-differ',
        path,
        `it lasts ${seconds} s, the same segment of another rendition ${wanted} s`,
      );
    }
  }
}
