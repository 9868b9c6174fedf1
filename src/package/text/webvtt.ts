import { formatCues } from '../../text/index.js';
import { TEXT_TIMESCALE, type TextSegment } from './segments.js';

/**
 * Relates a cue's time to the media's (RFC 8216, 3.5): the title begins at 0 in all segments. Shaka Packager writes 9000
 * here, a tenth of a second, which is where its transport streams begin.
 */
const TIMESTAMP_MAP = 'X-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000';

/**
 * A segment of WebVTT as HLS wants it: a file of its own, whose cues keep their times. It ends with an empty line, for
 * players that read segments as if they were one file.
 */
export function webvttSegment({ cues }: TextSegment): string {
  return `${formatCues(cues, [TIMESTAMP_MAP])}\n`;
}

/** Name of a segment in its folder; the first is 1. */
export const webvttName = (index: number): string => `${index + 1}.vtt`;

/** The media playlist of a track. */
export function textPlaylist(segments: readonly TextSegment[]): string {
  const seconds = segments.map(({ start, end }) => (end - start) / TEXT_TIMESCALE);
  return [
    '#EXTM3U',
    '#EXT-X-VERSION:6',
    `#EXT-X-TARGETDURATION:${Math.ceil(Math.max(...seconds))}`,
    '#EXT-X-PLAYLIST-TYPE:VOD',
    ...seconds.flatMap((duration, index) => [`#EXTINF:${duration.toFixed(3)},`, webvttName(index)]),
    '#EXT-X-ENDLIST',
    '',
  ].join('\n');
}
