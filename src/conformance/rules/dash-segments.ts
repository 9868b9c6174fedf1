import { channelRate } from '../bit-rate.js';
import { mainTrack, mediaSeconds, timesIn } from '../hls/listed.js';
import type { SegmentFacts } from '../media/segment.js';
import type { RepresentationView } from '../dash/view.js';
import type { Rule } from './rule.js';

const DASH = { severity: 'error' } as const;

const TIMELINE: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-TIMELINE',
  reference: 'ISO/IEC 23009-1, 5.3.9.3 and 5.3.9.6',
  asks: 'the segments of a SegmentTimeline last, and none begins before the one before it ends (gaps are discontinuities); a list has as many URLs',
  check: ({ mpd, list, track, index }, report) => {
    for (const problem of list.problems) report(problem);
    // A live presentation may have none yet, or say by the clock which there are; an index of indexes is not read.
    const isKnown = mpd.type === 'static' && index.inexact === undefined;
    const isEmpty = isKnown && list.segments.length === 0 && track.length === 0;
    if (isEmpty && list.problems.length === 0 && !list.tooMany) {
      report({ expected: 'segments', found: 'none' });
    }
  },
};

const INDEX: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-INDEX',
  reference: 'ISO/IEC 23009-1, 5.3.9.2 and 6.3.4.3',
  asks: 'indexRange holds a sidx box of the file',
  check: ({ index: { problem } }, report) => {
    if (problem) report(problem);
  },
};

const INDEX_EXACT: Rule<RepresentationView> = {
  ...DASH,
  profile: 'dash-if',
  id: 'DASH-INDEX-EXACT',
  reference: 'DASH-IF IOP 4.3, 3.2.1 and 3.10.3.2',
  asks: 'indexRange is exactly the one sidx box of the file, which refers to segments',
  check: ({ index: { inexact } }, report) => {
    if (inexact) report(inexact);
  },
};

/** When a segment is shown, seconds of its track's timeline: with edits, without, and its decode time. */
function startsOf(
  facts: SegmentFacts | undefined,
): { shown: number; raw: number[]; tick: number } | undefined {
  const track = mainTrack(facts?.init);
  const times = timesIn(facts, track);
  if (!track || !times || track.timescale === 0) return undefined;
  const [shown, composed, decoded] = [times.presented, times.presented - track.shift, times.start].map(
    (time) => Math.max(0, time) / track.timescale,
  );
  return { shown: shown ?? 0, raw: [composed ?? 0, decoded ?? 0], tick: 1 / track.timescale };
}

/** Seconds that times of an MPD may be off, besides a tick of either timescale. */
const TOLERANCE = 0.001;

const MEDIA: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-TIMELINE-MEDIA',
  reference: 'ISO/IEC 23009-1, 5.3.9.6 and 7.2.1',
  asks: 'segments begin and last as SegmentTimeline, or the index, says, within 1 ms and a tick',
  check: ({ list, track, representation }, report) => {
    if (!list.exact) return;
    // Muxers do not agree whether the times of an index are those before or after edits.
    const indexed = representation.addressing.kind === 'base';
    for (const [index, { time, seconds, line }] of list.segments.entries()) {
      const facts = track[index];
      const starts = startsOf(facts);
      if (!facts || !starts) continue;
      const tolerance = TOLERANCE + starts.tick + 1 / list.timescale;
      const near = (start: number): boolean => Math.abs(start - time) <= tolerance;
      if (!near(starts.shown) && !(indexed && starts.raw.some(near))) {
        report({
          line,
          expected: `${facts.file} at ${starts.shown.toFixed(6)} s`,
          found: `${time.toFixed(6)} s`,
        });
      }
      const played = mediaSeconds(facts);
      if (played === undefined || indexed || Math.abs(played - seconds) <= tolerance) continue;
      report({
        line,
        expected: `${facts.file} to last ${played.toFixed(6)} s`,
        found: `${seconds.toFixed(6)} s`,
      });
    }
  },
};

