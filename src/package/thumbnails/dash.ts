import { HullcastError } from '../../errors.js';
import { IMAGE_FOLDER, type ThumbnailTrack, sheetBandwidth, sheetMs } from './track.js';

/**
 * The adaptation set of a title's thumbnails (DASH-IF IOP 4.3, 6.2.6): each segment is a sheet, whose grid is in the
 * essential property, so that players that do not know it leave the set alone. A representation's size is the sheet's.
 */
export function thumbnailAdaptationSet(track: ThumbnailTrack, id: number): string {
  const { width, height, columns, rows } = track;
  return [
    `    <AdaptationSet id="${id}" contentType="image" mimeType="image/jpeg">`,
    `      <SegmentTemplate media="${IMAGE_FOLDER}/sprite-$Number$.jpg" startNumber="0" timescale="1000" duration="${sheetMs(track)}"/>`,
    `      <Representation id="thumbnails" bandwidth="${sheetBandwidth(track)}" width="${width * columns}" height="${height * rows}">`,
    `        <EssentialProperty schemeIdUri="http://dashif.org/guidelines/thumbnail_tile" value="${columns}x${rows}"/>`,
    `      </Representation>`,
    `    </AdaptationSet>`,
    '',
  ].join('\n');
}

/** Adds the thumbnails to a title's MPD of one period, after its other adaptation sets. Throws PACKAGE_MANIFEST. */
export function mpdWithThumbnails(mpd: string, track: ThumbnailTrack): string {
  const at = mpd.search(/[ \t]*<\/Period>/);
  if (at < 0 || mpd.indexOf('</Period>') !== mpd.lastIndexOf('</Period>')) {
    throw new HullcastError('PACKAGE_MANIFEST', "the packager's MPD has not one period", {
      hint: 'This is written for Shaka Packager 3.4: check which one is used with `hullcast doctor`.',
    });
  }
  const ids = [...mpd.matchAll(/<AdaptationSet\b[^>]*\sid="(\d+)"/g)].map((match) => Number(match[1]));
  const set = thumbnailAdaptationSet(track, Math.max(-1, ...ids) + 1);
  return mpd.slice(0, at) + set + mpd.slice(at);
}
