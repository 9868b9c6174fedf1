import { isDashOnly } from '../audio/codecs.js';
import { ROLE_SIGNS } from '../audio/roles.js';
import type { AudioRendition } from '../types.js';

/** Folder of a rendition in the package. */
export function folderOf(kind: 'video' | 'audio' | 'text', id: string): string {
  return `${kind}/${id}`;
}

/** Initialisation segment of a rendition in a key period, by the number of the period from 0. */
export function initName(period: number): string {
  return period === 0 ? 'init.mp4' : `init-${period + 1}.mp4`;
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

/** What a viewer would call a track that has no title: its language, and what it is for. */
function untitled({ language, role }: AudioRendition): string {
  const spoken = language === 'und' ? 'Audio' : language;
  return role ? `${spoken} (${ROLE_SIGNS[role].name})` : spoken;
}

/** Name of every audio track as a viewer sees it, by track: its title, else its language and role; unique. */
export function trackNames(audios: readonly AudioRendition[]): Map<number, string> {
  const names = new Map<number, string>();
  for (const audio of [...audios].sort((a, b) => a.track - b.track)) {
    if (names.has(audio.track)) continue;
    const base = cleanName(audio.title ?? '') || untitled(audio);
    const taken = new Set(names.values());
    let name = base;
    for (let count = 2; taken.has(name); count += 1) name = `${base} ${count}`;
    names.set(audio.track, name);
  }
  return names;
}

/**
 * The track that plays unless the viewer chooses: the master's first default track, else its first; one of the programme's
 * own sound where there is any.
 */
export function defaultTrack(audios: readonly AudioRendition[]): number | undefined {
  const byTrack = [...audios].sort((a, b) => a.track - b.track);
  const own = byTrack.filter(({ role }) => role === undefined);
  const candidates = own.length > 0 ? own : byTrack;
  return (candidates.find((audio) => audio.default) ?? candidates[0])?.track;
}

/** AAC-LC in two groups, HE-AAC, Dolby Digital Plus whatever its channels. */
const GROUPS = ['stereo', 'surround', 'stereo-he-aac', 'eac3'] as const;

export interface AudioGroup {
  id: (typeof GROUPS)[number];
  /** One rendition for every track, the default track first. */
  members: AudioRendition[];
}

function groupOf({ codec = 'aac', channels }: AudioRendition): AudioGroup['id'] {
  if (codec === 'he-aac') return 'stereo-he-aac';
  if (codec === 'eac3') return 'eac3';
  return channels > 2 ? 'surround' : 'stereo';
}

/**
 * HLS rendition groups. Every group offers every track (RFC 8216, 4.3.4.2.1 asks for equal sets): a track that has
 * nothing for a group is in it with its first rendition, which is AAC-LC in stereo.
 */
export function audioGroups(audios: readonly AudioRendition[]): AudioGroup[] {
  const first = defaultTrack(audios);
  const offered = audios.filter((audio) => !isDashOnly(audio));
  const tracks = [...new Set(offered.map(({ track }) => track))].sort(
    (a, b) => Number(b === first) - Number(a === first) || a - b,
  );
  return GROUPS.flatMap((id) => {
    const fits = (audio: AudioRendition): boolean => groupOf(audio) === id;
    if (!offered.some(fits)) return [];
    const members = tracks.flatMap((track) => {
      const own = offered.filter((audio) => audio.track === track);
      return own.find(fits) ?? own[0] ?? [];
    });
    return [{ id, members }];
  });
}
