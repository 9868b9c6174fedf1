/** The part of mpd-parser that the checker, and tests, use; the package brings no types. */
declare module 'mpd-parser' {
  /** A representation with what it inherits; for toPlaylists. */
  export interface RepresentationInfo {
    attributes: object;
    segmentInfo: object;
  }
  export interface Playlist {
    segments?: { resolvedUri: string }[];
  }
  export interface MpdSegment {
    uri: string;
    resolvedUri: string;
    /** Seconds. */
    duration: number;
    map: { uri: string; resolvedUri: string };
  }
  export interface MpdPlaylist {
    attributes: { NAME: string; BANDWIDTH: number; CODECS: string };
    segments: MpdSegment[];
  }
  export interface Mpd {
    /** Seconds. */
    duration: number;
    playlists: MpdPlaylist[];
    mediaGroups: { AUDIO: Record<string, Record<string, { language: string; playlists: MpdPlaylist[] }>> };
  }
  export function parse(manifest: string, options: { manifestUri: string }): Mpd;
  /** Throws where the text is no MPD. */
  export function stringToMpdXml(manifest: string): object;
  export function inheritAttributes(
    mpd: object,
    options: { manifestUri: string },
  ): { representationInfo: RepresentationInfo[] };
  export function toPlaylists(representations: readonly RepresentationInfo[]): Playlist[];
}
