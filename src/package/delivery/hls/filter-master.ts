import { quoted } from '../../packager/attributes.js';
import type { Bandwidth } from '../../packager/bandwidth.js';
import type { AudioFacts } from '../types.js';
import {
  type Entry,
  type KnownEntry,
  type Tagged,
  formatMaster,
  parseMaster,
  plain,
  renditionOf,
  uriOf,
} from './master-playlist.js';

export interface MasterSelection {
  /** Ids of what is kept. What the master names besides renditions of these three kinds is kept too. */
  videos: readonly string[];
  audios: readonly string[];
  texts: readonly string[];
  /** Every sound of the title. */
  allAudios: readonly AudioFacts[];
  /** Bit rates by media playlist. */
  rates: ReadonlyMap<string, Bandwidth>;
  /** Whether a session key is of use. */
  keepsKey(line: Tagged): boolean;
}

type MediaEntry = KnownEntry;

const NONE: Bandwidth = { average: 0, peak: 0 };

function isKept(uri: string, { videos, audios, texts }: MasterSelection): boolean {
  const rendition = renditionOf(uri);
  if (!rendition) return true;
  const ids = { video: videos, audio: audios, text: texts }[rendition.kind] ?? [];
  return ids.includes(rendition.id);
}

const groupKey = (entry: Tagged): string => `${plain(entry, 'TYPE')} ${plain(entry, 'GROUP-ID')}`;

/**
 * The groups that stay, with their members. Groups of one type offer the same tracks, so that one that lost a member is left
 * out where another one is whole; where none is, each stays with what it has left.
 */
function keptGroups(media: readonly MediaEntry[], selection: MasterSelection): Map<string, MediaEntry[]> {
  const groups = new Map<string, MediaEntry[]>();
  for (const entry of media) groups.set(groupKey(entry), [...(groups.get(groupKey(entry)) ?? []), entry]);
  const left = [...groups].map(([key, members]) => {
    const kept = members.filter((member) => isKept(uriOf(member), selection));
    return { key, kept, type: plain(members[0]!, 'TYPE'), whole: kept.length === members.length };
  });
  return new Map(
    left
      .filter(({ kept, whole, type }) => {
        const rivals = left.filter((other) => other.type === type);
        return kept.length > 0 && (whole || !rivals.some((rival) => rival.whole));
      })
      .map(({ key, kept }) => [key, kept]),
  );
}

function dearest(members: readonly MediaEntry[], { rates }: MasterSelection): Bandwidth {
  const known = members.map((member) => rates.get(uriOf(member)) ?? NONE);
  return {
    average: Math.max(0, ...known.map(({ average }) => average)),
    peak: Math.max(0, ...known.map(({ peak }) => peak)),
  };
}

/** Codecs of sounds in a group. */
function codecsOf(members: readonly MediaEntry[], { allAudios }: MasterSelection): string[] {
  const ids = members.map((member) => renditionOf(uriOf(member))?.id);
  return allAudios.filter(({ id }) => ids.includes(id)).map(({ codecs }) => codecs);
}

interface Change {
  before: readonly MediaEntry[];
  after: readonly MediaEntry[];
}

/** Takes off what a variant no longer plays with: bit rates of the dearest sound and text, codecs of the sound. */
function lightened(entry: Tagged, changes: readonly Change[], selection: MasterSelection): Tagged {
  const attributes = new Map(entry.attributes);
  for (const { before, after } of changes) {
    if (before.length === after.length) continue;
    const old = dearest(before, selection);
    const now = dearest(after, selection);
    for (const [name, rate] of [
      ['BANDWIDTH', old.peak - now.peak],
      ['AVERAGE-BANDWIDTH', old.average - now.average],
    ] as const) {
      const value = attributes.get(name);
      if (value !== undefined) attributes.set(name, String(Number(value) - rate));
    }
    const gone = new Set(codecsOf(before, selection));
    for (const codec of codecsOf(after, selection)) gone.delete(codec);
    const codecs = (plain(entry, 'CODECS') ?? '').split(',').filter((codec) => !gone.has(codec));
    if (attributes.has('CODECS')) attributes.set('CODECS', quoted(codecs.join(',')));
  }
  return { ...entry, attributes };
}

/** A variant with the groups that are left; undefined where its sound is gone. */
function keptVariant<T extends Tagged>(
  entry: T,
  all: readonly MediaEntry[],
  groups: ReadonlyMap<string, MediaEntry[]>,
  selection: MasterSelection,
): T | undefined {
  const changes: Change[] = [];
  const attributes = new Map(entry.attributes);
  for (const type of ['AUDIO', 'SUBTITLES', 'VIDEO']) {
    const name = plain(entry, type);
    if (name === undefined) continue;
    const key = `${type} ${name}`;
    const after = groups.get(key);
    if (!after && type !== 'SUBTITLES') return undefined;
    if (!after) attributes.delete(type);
    changes.push({ before: all.filter((member) => groupKey(member) === key), after: after ?? [] });
  }
  return { ...entry, ...lightened({ ...entry, attributes }, changes, selection) };
}

/**
 * A master playlist with some of the renditions only: variants, I-frame playlists, sounds and texts of others are left out, with
 * their share of bit rates and codecs. Order, scores and lines of unknown tags stay as they are.
 */
export function filterMaster(master: string, selection: MasterSelection): string {
  const entries = parseMaster(master);
  const media = entries.filter((entry): entry is MediaEntry => entry.kind === 'media');
  const groups = keptGroups(media, selection);
  const members = new Set([...groups.values()].flat());
  return formatMaster(
    entries.flatMap((entry): Entry[] => {
      switch (entry.kind) {
        case 'media':
          return members.has(entry) ? [entry] : [];
        case 'iframes':
          return isKept(uriOf(entry), selection) ? [entry] : [];
        case 'session-key':
          return selection.keepsKey(entry) ? [entry] : [];
        case 'variant': {
          if (!isKept(uriOf(entry), selection)) return [];
          const kept = keptVariant(entry, media, groups, selection);
          return kept ? [kept] : [];
        }
        case 'other':
          return [entry];
      }
    }),
  );
}
