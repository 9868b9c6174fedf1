import { type Rational, frameSeconds } from '../../media/index.js';

/** Sheet of thumbnails, all of one size and one grid, left to right and top to bottom; the last may end in empty tiles. */
export interface ThumbnailTrack {
  /** Pixels of one thumbnail. */
  width: number;
  height: number;
  columns: number;
  rows: number;
  /** Time from one thumbnail to the next, milliseconds; each is the picture on screen when its time begins. */
  intervalMs: number;
  /** Thumbnails of the title. */
  count: number;
  /** JPEG files in order; named `images/sprite-<n>.jpg`, n from 0. */
  sheets: { path: string; bytes: number }[];
  /** Length of the title. */
  frames: number;
  fps: Rational;
}

/** Where the images of a title are in its package. */
export const IMAGE_FOLDER = 'images';
export const THUMBNAIL_PLAYLIST = `${IMAGE_FOLDER}/thumbnails.m3u8`;
export const STORYBOARD = `${IMAGE_FOLDER}/thumbnails.vtt`;

export function sheetPath(index: number): string {
  return `${IMAGE_FOLDER}/sprite-${index}.jpg`;
}

/** Milliseconds that a full sheet covers. */
export function sheetMs({ columns, rows, intervalMs }: ThumbnailTrack): number {
  return columns * rows * intervalMs;
}

/** Seconds that each sheet is shown for: the last ends with the title. */
export function sheetSeconds(track: ThumbnailTrack): number[] {
  const title = frameSeconds(track.frames, track.fps);
  const each = sheetMs(track) / 1000;
  return track.sheets.map((_, index) => Math.min(each, title - index * each));
}

/** Peak and average bit rate of the sheets, bit/s, rounded up; a sheet counts as long as it is shown. */
export function sheetBandwidth(track: ThumbnailTrack): number {
  const seconds = sheetSeconds(track);
  const rates = track.sheets.map(({ bytes }, index) => (bytes * 8) / (seconds[index] ?? 1));
  return Math.ceil(Math.max(...rates));
}
