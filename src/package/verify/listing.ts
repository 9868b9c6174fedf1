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
  /** Its initialisation segment. */
  init: string;
  /** In a playlist: attributes of the EXT-X-KEY tags that hold for it. */
  keys?: readonly string[];
}

/** A rendition as a manifest lists it. */
export interface Listed {
  /** The playlist or MPD. */
  file: string;
  /** The initialisation segment of its first segment. */
  init: string;
  segments: ListedSegment[];
  /** What an MPD says of its encryption, by period. */
  protections: ({ scheme: string; kid: string } | undefined)[];
}

/** Initialisation segments that its segments are read with, by path; each as far as it could be read. */
export function initsOf({ segments }: Pick<Listed, 'segments'>): Map<string, SegmentFacts['init']> {
  const inits = new Map<string, SegmentFacts['init']>();
  for (const { init, facts } of segments) inits.set(init, inits.get(init) ?? facts?.init);
  return inits;
}

/** The initialisation segment of a rendition, as far as one of its segments could be read with it. */
export function initOf({ segments }: Pick<Listed, 'segments'>): SegmentFacts['init'] {
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
  return refs.map(({ url, seconds, keys, init }, index) => ({
    path: localPath(url) ?? url,
    seconds,
    facts: track[index],
    init: localPath(init?.url ?? '') ?? '',
    ...(keys && { keys: keys.map(({ text }) => text) }),
  }));
}

/** A list that names an initialisation segment of the package; that it does not is a finding. */
function listedAs(file: string, refs: readonly Ref[], track: Track): [folder: string, Listed] | undefined {
  const init = localPath(refs.find((ref) => ref.init)?.init?.url ?? '');
  if (init === undefined) return undefined;
  const folder = init.slice(0, Math.max(0, init.lastIndexOf('/')));
  return [folder, { file, init, segments: segmentsOf(refs, track), protections: [] }];
}

/** Pictures and sound of a master playlist; nothing where there is none. */
export function hlsListing(checked: HlsChecked | undefined): Listing {
  const listing: Listing = new Map();
  for (const { playlist, track } of checked?.lists.values() ?? []) {
    const listed = playlist.iframesOnly ? undefined : listedAs(playlist.file, playlist.segments, track);
    if (listed) listing.set(...listed);
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

/** Renditions of an MPD; what goes on in a further period is one list. A segment that two periods show is one. */
export function dashListing(checked: DashChecked | undefined): Listing {
  const listing: Listing = new Map();
  for (const { mpd, list, track, representation } of checked?.representations ?? []) {
    const [folder, listed] = listedAs(mpd.file, list.segments, track) ?? [];
    if (folder === undefined || !listed) continue;
    const whole = listing.get(folder) ?? { ...listed, segments: [] };
    const shared = listed.segments[0]?.path === whole.segments.at(-1)?.path;
    whole.segments.push(...listed.segments.slice(shared ? 1 : 0));
    whole.protections.push(saidProtection(representation));
    listing.set(folder, whole);
  }
  return listing;
}
