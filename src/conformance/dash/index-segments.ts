import type { Parsed } from '../boxes/fields.js';
import { boxIn, fieldsOf } from '../boxes/node.js';
import { readTopLevel } from '../boxes/top-level.js';
import { ByteWindow } from '../boxes/window.js';
import type { Opener } from '../media/opener.js';
import type { Part } from '../media/references.js';
import { ReadRefused, isRefusal } from '../source/source.js';
import { parseRange } from './addressing.js';
import { type Representation, wholeNumber } from './mpd.js';
import { type DashList, initPart, newList } from './segments.js';

interface IndexProblem {
  line: number;
  expected: string;
  found: string;
}

/** What was found at the index range of a SegmentBase. */
export interface IndexRead {
  list: DashList;
  /** What is wrong with the index: it is missing, or cannot be read. */
  problem: IndexProblem | undefined;
  /** What else is in its range, or that it is an index of indexes, whose segments are not known. */
  inexact: IndexProblem | undefined;
}

/** The first index of a range. */
interface Index {
  sidx: Parsed<'sidx'>;
  /** Where it ends, from the start of the range: sizes count from there. */
  end: number;
  /** What the range is instead of one index of segments; undefined where it is that. */
  inexact: string | undefined;
}

const isOfIndexes = ({ references }: Parsed<'sidx'>): boolean =>
  references.some(({ reference_type }) => reference_type === 1);

/** The subsegments of a file by its index (ISO/IEC 23009-1, 5.3.9.2; ISO/IEC 14496-12, 8.16.3). */
export async function indexedSegments(representation: Representation, opener: Opener): Promise<IndexRead> {
  const { addressing, baseUrl, set } = representation;
  const { attributes, line } = addressing;
  const timescale = wholeNumber(attributes.get('timescale')) || 1;
  const list = newList(timescale, wholeNumber(attributes.get('presentationTimeOffset')) ?? 0);
  const range = parseRange(attributes.get('indexRange'));
  list.init = initPart(representation);
  if (!range) {
    // Without an index the file is one segment, which holds its initialisation segment.
    list.exact = false;
    list.init = undefined;
    const seconds = set.period.duration ?? 0;
    list.segments.push({
      url: baseUrl,
      init: undefined,
      seconds,
      time: list.offset,
      line,
      discontinuity: false,
    });
    const text = attributes.get('indexRange');
    const problem = text === undefined ? undefined : { line, expected: 'a range in indexRange', found: text };
    return { list, problem, inexact: undefined };
  }
  // What stands before the index is the initialisation segment unless another is named.
  list.init ??= range.offset > 0 ? { url: baseUrl, range: { offset: 0, length: range.offset } } : undefined;
  const index = await readIndex({ url: baseUrl, range }, opener);
  const expected = `a sidx box in bytes ${attributes.get('indexRange')}`;
  if (typeof index === 'string') {
    return { list, problem: { line, expected, found: index }, inexact: undefined };
  }
  const { sidx, end, inexact } = index;
  let time = sidx.earliest_presentation_time;
  let offset = range.offset + end + sidx.first_offset;
  for (const { referenced_size, subsegment_duration } of isOfIndexes(sidx) ? [] : sidx.references) {
    list.segments.push({
      url: baseUrl,
      range: { offset, length: referenced_size },
      init: list.init,
      seconds: subsegment_duration / sidx.timescale,
      time: time / sidx.timescale,
      line,
      discontinuity: false,
    });
    offset += referenced_size;
    time += subsegment_duration;
  }
  return {
    list,
    problem: undefined,
    inexact: inexact === undefined ? undefined : { line, expected: `only ${expected}`, found: inexact },
  };
}

/** The first index of a range, which may go on behind it; why there is none, else. */
async function readIndex(part: Part, opener: Opener): Promise<Index | string> {
  try {
    const opened = await opener.part(part);
    if (isRefusal(opened)) return opened.found;
    const { boxes, walker } = await readTopLevel(new ByteWindow(opened.resource, opened.offset, opened.size));
    const box = boxIn(boxes, 'sidx');
    const sidx = fieldsOf(box, 'sidx');
    if (!box || !sidx) {
      return walker.problems[0]?.found ?? (boxes.map(({ type }) => type).join(', ') || 'nothing');
    }
    if (sidx.timescale === 0) return 'one with timescale 0';
    const others = opened.size - (box.end - box.start);
    const more = others === 0 ? undefined : `${others} bytes besides it`;
    return { sidx, end: box.end, inexact: isOfIndexes(sidx) ? 'one that refers to further ones' : more };
  } catch (error) {
    if (!(error instanceof ReadRefused)) throw error;
    return error.refusal.found;
  }
}
