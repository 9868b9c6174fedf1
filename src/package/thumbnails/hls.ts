import { formatAttributes, quoted } from '../packager/attributes.js';
import {
  IMAGE_FOLDER,
  THUMBNAIL_PLAYLIST,
  type ThumbnailTrack,
  sheetBandwidth,
  sheetSeconds,
} from './track.js';

/**
 * The playlist of a title's thumbnails (Image Media Playlist 0.4, which Roku's and other players read): a segment is a
 * sheet. Players that do not know its tags never come here: no variant names it.
 */
export function thumbnailPlaylist(track: ThumbnailTrack): string {
  const { width, height, columns, rows, intervalMs } = track;
  const seconds = sheetSeconds(track);
  const tiles = `RESOLUTION=${width}x${height},LAYOUT=${columns}x${rows},DURATION=${intervalMs / 1000}`;
  const folder = `${IMAGE_FOLDER}/`;
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:7',
    `#EXT-X-TARGETDURATION:${Math.max(1, ...seconds.map(Math.round))}`,
    '#EXT-X-MEDIA-SEQUENCE:0',
    '#EXT-X-PLAYLIST-TYPE:VOD',
    '#EXT-X-IMAGES-ONLY',
    ...track.sheets.flatMap(({ path }, index) => [
      `#EXTINF:${(seconds[index] ?? 0).toFixed(6)},`,
      `#EXT-X-TILES:${tiles}`,
      path.slice(folder.length),
    ]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}

/** Adds the thumbnails to a title's master playlist, at its end. RESOLUTION is one thumbnail's. */
export function masterWithThumbnails(master: string, track: ThumbnailTrack): string {
  const attributes = new Map([
    ['BANDWIDTH', String(sheetBandwidth(track))],
    ['RESOLUTION', `${track.width}x${track.height}`],
    ['CODECS', quoted('jpeg')],
    ['URI', quoted(THUMBNAIL_PLAYLIST)],
  ]);
  return `${master.trimEnd()}\n\n#EXT-X-IMAGE-STREAM-INF:${formatAttributes(attributes)}\n`;
}
