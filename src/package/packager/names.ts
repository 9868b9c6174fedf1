import type { AudioRendition } from '../types.js';

/** Folder of a rendition in the package. */
export function folderOf(kind: 'video' | 'audio' | 'text', id: string): string {
  return `${kind}/${id}`;
}

/**
 * Text that may stand in a quoted HLS attribute and in a packager's stream descriptor: no quotes, line breaks, commas
 * or equals signs.
 */
export function cleanName(text: string): string {
  return text
    .replace(/[\p{Cc}",=]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .trim();
}

/** Name of every audio track as a viewer sees it, by track: its title, else its language; unique. */
export function trackNames(audios: readonly AudioRendition[]): Map<number, string> {
  const names = new Map<number, string>();
  for (const { track, title, language } of [...audios].sort((a, b) => a.track - b.track)) {
    if (names.has(track)) continue;
    const base = cleanName(title ?? '') || (language === 'und' ? 'Audio' : language);
    const taken = new Set(names.values());
    let name = base;
    for (let count = 2; taken.has(name); count += 1) name = `${base} ${count}`;
    names.set(track, name);
  }
  return names;
}

/** The track that plays unless the viewer chooses: the master's first default track, else its first. */
export function defaultTrack(audios: readonly AudioRendition[]): number | undefined {
  const byTrack = [...audios].sort((a, b) => a.track - b.track);
  return (byTrack.find((audio) => audio.default) ?? byTrack[0])?.track;
}

export interface AudioGroup {
  id: 'stereo' | 'surround';
  /** One rendition for every track, the default track first. */
  members: AudioRendition[];
}

/**
 * HLS rendition groups. Every group offers every track (RFC 8216, 4.3.4.2.1 asks for equal sets): a track without
 * surround sound is in the surround group with its stereo rendition.
 */
export function audioGroups(audios: readonly AudioRendition[]): AudioGroup[] {
  const first = defaultTrack(audios);
  const tracks = [...new Set(audios.map(({ track }) => track))].sort(
    (a, b) => Number(b === first) - Number(a === first) || a - b,
  );
  const isSurround = ({ channels }: AudioRendition): boolean => channels > 2;
  return (['stereo', 'surround'] as const).flatMap((id) => {
    const fits = (audio: AudioRendition): boolean => isSurround(audio) === (id === 'surround');
    if (!audios.some(fits)) return [];
    const members = tracks.flatMap((track) => {
      const own = audios.filter((audio) => audio.track === track);
      return own.find(fits) ?? own[0] ?? [];
    });
    return [{ id, members }];
  });
}
