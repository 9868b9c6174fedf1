/** Bytes of a file. */
export interface ByteRange {
  offset: number;
  length: number;
}

/** A whole file, or a range of one, by its absolute URL. */
export interface Part {
  url: string;
  range?: ByteRange | undefined;
}

/** A media segment as a manifest lists it. */
export interface SegmentRef extends Part {
  /** Its initialisation segment; undefined where none is named. */
  init: Part | undefined;
  /** What the manifest says that it lasts, seconds. */
  seconds: number;
  /** Where it stands in the manifest. */
  line?: number | undefined;
  /** Its reference cannot be understood, which was reported: it is not read. */
  unusable?: boolean;
  /** Whether its times need not follow those of the segment before it. */
  discontinuity: boolean;
}

export function partKey({ url, range }: Part): string {
  return range ? `${url} ${range.offset}+${range.length}` : url;
}

/** How findings name a part. `name` is that of the file. */
export function partName(name: string, { range }: Part): string {
  return range ? `${name} (bytes ${range.offset}-${range.offset + range.length - 1})` : name;
}
