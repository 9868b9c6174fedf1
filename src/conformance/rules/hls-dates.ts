import { type ListedPlaylist, initOf, mainTrack, timesIn } from '../hls/listed.js';
import type { MasterView } from '../hls/view.js';
import type { Rule } from './rule.js';

/** Seconds that dates may be off: many are of whole seconds. */
const TOLERANCE = 1;

/**
 * The date of the time 0 of the media, seconds since 1970; undefined where one of the two cannot be known, or where times
 * have begun anew before.
 */
function dateOfStart(listed: ListedPlaylist): number | undefined {
  const { playlist, track } = listed;
  const { date, segments } = playlist;
  if (!date || Number.isNaN(date.seconds)) return undefined;
  if (segments.slice(1, date.segment + 1).some(({ discontinuity }) => discontinuity)) return undefined;
  const main = mainTrack(initOf(listed));
  const times = timesIn(track[date.segment], main);
  return times && main && main.timescale > 0 ? date.seconds - times.presented / main.timescale : undefined;
}

const shown = (seconds: number): string => {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? `${seconds} s` : date.toISOString();
};

export const DATES: Rule<MasterView> = {
  id: 'HLS-PROGRAM-DATE-TIME',
  severity: 'error',
  reference: 'RFC 8216, 6.2.4',
  asks: 'where one media playlist of a master has EXT-X-PROGRAM-DATE-TIME all have, and the same date is of the same time of the media, within a second',
  check: ({ lists }, report) => {
    const all = [...lists.values()];
    if (all.every(({ playlist }) => playlist.date === undefined)) return;
    let first: number | undefined;
    for (const listed of all) {
      const { file, date, segments } = listed.playlist;
      if (!date && segments.length > 0) {
        report({ file, expected: 'EXT-X-PROGRAM-DATE-TIME, as others have', found: 'none' });
      }
      const start = dateOfStart(listed);
      first ??= start;
      if (first === undefined || start === undefined || Math.abs(start - first) <= TOLERANCE) continue;
      const expected = `the time 0 of the media at ${shown(first)}`;
      report({ file, line: date?.line, expected, found: `at ${shown(start)}` });
    }
  },
};
