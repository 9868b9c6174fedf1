import { REPRESENTATION, folderOfRepresentation } from '../packager/timeline.js';
import { initName } from '../packager/names.js';
import { type Slot, timelineXml } from './timeline.js';

/** A line that is no longer of a playlist's head. */
const BODY = /^#(?:EXTINF|EXT-X-KEY|EXT-X-DISCONTINUITY)\b/;

function bodyOf(lines: readonly string[]): string[] {
  return lines.slice(lines.findIndex((line) => BODY.test(line))).filter((line) => line !== '#EXT-X-ENDLIST');
}

/** Where a period has its keys, before its first segment, there stands its initialisation segment too, after them. */
function withMap(body: readonly string[], init: string): string[] {
  const first = body.findIndex((line) => line.startsWith('#EXTINF:'));
  return [...body.slice(0, first), `#EXT-X-MAP:URI="${init}"`, ...body.slice(first)];
}

/**
 * One playlist of those that the packager wrote of a rendition's key periods: numbers of segments go on, and every period has
 * an initialisation segment of its own, whose EXT-X-MAP follows the period's keys, so that they hold for it (RFC 8216,
 * 4.3.2.4). Times go on as well, so there is no discontinuity. Head and tags of keys are the packager's.
 */
export function joinedPlaylist(parts: readonly string[]): string {
  let number = 0;
  const bodies = parts.map((part, period) => {
    const body = bodyOf(part.trimEnd().split('\n')).map((line) => {
      if (!/^\d+\.m4s$/.test(line)) return line;
      number += 1;
      return `${number}.m4s`;
    });
    return period === 0 ? body : withMap(body, initName(period));
  });
  const first = parts[0]?.split('\n') ?? [];
  const head = first.slice(
    0,
    first.findIndex((line) => BODY.test(line)),
  );
  return [...head, ...bodies.flat(), '#EXT-X-ENDLIST', ''].join('\n');
}

/** The MPD of one key period with the segments of all: `slots` are those of each rendition, by folder. */
export function joinedMpd(mpd: string, slots: ReadonlyMap<string, readonly Slot[]>): string {
  return mpd.replace(REPRESENTATION, (xml) => {
    const own = slots.get(folderOfRepresentation(xml)) ?? [];
    return xml
      .replace(/[ \t]*<SegmentTimeline>[\s\S]*<\/SegmentTimeline>/, () => timelineXml(own, ' '.repeat(10)))
      .replace(/\spresentationTimeOffset="\d+"/, '');
  });
}
