import { HullcastError } from '../../errors.js';

/** A representation's segments as the packager wrote them into its MPD. */
export interface Timeline {
  /** Folder of the rendition, relative to the MPD, e.g. `video/v180`. */
  folder: string;
  codecs: string;
  timescale: number;
  /** Start of the first segment, ticks. */
  start: number;
  /** Duration of every segment, ticks. */
  durations: number[];
}

/** A whole <Representation> of the packager's MPD. */
export const REPRESENTATION = /<Representation\b[^>]*>[\s\S]*?<\/Representation>/g;

/** Value of an attribute in a piece of the packager's MPD. Throws PACKAGE_MANIFEST. */
export function attributeOf(xml: string, name: string): string {
  const value = new RegExp(`\\s${name}="([^"]*)"`).exec(xml)?.[1];
  if (value === undefined) {
    throw new HullcastError(
      'PACKAGE_MANIFEST',
      `the packager's MPD has no ${name} where there should be one`,
      {
        hint: 'This is written for Shaka Packager 3.4: check which one is used with `hullcast doctor`.',
      },
    );
  }
  return value;
}

/** Folder that a representation's initialisation segment is in. */
export function folderOfRepresentation(xml: string): string {
  return attributeOf(xml, 'initialization').replace(/\/init\.mp4$/, '');
}

/** Reads the segment timelines of all representations. Throws PACKAGE_MANIFEST. */
export function readTimelines(mpd: string): Timeline[] {
  return (mpd.match(REPRESENTATION) ?? []).map((xml) => {
    const entries = xml.match(/<S\b[^>]*>/g) ?? [];
    const durations = entries.flatMap((entry) => {
      const repeat = Number(/\sr="(\d+)"/.exec(entry)?.[1] ?? 0);
      return Array.from({ length: repeat + 1 }, () => Number(attributeOf(entry, 'd')));
    });
    return {
      folder: folderOfRepresentation(xml),
      codecs: attributeOf(xml, 'codecs'),
      timescale: Number(attributeOf(xml, 'timescale')),
      start: Number(/\st="(\d+)"/.exec(entries[0] ?? '')?.[1] ?? 0),
      durations,
    };
  });
}
