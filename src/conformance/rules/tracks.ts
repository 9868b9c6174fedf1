import type { Init, InitTrack } from '../boxes/init.js';
import { timesIn } from '../hls/listed.js';
import type { Track } from '../media/reader.js';
import type { SegmentRef } from '../media/references.js';
import type { SegmentFacts } from '../media/segment.js';
import type { Rule } from './rule.js';

/** Segments that follow each other, as a manifest lists them. */
export interface TrackView {
  refs: readonly SegmentRef[];
  track: Track;
}

/** Seconds that times of tracks which do not claim to be CMAF may be off: their muxers round. */
const TOLERANCE = 0.001;

function toleranceOf({ brands }: Init, timescale: number): number {
  return brands.has('cmfc') || brands.has('cmf2') ? 0 : TOLERANCE * timescale;
}

/** Compares the times of one track with those before. `expected` is undefined where there are none. */
function gapOf(
  facts: SegmentFacts,
  track: InitTrack,
  expected: number | undefined,
): { expected: number; found: number } | undefined {
  const times = timesIn(facts, track);
  if (!times || !facts.init) return undefined;
  const tolerance = toleranceOf(facts.init, track.timescale);
  if (expected !== undefined && Math.abs(times.start - expected) > tolerance) {
    return { expected, found: times.start };
  }
  return times.gap && Math.abs(times.gap.found - times.gap.expected) > tolerance ? times.gap : undefined;
}

const CONTINUITY: Rule<TrackView> = {
  id: 'ISO-TFDT-CONTINUITY',
  severity: 'error',
  reference: 'ISO/IEC 23000-19, 7.3.2.2; Apple HLS Authoring, 7.1 and 7.3; ISO/IEC 23009-1, 7.2.1',
  asks: 'each fragment begins, by its tfdt, where the samples before it end; of CMAF to the tick, else within 1 ms',
  check: ({ refs, track }, report) => {
    const ends = new Map<number, number>();
    for (const [index, facts] of track.entries()) {
      // After a segment that could not be read, and after a discontinuity, there is nothing to compare with.
      if (!facts || refs[index]?.discontinuity === true) ends.clear();
      if (!facts) continue;
      for (const one of new Map(facts.init?.tracks.map((track) => [track.id, track])).values()) {
        const gap = gapOf(facts, one, ends.get(one.id));
        if (gap) {
          const unit = `(1/${one.timescale} s)`;
          report({
            file: facts.file,
            expected: `time ${gap.expected} ${unit}`,
            found: `${gap.found} ${unit}`,
          });
        }
        const times = timesIn(facts, one);
        if (times) ends.set(one.id, times.end);
        else ends.delete(one.id);
      }
    }
  },
};

const EDIT_LIST: Rule<TrackView> = {
  id: 'CMAF-EDIT-LIST',
  severity: 'error',
  profile: 'cmaf',
  reference: 'ISO/IEC 23000-19, 7.5.13 and 7.5.17',
  asks: 'the first picture of a title that begins at 0 is shown at 0: by an edit list, or by composition times from 0 on',
  check: ({ track }, report) => {
    const [facts] = track;
    const video = facts?.init?.tracks.find(({ kind }) => kind === 'video');
    const times = timesIn(facts, video);
    if (!facts?.init || !video || times?.start !== 0 || times.presented === 0) return;
    const found = `${times.presented} (1/${video.timescale} s)`;
    report({ file: facts.init.file, expected: 'the first picture at 0', found });
  },
};

export const TRACK_RULES: readonly Rule<TrackView>[] = [CONTINUITY, EDIT_LIST];
