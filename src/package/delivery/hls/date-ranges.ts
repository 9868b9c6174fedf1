import { type Rational, frameSeconds } from '../../../media/index.js';
import { IFRAME_PLAYLIST } from '../../packager/args.js';
import { formatAttributes, hexadecimal, quoted } from '../../packager/attributes.js';
import { byTime } from '../markers/order.js';
import type { Marker } from '../types.js';

/**
 * Date of the first frame of every title. Dates in a title on demand only tie date ranges to its time; a fixed one keeps equal
 * input at equal bytes. It is not 1970-01-01: players take a date of 0 for none.
 */
export const EPOCH = Date.UTC(2000, 0, 1);

/** CLASS of what is not SCTE-35, e.g. `com.hullcast.intro`. */
export const CLASS_PREFIX = 'com.hullcast.';

/** ISO 8601 in milliseconds, as in the examples of RFC 8216. */
function dateAt(seconds: number): string {
  return new Date(EPOCH + Math.round(seconds * 1000)).toISOString();
}

/** EXT-X-DATERANGE of a marker (RFC 8216, 4.3.2.7). A point has no duration. */
export function dateRange(marker: Marker, fps: Rational): string {
  const { id, kind, startFrame, endFrame, source, confidence, scte35 } = marker;
  const seconds = frameSeconds(endFrame - startFrame, fps);
  const attributes: [string, string][] = [
    ['ID', quoted(id)],
    // What SCTE-35 says is known by its own attributes, and its ranges may overlap; those of one class may not.
    ...(scte35 ? [] : [['CLASS', quoted(CLASS_PREFIX + kind)] as [string, string]]),
    ['START-DATE', quoted(dateAt(frameSeconds(startFrame, fps)))],
    ...(seconds > 0 ? [['DURATION', seconds.toFixed(6)] as [string, string]] : []),
    ['X-COM-HULLCAST-KIND', quoted(kind)],
    ['X-COM-HULLCAST-SOURCE', quoted(source)],
    ['X-COM-HULLCAST-CONFIDENCE', confidence.toFixed(2)],
    ...(scte35?.out === undefined ? [] : [['SCTE35-OUT', hexadecimal(scte35.out)] as [string, string]]),
    ...(scte35?.in === undefined ? [] : [['SCTE35-IN', hexadecimal(scte35.in)] as [string, string]]),
  ];
  return `#EXT-X-DATERANGE:${formatAttributes(new Map(attributes))}`;
}

/**
 * Whether a playlist says the markers: those of pictures and of sound. Shaka Player 5.2 loses those of the playlist that it loads
 * first, and knows them by their ids when they come twice.
 */
export function saysMarkers(path: string): boolean {
  return /^(?:video|audio)\//.test(path) && !path.endsWith(IFRAME_PLAYLIST);
}

/** A frame may begin this much before the sum of rounded durations, seconds. */
const ROUNDING = 0.0005;

/**
 * Dates a media playlist from EPOCH on, and says the markers before the segments that they begin in. Without markers the
 * playlist is only dated: all playlists of a title have dates, or none (RFC 8216, 6.2.4).
 */
export function withDateRanges(playlist: string, markers: readonly Marker[], fps: Rational): string {
  const left = [...markers].sort(byTime);
  const last = [...playlist.matchAll(/^#EXTINF:/gm)].length - 1;
  let segment = -1;
  let end = 0;
  return playlist
    .split('\n')
    .flatMap((line) => {
      const seconds = /^#EXTINF:([\d.]+)/.exec(line)?.[1];
      if (seconds === undefined) return [line];
      segment += 1;
      end += Number(seconds);
      const own: Marker[] = [];
      while (left[0] && (segment === last || frameSeconds(left[0].startFrame, fps) < end - ROUNDING)) {
        own.push(left.shift()!);
      }
      const dated = segment === 0 ? [`#EXT-X-PROGRAM-DATE-TIME:${dateAt(0)}`] : [];
      return [...dated, ...own.map((marker) => dateRange(marker, fps)), line];
    })
    .join('\n');
}
