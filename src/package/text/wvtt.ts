import { type Cue, cueParts } from '../../text/index.js';
import { box, codes, fullBox, u32, u64, utf8 } from './boxes.js';
import type { TextSegment } from './segments.js';

/** What is shown from one change to the next. */
interface Sample {
  duration: number;
  data: Buffer;
}

/** A cue, with the number of its source where it is in several samples: they are one cue (ISO/IEC 14496-30, 7.4). */
function cueBox(cue: Cue, source: number | undefined): Buffer {
  const { text, settings } = cueParts(cue);
  return box(
    'vttc',
    ...(source === undefined ? [] : [box('vsid', u32(source))]),
    ...(settings === '' ? [] : [box('sttg', utf8(settings))]),
    box('payl', utf8(text)),
  );
}

const EMPTY = box('vtte');

/** Times in a segment at which what is shown changes, its start and its end among them, ascending. */
function changesOf({ start, end, cues }: TextSegment): number[] {
  const times = new Set([start, end]);
  for (const cue of cues) {
    if (cue.start > start) times.add(cue.start);
    if (cue.end < end) times.add(cue.end);
  }
  return [...times].sort((a, b) => a - b);
}

/** Samples fill a segment without a gap: where nothing is shown is an empty one. `sources`: numbers of cues. */
function samplesOf(segment: TextSegment, sources: ReadonlyMap<Cue, number>): Sample[] {
  const changes = changesOf(segment);
  return changes.slice(0, -1).map((start, index) => {
    const end = changes[index + 1]!;
    const shown = segment.cues.filter((cue) => cue.start < end && cue.end > start);
    const whole = (cue: Cue): boolean => cue.start === start && cue.end === end;
    const boxes = shown.map((cue) => cueBox(cue, whole(cue) ? undefined : sources.get(cue)));
    return { duration: end - start, data: boxes.length === 0 ? EMPTY : Buffer.concat(boxes) };
  });
}

/** Sample durations and sizes are said for each, and where the data begins. */
const RUN_FLAGS = 0x000301;
const DEFAULT_BASE_IS_MOOF = 0x020000;

function movieFragment(
  sequence: number,
  start: number,
  samples: readonly Sample[],
  dataOffset: number,
): Buffer {
  const entries = samples.map(({ duration, data }) => u32(duration, data.length));
  return box(
    'moof',
    fullBox('mfhd', 0, 0, u32(sequence)),
    box(
      'traf',
      fullBox('tfhd', 0, DEFAULT_BASE_IS_MOOF, u32(1)),
      fullBox('tfdt', 1, 0, u64(start)),
      fullBox('trun', 0, RUN_FLAGS, u32(samples.length, dataOffset), ...entries),
    ),
  );
}

/** A media segment of WebVTT in MP4; `index` counts from 0. `sources` gives every cue of the track its number. */
export function wvttSegment(segment: TextSegment, index: number, sources: ReadonlyMap<Cue, number>): Buffer {
  const samples = samplesOf(segment, sources);
  // The fragment is as long whatever the offset in it says.
  const length = movieFragment(index + 1, segment.start, samples, 0).length;
  const data = box('mdat', ...samples.map((sample) => sample.data));
  return Buffer.concat([
    box('styp', codes('cmfs'), u32(0), codes('iso6', 'cmfs', 'dash')),
    movieFragment(index + 1, segment.start, samples, length + 8),
    data,
  ]);
}
