import type { BoxNode } from '../boxes/node.js';
import { boxesIn, fieldsOf } from '../boxes/node.js';
import { type Segment, trackOf } from '../media/segment.js';
import { isOneSegment } from './iso-segment.js';
import type { Report, Rule } from './rule.js';

/** Rounding of times to another timescale, ticks. */
const TICKS = 1;

function checkTimes(
  segment: Segment,
  sidx: NonNullable<ReturnType<typeof sidxFields>>,
  report: Report,
): void {
  const track = trackOf(segment, sidx.reference_ID);
  if (!track) {
    const ids = segment.init.tracks.map(({ id }) => id).join(', ');
    report({ expected: `an index of track ${ids}`, found: `of track ${sidx.reference_ID}` });
    return;
  }
  const runs = segment.fragments.flatMap(({ trafs }) =>
    trafs.flatMap(({ trackId, decodeTime, run }) =>
      trackId === track.id && decodeTime !== undefined && run ? [{ decodeTime, run }] : [],
    ),
  );
  const [first] = runs;
  if (!first || track.timescale === 0 || sidx.timescale === 0) return;
  const scale = sidx.timescale / track.timescale;
  const whole = runs.reduce((sum, { run }) => sum + run.duration, 0);
  // What edits cut off at the start of a title may count or not.
  const cut = Math.max(0, -(first.decodeTime + first.run.earliest + track.shift));
  const durations = [whole, whole - cut].map((duration) => duration * scale);
  const said = sidx.references.reduce((sum, { subsegment_duration }) => sum + subsegment_duration, 0);
  // A last sample's duration is a guess: half of one is no error.
  const tolerance = TICKS + (first.run.mostDuration * scale) / 2;
  if (durations.every((duration) => Math.abs(said - duration) > tolerance)) {
    report({ expected: `a duration of ${durations[0]} (1/${sidx.timescale} s)`, found: String(said) });
  }
  // Muxers do not agree whether edits count, or whether it is the first sample's decode time.
  const composed = first.decodeTime + first.run.earliest;
  const times = [composed + track.shift, composed, first.decodeTime].map((time) => Math.max(0, time) * scale);
  if (times.every((time) => Math.abs(time - sidx.earliest_presentation_time) > TICKS)) {
    const expected = `an earliest presentation time of ${times[0]} (1/${sidx.timescale} s)`;
    report({ expected, found: String(sidx.earliest_presentation_time) });
  }
}

function sidxFields(box: BoxNode) {
  return fieldsOf(box, 'sidx');
}

export const SIDX: Rule<Segment> = {
  id: 'ISO-SIDX',
  severity: 'error',
  reference: 'ISO/IEC 14496-12, 8.16.3; ISO/IEC 23009-1, 6.3.4.3',
  asks: 'a segment index gives sizes, duration and time of the media behind it, and stands before it',
  check: (segment, report) => {
    if (!isOneSegment(segment)) return;
    const firstMoof = segment.fragments[0]?.moof.start ?? Infinity;
    for (const box of boxesIn(segment.boxes, 'sidx')) {
      const sidx = sidxFields(box);
      if (!sidx) continue;
      if (box.start > firstMoof) {
        report({ expected: 'sidx before moof', found: 'sidx behind it' });
        continue;
      }
      // What refers to further indexes is not followed.
      if (sidx.references.some(({ reference_type }) => reference_type === 1)) continue;
      const sizes = sidx.references.reduce((sum, { referenced_size }) => sum + referenced_size, 0);
      const media = segment.size - box.end - sidx.first_offset;
      if (sizes !== media) report({ expected: `${media} bytes of media`, found: `${sizes} indexed` });
      checkTimes(segment, sidx, report);
    }
  },
};
