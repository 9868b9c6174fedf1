/** The part of mpd-parser that verification uses; the package brings no types. */
declare module 'mpd-parser' {
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
    /** By the names of key systems, and `mp4protection`. */
    contentProtection?: Record<string, { attributes: Record<string, string>; pssh?: Uint8Array }>;
  }
  export interface Mpd {
    /** Seconds. */
    duration: number;
    playlists: MpdPlaylist[];
    mediaGroups: Record<
      'AUDIO' | 'SUBTITLES',
      Record<string, Record<string, { language: string; playlists: MpdPlaylist[] }>>
    >;
  }
  export function parse(manifest: string, options: { manifestUri: string }): Mpd;
}
