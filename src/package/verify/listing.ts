/** A rendition as one manifest lists it. All paths are relative to the package. */
export interface Listed {
  /** The playlist or MPD. */
  file: string;
  init: string;
  segments: {
    path: string;
    seconds: number;
    /** In a playlist: whether a key is named for it. */
    keyed?: boolean;
  }[];
  /** bit/s; of a media playlist it is not known. */
  peak?: number;
  codecs?: string;
  /** EXT-X-TARGETDURATION, seconds. */
  targetDuration?: number;
  /** What an MPD says of its encryption. */
  protection?: { scheme: string; kid: string };
}

/** Reads a text file of the package; undefined where it is not there. */
export type ReadText = (path: string) => Promise<string | undefined>;

/** Path of a URI that stands in a playlist, relative to the package. Absolute and remote URIs are kept as they are. */
export function resolvePath(base: string, uri: string): string {
  if (/^(\/|[a-z][a-z0-9+.-]*:)/i.test(uri)) return uri;
  const parts = base.split('/').slice(0, -1);
  for (const part of uri.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** Renditions by the folder that their initialisation segment is in, e.g. `video/h264-180`. */
export type Listing = Map<string, Listed>;

export function folderOfInit(init: string): string {
  return init.split('/').slice(0, -1).join('/');
}
