import { boxIn, fieldsOf } from '../boxes/node.js';
import { readTopLevel } from '../boxes/top-level.js';
import { ByteWindow } from '../boxes/window.js';
import type { Opener } from '../media/opener.js';
import type { Part } from '../media/references.js';
import { ReadRefused, isRefusal } from '../source/source.js';
import { parseRange } from './addressing.js';
import { type Representation, wholeNumber } from './mpd.js';
import { type DashList, initPart, newList } from './segments.js';

/** What was found at the index range of a SegmentBase. */
export interface IndexRead {
  list: DashList;
  /** What is wrong with the index: it is missing, or another box is there. */
  problem: { line: number; expected: string; found: string } | undefined;
}

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
    return { list, problem };
  }
  // What stands before the index is the initialisation segment unless another is named.
  list.init ??= range.offset > 0 ? { url: baseUrl, range: { offset: 0, length: range.offset } } : undefined;
  const index = await readIndex({ url: baseUrl, range }, opener);
  if (typeof index === 'string') {
    return {
      list,
      problem: { line, expected: `a sidx box in bytes ${attributes.get('indexRange')}`, found: index },
    };
  }
  let time = index.earliest_presentation_time;
  let offset = range.offset + range.length + index.first_offset;
  for (const { referenced_size, subsegment_duration } of index.references) {
    list.segments.push({
      url: baseUrl,
      range: { offset, length: referenced_size },
      init: list.init,
      seconds: subsegment_duration / index.timescale,
      time: time / index.timescale,
      line,
      discontinuity: false,
    });
    offset += referenced_size;
    time += subsegment_duration;
  }
  return { list, problem: undefined };
}

/** The fields of the index; why there are none, else. */
async function readIndex(part: Part, opener: Opener) {
  try {
    const opened = await opener.part(part);
    if (isRefusal(opened)) return opened.found;
    const { boxes, walker } = await readTopLevel(new ByteWindow(opened.resource, opened.offset, opened.size));
    const sidx = fieldsOf(boxIn(boxes, 'sidx'), 'sidx');
    if (!sidx || walker.problems.length > 0 || boxes.length !== 1) {
      return walker.problems[0]?.found ?? (boxes.map(({ type }) => type).join(', ') || 'nothing');
    }
    if (sidx.timescale === 0) return 'one with timescale 0';
    if (sidx.references.some(({ reference_type }) => reference_type === 1))
      return 'one that refers to further ones';
    return sidx;
  } catch (error) {
    if (!(error instanceof ReadRefused)) throw error;
    return error.refusal.found;
  }
}
