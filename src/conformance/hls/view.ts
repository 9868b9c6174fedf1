import type { Sized } from '../bit-rate.js';
import { averageRate, peakRate } from '../bit-rate.js';
import type { ListedPlaylist } from './listed.js';
import type { MasterPlaylist, Rendition, Variant } from './master-playlist.js';

/** A master playlist with what it names. */
export interface MasterView {
  master: MasterPlaylist;
  /** Media playlists by URL; those that could not be read are missing. */
  lists: ReadonlyMap<string, ListedPlaylist>;
}

/** A variant, with its media and the media that it may play with. */
export interface VariantView {
  variant: Variant;
  own: ListedPlaylist | undefined;
  /** Renditions of its audio group with a playlist of their own. */
  audios: { rendition: Rendition; listed: ListedPlaylist | undefined }[];
  /** Renditions of its text, those that could be read. */
  texts: ListedPlaylist[];
  /** Whether it has renditions of text. */
  hasText: boolean;
}

function listOf({ lists }: MasterView, url: string | undefined): ListedPlaylist | undefined {
  return url === undefined ? undefined : lists.get(url);
}

export function variantView(view: MasterView, variant: Variant): VariantView {
  const inGroup = (type: 'AUDIO' | 'SUBTITLES'): Rendition[] => {
    const group = variant.groups.get(type);
    if (group === undefined) return [];
    return view.master.renditions.filter((one) => one.type === type && one.group === group);
  };
  return {
    variant,
    own: listOf(view, variant.url),
    // A variant may be the rendition itself; its media would else be counted twice.
    audios: inGroup('AUDIO')
      .filter(({ url }) => url !== undefined && url !== variant.url)
      .map((rendition) => ({ rendition, listed: listOf(view, rendition.url) })),
    texts: inGroup('SUBTITLES').flatMap(({ url }) => listOf(view, url) ?? []),
    hasText: variant.groups.has('SUBTITLES'),
  };
}

/** Sizes of a playlist's segments, with the durations that it says; undefined where one is not known. */
function sizesOf({ playlist, track }: ListedPlaylist): Sized[] | undefined {
  if (track.length !== playlist.segments.length || track.length === 0) return undefined;
  const sizes: Sized[] = [];
  for (const [index, { seconds, range }] of playlist.segments.entries()) {
    const facts = track[index];
    if (!facts || seconds <= 0) return undefined;
    sizes.push({ bytes: range?.length ?? facts.bytes, seconds });
  }
  return sizes;
}

export interface Rates {
  average: number;
  peak: number;
}

export function ratesOf(listed: ListedPlaylist | undefined): Rates | undefined {
  const sizes = listed && sizesOf(listed);
  if (!sizes) return undefined;
  const longest = sizes.reduce((most, { seconds }) => Math.max(most, seconds), 0);
  return {
    average: averageRate(sizes),
    peak: peakRate(sizes, listed.playlist.targetDuration ?? Math.ceil(longest)),
  };
}

/** The most of each rate. */
function dearest(all: readonly (Rates | undefined)[]): Rates {
  const most = (kind: keyof Rates): number => all.reduce((sum, one) => Math.max(sum, one?.[kind] ?? 0), 0);
  return { average: most('average'), peak: most('peak') };
}

/**
 * What a variant needs: its own media, and the dearest of its audio renditions. `withText` is with the dearest of its text
 * too: RFC 8216, 4.3.4.2, asks for the sum of all that may be played together, but most packagers leave text out.
 */
export function variantRates({ own, audios, texts }: VariantView): (Rates & { withText: Rates }) | undefined {
  const rates = ratesOf(own);
  const others = audios.map(({ listed }) => ratesOf(listed));
  if (!rates || others.includes(undefined)) return undefined;
  const [sound, text] = [dearest(others), dearest(texts.map(ratesOf))];
  const [average, peak] = [rates.average + sound.average, rates.peak + sound.peak];
  return { average, peak, withText: { average: average + text.average, peak: peak + text.peak } };
}
