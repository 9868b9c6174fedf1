import { type AudioRendition, defaultTrack, trackNames } from '../package/index.js';
import type { Report } from '../report/index.js';

/** The audio renditions for report.json. */
export function reportAudios(audios: readonly AudioRendition[]): NonNullable<Report['audios']> {
  const names = trackNames(audios);
  const first = defaultTrack(audios);
  return audios.map(({ blob, title: _title, default: _default, role, codec, copied, ...audio }) => ({
    ...audio,
    name: names.get(audio.track) ?? audio.id,
    role: role ?? 'main',
    default: audio.track === first,
    codec: codec ?? 'aac',
    copied: copied === true,
    sha256: blob.sha256,
  }));
}