const DRIFT: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-DURATION-DRIFT',
  reference: 'ISO/IEC 23009-1, 7.2.1',
  asks: 'segments of a nominal duration begin within half of it from where they should',
  check: ({ list, track }, report) => {
    if (list.exact || list.segments.length < 2) return;
    for (const [index, { time, seconds, line }] of list.segments.entries()) {
      const starts = startsOf(track[index]);
      if (!starts || Math.abs(starts.shown - time) <= seconds / 2) continue;
      const found = `${starts.shown.toFixed(3)} s`;
      report({ line, expected: `segment ${index + 1} at ${time.toFixed(3)} s`, found });
    }
  },
};

/** Seconds that media may begin late, and end early. */
const LATE = 0.1;
const EARLY = 0.5;

const COVERAGE: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-COVERAGE',
  reference: 'ISO/IEC 23009-1, 5.3.2.1 and 7.2.1',
  asks: 'the media of a period begins with it and goes on to its end (within 0.1 s and 0.5 s)',
  check: ({ mpd, list, track, representation }, report) => {
    // Of a live presentation there is what its time shift buffer holds.
    if (mpd.type !== 'static') return;
    const { line } = representation.addressing;
    const { duration } = representation.set.period;
    const [first, last] = [track[0], track.at(-1)];
    // Text may end when there is nothing more to say.
    if (mainTrack(first?.init)?.kind === 'text') return;
    const start = startsOf(first)?.shown ?? list.segments[0]?.time;
    const played = mediaSeconds(last);
    const end = (startsOf(last)?.shown ?? NaN) + (played ?? NaN);
    if (start !== undefined && start - list.offset > LATE) {
      report({
        line,
        expected: 'media from the start of the period',
        found: `${(start - list.offset).toFixed(3)} s late`,
      });
    }
    if (duration !== undefined && end - list.offset < duration - EARLY) {
      const found = `${(end - list.offset).toFixed(3)} s`;
      report({ line, expected: `media of ${duration} s`, found });
    }
  },
};

const BANDWIDTH: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-BANDWIDTH',
  reference: 'ISO/IEC 23009-1, 5.3.5.2; DASH-IF IOP 4.3, 3.2.8',
  asks: 'a channel of @bandwidth, after minBufferTime of it, never lets a player wait, whichever segment it begins with',
  check: ({ mpd, list, track, representation }, report) => {
    const { bandwidth, element } = representation;
    const isMedia = track.some((facts) => facts?.format === 'mp4');
    if (!bandwidth || mpd.minBufferTime === undefined || !isMedia) return;
    const sizes = track.map((facts, index) => ({
      bytes: facts?.bytes ?? 0,
      seconds: mediaSeconds(facts) ?? list.segments[index]?.seconds ?? 0,
    }));
    if (sizes.every(({ seconds }) => seconds === 0)) return;
    const needed = channelRate(sizes, mpd.minBufferTime);
    if (needed > bandwidth * 1.01) {
      report({
        line: element.line,
        expected: `at least ${Math.ceil(needed)} bit/s`,
        found: String(bandwidth),
      });
    }
  },
};

const SAP: Rule<RepresentationView> = {
  ...DASH,
  id: 'DASH-SAP',
  reference: 'ISO/IEC 23009-1, 5.3.7.2 and 4.5.1',
  asks: 'where @startWithSAP is 1 or 2, every segment with pictures begins with a sync sample',
  check: ({ track, representation }, report) => {
    const { attribute, addressing } = representation;
    const sap = attribute('startWithSAP') ?? attribute('subsegmentStartsWithSAP');
    if (sap !== '1' && sap !== '2') return;
    for (const facts of track) {
      const main = mainTrack(facts?.init);
      if (facts && main?.kind === 'video' && timesIn(facts, main)?.firstSync === false) {
        report({
          line: addressing.line,
          expected: 'segments that begin with a sync sample',
          found: facts.file,
        });
      }
    }
  },
};

export const DASH_SEGMENT_RULES: readonly Rule<RepresentationView>[] = [
  ...[TIMELINE, INDEX, INDEX_EXACT, MEDIA, DRIFT, COVERAGE, BANDWIDTH, SAP],
];
