import { frameSeconds } from '../../media/index.js';
import { IMAGE_FOLDER, type ThumbnailTrack } from './track.js';

/** `hh:mm:ss.mmm` of milliseconds. */
function stamp(ms: number): string {
  const part = (value: number, digits: number): string => String(Math.floor(value)).padStart(digits, '0');
  return `${part(ms / 3_600_000, 2)}:${part((ms / 60_000) % 60, 2)}:${part((ms / 1000) % 60, 2)}.${part(ms % 1000, 3)}`;
}

/**
 * The storyboard as WebVTT: a cue for each thumbnail, whose text is its sheet and its place there as a media fragment
 * (`sprite-0.jpg#xywh=320,0,320,180`). The last cue ends with the title.
 */
export function storyboard(track: ThumbnailTrack): string {
  const { width, height, columns, rows, intervalMs, count } = track;
  const titleMs = Math.round(frameSeconds(track.frames, track.fps) * 1000);
  const cues = Array.from({ length: count }, (_, index) => {
    const tile = index % (columns * rows);
    const sheet =
      track.sheets[Math.floor(index / (columns * rows))]?.path.slice(IMAGE_FOLDER.length + 1) ?? '';
    const [x, y] = [(tile % columns) * width, Math.floor(tile / columns) * height];
    const start = index * intervalMs;
    // A cue must end after it begins, also where the last thumbnail's time is less than a millisecond.
    const end = Math.max(start + 1, Math.min(titleMs, start + intervalMs));
    return `${stamp(start)} --> ${stamp(end)}\n${sheet}#xywh=${x},${y},${width},${height}\n`;
  });
  return ['WEBVTT\n', ...cues].join('\n');
}
