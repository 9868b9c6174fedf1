import type { MasterAudio } from '../../ingest/index.js';
import { BITEXACT_OUTPUT, type Rational, openArgs } from '../../media/index.js';
import type { AudioParams } from '../types.js';
import { AUDIO_CODECS } from './codecs.js';
import { languageTag } from './language.js';
import { SAMPLE_RATE, titleSamples } from './timing.js';

const { frame: FRAME } = AUDIO_CODECS.eac3;

/** Samples that a copied track may begin late or end early by: half a frame, and 10.7 ms. */
const LATE = FRAME / 2;
const EARLY = 512;

/** Samples that the frames of a track may be more or fewer than its duration: half a frame, far more than times are rounded by. */
const UNEVEN = FRAME / 2;

/**
 * Whether a track can ship as it is: surround sound in E-AC-3 at 48 kHz, in frames of six blocks, that is there while the
 * picture is. Frames cannot be divided, and none can be made for a part that is missing, at an end or in a hole between.
 */
export function canCopy(audio: MasterAudio, frames: number, fps: Rational): boolean {
  const start = audio.offsetSeconds * SAMPLE_RATE;
  const end = (audio.offsetSeconds + audio.durationSeconds) * SAMPLE_RATE;
  return (
    audio.codec === 'eac3' &&
    audio.channels >= 6 &&
    audio.sampleRate === SAMPLE_RATE &&
    Math.abs(audio.packets * FRAME - audio.durationSeconds * SAMPLE_RATE) <= UNEVEN &&
    start <= LATE &&
    end >= titleSamples(frames, fps) - EARLY
  );
}

/** Whole frames before the picture, which are left out, and the samples of the first one that are not played. */
export function leadOf(offsetSeconds: number): { dropped: number; unplayed: number } {
  const before = Math.max(0, Math.round(-offsetSeconds * SAMPLE_RATE));
  return { dropped: Math.floor(before / FRAME), unplayed: before % FRAME };
}

/**
 * Copies a track's frames that are heard during the picture into MP4, one a sample. What the first has before the picture is
 * cut off by the edit list, what the last has after it by its duration.
 */
export function copyTrackArgs(path: string, params: AudioParams, output: string): string[] {
  const { audio, demuxer, frames, fps } = params;
  const { dropped, unplayed } = leadOf(audio.offsetSeconds);
  const samples = titleSamples(frames, fps);
  const kept = Math.ceil((samples + unplayed) / FRAME);
  const language = languageTag(audio.language);
  // Frames are numbered, so that times of the container (milliseconds in Matroska) decide nothing.
  const start = `N*${FRAME}-${unplayed}`;
  const filters = [
    `noise=drop='lt(n,${dropped})+gte(n,${dropped + kept})'`,
    `setts=time_base=1/${SAMPLE_RATE}:ts='${start}':duration='min(${FRAME},${samples}-(${start}))'`,
  ].join(',');
  return [
    ...['-vn', '-sn', '-dn', ...openArgs(path, demuxer), '-map', `0:a:${audio.track}`],
    ...['-c:a', 'copy', '-bsf:a', filters],
    ...BITEXACT_OUTPUT,
    ...(language.length === 3 ? ['-metadata:s:a:0', `language=${language}`] : []),
    ...['-movie_timescale', String(SAMPLE_RATE), '-f', 'mp4', `file:${output}`],
  ];
}

/** The first frames of a copied rendition, raw, on standard output. */
export function firstFramesArgs(path: string): string[] {
  return [...openArgs(path, 'mov'), '-map', '0:a:0', '-c', 'copy', '-frames:a', '8', '-f', 'eac3', '-'];
}
