import {
  type DashChecked,
  type HlsChecked,
  type SegmentFacts,
  type SegmentRef,
  type Track,
  localPath,
  saidProtection,
} from '../../conformance/index.js';

/** A segment as a manifest lists it, and what was read of it. */
export interface ListedSegment {
  path: string;
  seconds: number;
  /** Undefined where it cannot be read, which is a finding. */
  facts: SegmentFacts | undefined;
  /** In a playlist: attributes of the EXT-X-KEY tags that hold for it. */
  keys?: readonly string[];
}

/** A rendition as a manifest lists it. */
export interface Listed {
  /** The playlist or MPD. */
  file: string;
  init: string;
  segments: ListedSegment[];
  /** What an MPD says of its encryption. */
  protection?: { scheme: string; kid: string } | undefined;
}

/** The initialisation segment of a rendition, as far as one of its segments could be read with it. */
export function initOf({ segments }: Listed): SegmentFacts['init'] {
  return segments.find(({ facts }) => facts?.init)?.facts?.init;
}

/** Renditions of a manifest by the folder that they lie in. */
export type Listing = Map<string, Listed>;

/** A text track as the master playlist describes it. */
export interface HlsText {
  /** Its media playlist. */
  file: string;
  segments: ListedSegment[];
  name: string | undefined;
  language: string | undefined;
  forced: boolean;
  isDefault: boolean;
  characteristics: string[];
}

interface Ref extends SegmentRef {
  keys?: readonly { text: string }[];
}

function segmentsOf(refs: readonly Ref[], track: Track): ListedSegment[] {
  return refs.map(({ url, seconds, keys }, index) => ({
    path: localPath(url) ?? url,
    seconds,
    facts: track[index],
    ...(keys && { keys: keys.map(({ text }) => text) }),
  }));
}

function add(
  listing: Listing,
  file: string,
  refs: readonly Ref[],
  track: Track,
  protection?: Listed['protection'],
): void {
  const init = localPath(refs.find((ref) => ref.init)?.init?.url ?? '');
  if (init === undefined) return; // names no initialisation segment of the package, which is a finding
  const segments = segmentsOf(refs, track);
  listing.set(init.slice(0, Math.max(0, init.lastIndexOf('/'))), { file, init, segments, protection });
}

/** Pictures and sound of a master playlist; nothing where there is none. */
export function hlsListing(checked: HlsChecked | undefined): Listing {
  const listing: Listing = new Map();
  for (const { playlist, track } of checked?.lists.values() ?? []) {
    if (!playlist.iframesOnly) add(listing, playlist.file, playlist.segments, track);
  }
  return listing;
}

/** Entries of its I-frame playlists, by playlist. */
export function iframeListing(checked: HlsChecked | undefined): Map<string, ListedSegment[]> {
  const iframes = [...(checked?.lists.values() ?? [])].filter(({ playlist }) => playlist.iframesOnly);
  return new Map(iframes.map(({ playlist, track }) => [playlist.file, segmentsOf(playlist.segments, track)]));
}

/** Texts of a master playlist. */
export function textListing(checked: HlsChecked | undefined): HlsText[] {
  const texts: HlsText[] = [];
  for (const { type, url, name, language, isDefault, values } of checked?.master?.renditions ?? []) {
    const listed = type === 'SUBTITLES' && url !== undefined ? checked?.lists.get(url) : undefined;
    if (!listed) continue; // of another kind, or its playlist cannot be read, which is a finding
    texts.push({
      ...{ file: listed.playlist.file, name, language, isDefault },
      segments: segmentsOf(listed.playlist.segments, listed.track),
      forced: values.get('FORCED') === 'YES',
      characteristics: (values.get('CHARACTERISTICS') ?? '').split(','),
    });
  }
  return texts;
}

export function dashListing(checked: DashChecked | undefined): Listing {
  const listing: Listing = new Map();
  for (const { mpd, list, track, representation } of checked?.representations ?? []) {
    add(listing, mpd.file, list.segments, track, saidProtection(representation));
  }
  return listing;
}
