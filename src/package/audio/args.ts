import type { MasterAudio } from '../../ingest/index.js';
import { BITEXACT_OUTPUT, type Rational, openArgs } from '../../media/index.js';
import type { AudioLayout, AudioParams } from '../types.js';
import { AUDIO_CODECS, encoderOptions } from './codecs.js';
import { languageTag } from './language.js';
import { downmixMatrix, panFilter } from './layout.js';
import { LOUDNESS_FILTER } from './loudness.js';
import { SAMPLE_RATE, titleSamples } from './timing.js';

export const AUDIO_CHANNELS: Record<AudioLayout, number> = { stereo: 2, '5.1': 6 };

/** Puts the track where it belongs in the picture's time: silence before it, or what comes before the picture cut off. */
function offsetFilters(offsetSeconds: number): string[] {
  const samples = Math.round(offsetSeconds * SAMPLE_RATE);
  if (samples > 0) return [`adelay=delays=${samples}S:all=1`];
  return samples < 0 ? [`atrim=start_sample=${-samples}`, 'asetpts=PTS-STARTPTS'] : [];
}

export interface TrackFilter {
  audio: MasterAudio;
  layout: AudioLayout;
  frames: number;
  fps: Rational;
  gainDb?: number;
}

/**
 * Filter chain from a track to exactly the title's length: gaps in its timestamps of more than 0.1 s become silence
 * (swresample's `async=1`), channels are folded down, the start is aligned with the picture, the end is padded or cut.
 */
export function trackFilter({ audio, layout, frames, fps, gainDb = 0 }: TrackFilter): string {
  const samples = titleSamples(frames, fps);
  return [
    'asetpts=PTS-STARTPTS',
    `aresample=${SAMPLE_RATE}:osf=fltp:async=1:first_pts=0`,
    panFilter(downmixMatrix(audio.layout, audio.channels, layout), layout),
    ...offsetFilters(audio.offsetSeconds),
    ...(gainDb === 0 ? [] : [`volume=${gainDb}dB`]),
    `apad=whole_len=${samples}`,
    `atrim=end_sample=${samples}`,
  ].join(',');
}

/** Opens a master for one of its audio tracks; the pictures are not even read. */
function openTrack(path: string, params: Pick<AudioParams, 'demuxer' | 'audio'>): string[] {
  return ['-vn', '-sn', '-dn', ...openArgs(path, params.demuxer), '-map', `0:a:${params.audio.track}`];
}

/** Measures a track as it would be encoded, without encoding it. */
export function measureTrackArgs(path: string, params: AudioParams): string[] {
  return [...openTrack(path, params), '-af', `${trackFilter(params)},${LOUDNESS_FILTER}`, '-f', 'null', '-'];
}

/** How loud a track is to be, as measured before. */
export interface Levels {
  gainDb: number;
  /** Dialogue level for E-AC-3, dBFS. */
  dialnorm: number;
}

/**
 * ffmpeg's E-AC-3 encoder has no flush: what its delay pushes out of the last frame would be lost, so silence follows, and
 * the last frame's duration says where the title ends. The other encoders do that themselves.
 */
function tailArgs(params: AudioParams): { filter: string; args: string[] } {
  const { codec = 'aac', frames, fps } = params;
  if (codec !== 'eac3') return { filter: '', args: [] };
  const duration = `min(DURATION,${titleSamples(frames, fps)}-PTS)`;
  return {
    filter: `,apad=pad_len=${AUDIO_CODECS.eac3.priming}`,
    args: ['-bsf:a', `setts=duration='${duration}'`],
  };
}

/** Encodes a track into MP4, the encoder's priming signalled by an edit list. */
export function encodeTrackArgs(path: string, params: AudioParams, levels: Levels, output: string): string[] {
  const language = languageTag(params.audio.language);
  const { codec = 'aac', layout } = params;
  const tail = tailArgs(params);
  return [
    ...openTrack(path, params),
    ...['-af', `${trackFilter({ ...params, gainDb: levels.gainDb })}${tail.filter}`],
    ...encoderOptions(codec, layout, levels.dialnorm),
    ...tail.args,
    ...BITEXACT_OUTPUT,
    ...(language.length === 3 ? ['-metadata:s:a:0', `language=${language}`] : []),
    ...['-movie_timescale', String(SAMPLE_RATE), '-f', 'mp4', `file:${output}`],
  ];
}

/** Measures an encoded rendition. */
export function measureEncodedArgs(path: string): string[] {
  return [...openArgs(path, 'mov'), '-map', '0:a:0', '-af', LOUDNESS_FILTER, '-f', 'null', '-'];
}
