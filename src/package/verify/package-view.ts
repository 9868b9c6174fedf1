import type { Protection } from '../drm/protection.js';
import type { Findings } from './findings.js';
import type { HlsText, ListedSegment, Listing } from './listing.js';

/** Reads a file of the package; undefined where it is not there. */
export type ReadBytes = (path: string) => Promise<Buffer | undefined>;

/** What both manifests list. */
export interface PackageView {
  hls: Listing;
  /** Entries of I-frame playlists, by playlist. */
  iframes: Map<string, ListedSegment[]>;
  /** Texts of HLS; those of DASH are renditions as others. */
  texts: HlsText[];
  dash: Listing;
  /** mediaPresentationDuration, seconds. */
  dashSeconds: number | undefined;
  read: ReadBytes;
  findings: Findings;
  /** Keys of a title that is to be encrypted, by key period. */
  protections: readonly Protection[];
}
