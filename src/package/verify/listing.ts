import {
  type DashChecked,
  type HlsChecked,
  type SegmentFacts,
  type SegmentRef,
  type Track,
  localPath,
} from '../../conformance/index.js';

/** A rendition as a manifest lists it, and what was read of it. */
export interface Listed {
  /** The playlist or MPD. */
  file: string;
  init: string;
  /** `facts` is undefined where the segment cannot be read, which is a finding. */
  segments: { path: string; seconds: number; facts: SegmentFacts | undefined }[];
}

/** Renditions of a manifest by the folder that they lie in. */
export type Listing = Map<string, Listed>;

function add(listing: Listing, file: string, refs: readonly SegmentRef[], track: Track): void {
  const init = localPath(refs.find((ref) => ref.init)?.init?.url ?? '');
  if (init === undefined) return; // names no initialisation segment of the package, which is a finding
  const segments = refs.map(({ url, seconds }, index) => ({
    path: localPath(url) ?? url,
    seconds,
    facts: track[index],
  }));
  listing.set(init.slice(0, Math.max(0, init.lastIndexOf('/'))), { file, init, segments });
}

/** Pictures and sound of a master playlist. */
export function hlsListing({ lists }: Pick<HlsChecked, 'lists'>): Listing {
  const listing: Listing = new Map();
  for (const { playlist, track } of lists.values()) {
    if (!playlist.iframesOnly) add(listing, playlist.file, playlist.segments, track);
  }
  return listing;
}

export function dashListing({ file, representations }: DashChecked): Listing {
  const listing: Listing = new Map();
  for (const { list, track } of representations) add(listing, file, list.segments, track);
  return listing;
}
