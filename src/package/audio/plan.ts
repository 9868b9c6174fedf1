import type { MasterAudio } from '../../ingest/index.js';
import type { Rational } from '../../media/index.js';
import type { AudioCodec, AudioLayout, AudioParams, AudioRole } from '../types.js';
import { AUDIO_CODECS } from './codecs.js';
import { languageTag } from './language.js';
import { canCopy } from './passthrough.js';
import { roleOf } from './roles.js';

/** What is known better of a track than the master says. */
export interface AudioTrackSetting {
  /** Index among the master's audio streams. */
  track: number;
  role?: AudioRole | 'main';
  language?: string;
  /** What viewers choose it by. */
  name?: string;
}

export interface AudioOptions {
  /** AAC-LC alone unless given; it is always made. */
  codecs?: readonly AudioCodec[];
  /** Tracks that can be copied are, unless false. */
  passthrough?: boolean;
  tracks?: readonly AudioTrackSetting[];
}

/** Length of the title: a track that is to be copied must be there as long. */
interface Length {
  frames: number;
  fps: Rational;
}

export type PlannedAudio = Pick<AudioParams, 'id' | 'audio' | 'layout' | 'codec' | 'copy' | 'role'>;

type Kind = Pick<AudioParams, 'layout' | 'codec' | 'copy'>;

/** A track with what is set for it, and what it is for. */
function described(
  track: MasterAudio,
  settings: readonly AudioTrackSetting[],
): { audio: MasterAudio; role?: AudioRole } {
  const set = settings.find((setting) => setting.track === track.track);
  const audio = {
    ...track,
    ...(set?.language === undefined ? {} : { language: set.language }),
    ...(set?.name === undefined ? {} : { title: set.name }),
  };
  const role = set?.role ?? roleOf(audio);
  return role === undefined || role === 'main' ? { audio } : { audio, role };
}

const isSurround = ({ channels }: MasterAudio): boolean => channels >= 6;

/**
 * E-AC-3 where there is surround sound to carry. Once one track has it, the others get it too, in stereo where they are, so
 * that a viewer's change of language is no change of codec.
 */
function inEac3(audio: MasterAudio, copied: boolean, wanted: boolean): Kind[] {
  if (copied) return [{ layout: '5.1', codec: 'eac3', copy: true }];
  return wanted ? [{ layout: isSurround(audio) ? '5.1' : 'stereo', codec: 'eac3' }] : [];
}

function inCodec(audio: MasterAudio, codec: AudioCodec): Kind[] {
  const layouts: AudioLayout[] = isSurround(audio) ? ['stereo', '5.1'] : ['stereo'];
  return layouts
    .filter((layout) => AUDIO_CODECS[codec].bitrates[layout] !== undefined)
    .map((layout) => (codec === 'aac' ? { layout } : { layout, codec }));
}

/**
 * The audio renditions of a title: AAC-LC in stereo for every track, and in 5.1 besides where a track has six channels or
 * more; then what other codecs are wanted. Ids carry the language; further tracks of one language are numbered from 2
 * (`audio-en-2-stereo`).
 */
export function audioPlan(
  tracks: readonly MasterAudio[],
  { codecs = ['aac'], passthrough = true, tracks: settings = [] }: AudioOptions = {},
  length?: Length,
): PlannedAudio[] {
  const seen = new Map<string, number>();
  const eac3 = codecs.includes('eac3') && tracks.some(isSurround);
  return tracks.flatMap((track) => {
    const { audio, ...role } = described(track, settings);
    const language = languageTag(audio.language);
    const count = (seen.get(language) ?? 0) + 1;
    seen.set(language, count);
    const name = count === 1 ? `audio-${language}` : `audio-${language}-${count}`;
    const copied = passthrough && length !== undefined && canCopy(track, length.frames, length.fps);
    const kinds = [
      ...inCodec(audio, 'aac'),
      ...(codecs.includes('he-aac') ? inCodec(audio, 'he-aac') : []),
      ...inEac3(audio, copied, eac3),
      ...(codecs.includes('opus') ? inCodec(audio, 'opus') : []),
    ];
    return kinds.map((kind) => {
      const id = [name, kind.layout, ...(kind.codec ? [kind.codec] : [])].join('-');
      return { id, audio, ...kind, ...role };
    });
  });
}
