import type { MasterAudio } from '../../ingest/index.js';
import { BITEXACT_OUTPUT, type Rational, openArgs } from '../../media/index.js';
import type { AudioLayout, AudioParams } from '../types.js';
import { languageTag } from './language.js';
import { downmixMatrix, panFilter } from './layout.js';
import { LOUDNESS_FILTER } from './loudness.js';

/**
 * Every rendition is at 48 kHz, 44.1 kHz masters too: one rate for all tracks lets a player switch between them
 * without opening its decoder anew, and 1024-sample frames last the same everywhere.
 */
export const SAMPLE_RATE = 48_000;

/** AAC-LC, bit/s. */
export const AUDIO_BITRATE: Record<AudioLayout, number> = { stereo: 128_000, '5.1': 384_000 };

export const AUDIO_CHANNELS: Record<AudioLayout, number> = { stereo: 2, '5.1': 6 };

/** Samples per channel that cover `frames` video frames, to the nearest sample. */
export function titleSamples(frames: number, fps: Rational): number {
  return Math.round((frames * fps.den * SAMPLE_RATE) / fps.num);
}

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

/** Encodes a track as AAC-LC in MP4, the encoder's priming signalled by an edit list. */
export function encodeTrackArgs(path: string, params: AudioParams, gainDb: number, output: string): string[] {
  const language = languageTag(params.audio.language);
  return [
    ...openTrack(path, params),
    ...['-af', trackFilter({ ...params, gainDb })],
    ...['-c:a', 'aac', '-profile:a', 'aac_low', '-b:a', String(AUDIO_BITRATE[params.layout])],
    ...BITEXACT_OUTPUT,
    ...(language.length === 3 ? ['-metadata:s:a:0', `language=${language}`] : []),
    ...['-movie_timescale', String(SAMPLE_RATE), '-f', 'mp4', `file:${output}`],
  ];
}

/** Measures an encoded rendition. */
export function measureEncodedArgs(path: string): string[] {
  return [...openArgs(path, 'mov'), '-map', '0:a:0', '-af', LOUDNESS_FILTER, '-f', 'null', '-'];
}
