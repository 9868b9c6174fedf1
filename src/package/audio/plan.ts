import type { MasterAudio } from '../../ingest/index.js';
import type { AudioLayout } from '../types.js';
import { languageTag } from './language.js';

export interface PlannedAudio {
  /** Unique in the title, e.g. `audio-en-stereo`. */
  id: string;
  audio: MasterAudio;
  layout: AudioLayout;
}

/**
 * The audio renditions of a title: stereo for every track, and 5.1 in addition where a track has six channels or
 * more. Ids carry the language; further tracks of one language are numbered from 2 (`audio-en-2-stereo`).
 */
export function audioPlan(audio: readonly MasterAudio[]): PlannedAudio[] {
  const seen = new Map<string, number>();
  return audio.flatMap((track) => {
    const language = languageTag(track.language);
    const count = (seen.get(language) ?? 0) + 1;
    seen.set(language, count);
    const name = count === 1 ? `audio-${language}` : `audio-${language}-${count}`;
    const layouts: AudioLayout[] = track.channels >= 6 ? ['stereo', '5.1'] : ['stereo'];
    return layouts.map((layout) => ({ id: `${name}-${layout}`, audio: track, layout }));
  });
}
