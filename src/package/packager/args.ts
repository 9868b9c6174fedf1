import { AUDIO_CODECS } from '../audio/codecs.js';
import { languageTag } from '../audio/language.js';
import { ROLE_SIGNS } from '../audio/roles.js';
import { encryptionArgs } from '../drm/packager-args.js';
import type { AudioRendition, PackageParams } from '../types.js';
import { checkPackageInput, segmentDuration } from './boundaries.js';
import { defaultTrack, folderOf, trackNames } from './names.js';

/** Everything is relative to the working folder, so that names in it can be neither options nor separators. */
export const INPUT_FOLDER = 'in';
export const OUTPUT_FOLDER = 'package';

export const MANIFEST = 'manifest.mpd';
export const MASTER_PLAYLIST = 'master.m3u8';
export const MEDIA_PLAYLIST = 'playlist.m3u8';
export const IFRAME_PLAYLIST = 'iframes.m3u8';
/** Written by the audio run and merged into the two above. */
export const AUDIO_MANIFEST = 'audio.mpd';
export const AUDIO_MASTER_PLAYLIST = 'audio.m3u8';

/** What a track is for, to people who do not see or hear well (ETSI TS 103 285, 7.1.2). */
const AUDIO_PURPOSE = 'urn:tva:metadata:cs:AudioPurposeCS:2007';

type Fields = readonly (readonly [string, string])[];

function descriptor(fields: Fields): string {
  return fields.map(([name, value]) => `${name}=${value}`).join(',');
}

/** Where a run reads and writes; the title's own folders unless given. */
export interface RunFolders {
  input?: string;
  output?: string;
  /** Seconds, ascending, at which sound is cut besides: before the frame whose middle is the first at or after each. */
  cues?: readonly number[];
}

/** The fields that audio and video share: where it comes from, where its segments and its playlist go. */
function common(
  kind: 'video' | 'audio',
  id: string,
  { encryption }: PackageParams,
  { input = INPUT_FOLDER, output = OUTPUT_FOLDER }: RunFolders,
): Fields {
  const folder = folderOf(kind, id);
  return [
    ['in', `${input}/${id}`],
    ['stream', kind],
    ['init_segment', `${output}/${folder}/init.mp4`],
    ['segment_template', `${output}/${folder}/$Number$.m4s`],
    ['playlist_name', `${folder}/${MEDIA_PLAYLIST}`],
    // Under a label of its own a rendition has an IV of its own (docs/decisions/0019).
    ...(encryption ? [['drm_label', id] as const] : []),
  ];
}

/**
 * Bytes that the packager reads and writes ahead, for every file that it has open. Its own 32 MiB are half a gigabyte for three
 * renditions, and no faster.
 */
const IO_CACHE_BYTES = 1024 * 1024;

interface Run {
  streams: string[];
  mpd: string;
  master: string;
  duration: string;
  /** Seconds. */
  minBufferTime: string;
}

function runArgs(
  { streams, mpd, master, duration, minBufferTime }: Run,
  { encryption }: PackageParams,
  { output = OUTPUT_FOLDER }: RunFolders,
): string[] {
  return [
    ...streams,
    ...['--segment_duration', duration],
    ...['--min_buffer_time', minBufferTime],
    ...['--mpd_output', `${output}/${mpd}`, '--generate_static_live_mpd'],
    ...['--hls_master_playlist_output', `${output}/${master}`, '--hls_playlist_type', 'VOD'],
    // Creation times become 0: equal input gives equal bytes.
    ...['--use_fake_clock_for_muxer', '--quiet'],
    ...['--io_cache_size', String(IO_CACHE_BYTES)],
    ...(encryption ? encryptionArgs(encryption) : []),
  ];
}

/** Arguments that package the video renditions: every group of pictures becomes one segment. */
export function videoPackagerArgs(params: PackageParams, folders: RunFolders = {}): string[] {
  const { segmentStarts, frames, fps } = checkPackageInput(params);
  const run = {
    streams: params.videos.map(({ id }) =>
      descriptor([
        ...common('video', id, params, folders),
        ['iframe_playlist_name', `${folderOf('video', id)}/${IFRAME_PLAYLIST}`],
      ]),
    ),
    mpd: MANIFEST,
    master: MASTER_PLAYLIST,
    duration: segmentDuration(segmentStarts, frames, fps),
    minBufferTime: String(params.segmentSeconds),
  };
  return runArgs(run, params, folders);
}

/** Values of urn:mpeg:dash:role:2011: what plays by itself, and what a track is for. */
function rolesOf({ track, role }: AudioRendition, audios: readonly AudioRendition[]): string {
  const rank = track === defaultTrack(audios) ? 'main' : 'alternate';
  if (!role) return rank;
  const own = ROLE_SIGNS[role].dash;
  return rank === 'main' ? `main;${own}` : own;
}

/** A label of its own puts each rendition in an adaptation set of its own: players must not switch layouts or codecs by bandwidth. */
function labelOf(audio: AudioRendition, audios: readonly AudioRendition[]): string {
  const { codec = 'aac', channels } = audio;
  const { name } = AUDIO_CODECS[codec];
  const layout = channels > 2 ? '5.1' : 'stereo';
  const label = `${trackNames(audios).get(audio.track) ?? audio.id} ${layout}`;
  return name === undefined ? label : `${label} (${audio.joc === undefined ? name : 'Dolby Atmos'})`;
}

function audioDescriptor(audio: AudioRendition, params: PackageParams, folders: RunFolders): string {
  const { audios } = params;
  const language = languageTag(audio.language);
  const purpose = audio.role && ROLE_SIGNS[audio.role].purpose;
  return descriptor([
    ...common('audio', audio.id, params, folders),
    // `und` is what the packager assumes by itself; it refuses to be told so.
    ...(language === 'und' ? [] : [['language', language] as const]),
    ['dash_label', labelOf(audio, audios)],
    ['dash_roles', rolesOf(audio, audios)],
    ...(purpose === undefined ? [] : [['dash_accessibilities', `${AUDIO_PURPOSE}=${purpose}`] as const]),
  ]);
}

/** Microseconds, rounded down: a frame whose middle is the cue, to less than that, is not before it. */
function cueArgs(cues: readonly number[]): string[] {
  if (cues.length === 0) return [];
  return ['--ad_cues', cues.map((seconds) => (Math.floor(seconds * 1e6 + 1e-3) / 1e6).toFixed(6)).join(';')];
}

/**
 * Arguments that package the audio renditions, in a run of their own: in a common run audio would be cut as short as
 * the shortest shot is, a file for every few frames.
 */
export function audioPackagerArgs(params: PackageParams, folders: RunFolders = {}): string[] {
  const { cues = [] } = folders;
  const run = {
    streams: params.audios.map((audio) => audioDescriptor(audio, params, folders)),
    mpd: AUDIO_MANIFEST,
    master: AUDIO_MASTER_PLAYLIST,
    duration: params.segmentSeconds.toFixed(6),
    minBufferTime: String(params.segmentSeconds),
  };
  return [...runArgs(run, params, folders), ...cueArgs(cues)];
}
