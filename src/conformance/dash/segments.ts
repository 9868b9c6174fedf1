import type { Part, SegmentRef } from '../media/references.js';
import { resolveUrl } from '../source/source.js';
import { fillTemplate, parseRange } from './addressing.js';
import { type Representation, wholeNumber } from './mpd.js';
import type { Element } from './xml.js';

/** A segment as an MPD lists it. */
export interface DashSegment extends SegmentRef {
  /** When it begins on the media's own timeline, seconds. */
  time: number;
}

/** The segments of a representation. */
export interface DashList {
  segments: DashSegment[];
  init: Part | undefined;
  /** Ticks a second of the times in the MPD. */
  timescale: number;
  /** Whether times are exact (SegmentTimeline, an index), or durations are nominal (@duration). */
  exact: boolean;
  /** What on the media's timeline is the start of the period, seconds. */
  offset: number;
  problems: { line: number; expected: string; found: string }[];
  /** Whether there are more segments than are read. */
  tooMany: boolean;
}

export interface Slot {
  /** Ticks. */
  time: number;
  duration: number;
  /** Whether there is nothing between it and the slot before it, which ends earlier. */
  afterGap: boolean;
}

export function newList(timescale: number, offset: number): DashList {
  return {
    ...{ segments: [], init: undefined, timescale, exact: true, offset: offset / timescale },
    ...{ problems: [], tooMany: false },
  };
}

/** What an S element says (ISO/IEC 23009-1, 5.3.9.6); undefined where it lasts nothing, or repeats itself oddly. */
function entryOf({ attributes }: Element): { start?: number; duration: number; repeat: number } | undefined {
  const duration = wholeNumber(attributes.get('d')) ?? 0;
  const repeat = attributes.get('r') ?? '0';
  const start = wholeNumber(attributes.get('t'));
  if (duration === 0 || !/^-?\d{1,10}$/.test(repeat)) return undefined;
  return { ...(start === undefined ? {} : { start }), duration, repeat: Number(repeat) };
}

/** Times of S elements, `room` at most. `end` is that of the period, ticks. */
function timelineSlots(
  elements: readonly Element[],
  end: number | undefined,
  room: number,
  list: DashList,
): Slot[] {
  const slots: Slot[] = [];
  let time = 0;
  for (const [index, element] of elements.entries()) {
    const { attributes, line } = element;
    const entry = entryOf(element);
    if (!entry) {
      const found = [...attributes].map(([name, value]) => `${name}="${value}"`).join(' ');
      list.problems.push({ line, expected: 'S with a duration, and a number of repetitions', found });
      continue;
    }
    const { duration, repeat, start = time } = entry;
    // A later time is a discontinuity of the timeline, which is allowed.
    let afterGap = index > 0 && start > time;
    if (index > 0 && start < time) {
      list.problems.push({
        line,
        expected: `S at ${time}, where the one before it ends, or later`,
        found: String(start),
      });
    }
    time = start;
    const until = wholeNumber(elements[index + 1]?.attributes.get('t')) ?? end;
    const count = repeat >= 0 ? repeat + 1 : Math.ceil(((until ?? time) - time) / duration);
    for (let number = 0; number < count; number += 1, time += duration) {
      if (slots.length >= room) {
        list.tooMany = true;
        return slots;
      }
      slots.push({ time, duration, afterGap });
      afterGap = false;
    }
  }
  return slots;
}

/** Times by @duration: as many segments as the period has room for, and `most` at most. */
function durationSlots(
  duration: number,
  length: number | undefined,
  offset: number,
  { most, room }: { most: number; room: number },
  list: DashList,
): Slot[] {
  list.exact = false;
  // Sums of seconds are not exact: a thousandth of a segment is none.
  const count = length === undefined ? 0 : Math.ceil(length / duration - 0.001);
  if (Math.min(count, most) > room) list.tooMany = true;
  return Array.from({ length: Math.min(count, most, room) }, (_, index) => ({
    time: offset + index * duration,
    duration,
    afterGap: false,
  }));
}

/** When segments begin, by what says it: SegmentTimeline, or @duration; else there is one. */
function slotsOf(representation: Representation, list: DashList, offset: number, room: number): Slot[] {
  const { attributes, timeline, kind, urls } = representation.addressing;
  const { period } = representation.set;
  const { timescale } = list;
  const length = period.duration === undefined ? undefined : period.duration * timescale;
  if (timeline)
    return timelineSlots(timeline, length === undefined ? undefined : offset + length, room, list);
  const duration = wholeNumber(attributes.get('duration'));
  if (duration !== undefined && duration > 0) {
    const start = wholeNumber(attributes.get('startNumber')) ?? 1;
    const last = wholeNumber(attributes.get('endNumber'));
    const most = last === undefined ? Infinity : Math.max(0, last - start + 1);
    return durationSlots(
      duration,
      length,
      offset,
      { most: kind === 'list' ? urls.length : most, room },
      list,
    );
  }
  list.exact = false;
  return [{ time: offset, duration: length ?? 0, afterGap: false }];
}

function partOf(
  reference: string | undefined,
  rangeText: string | undefined,
  base: string,
): Part | undefined {
  const url = reference === undefined ? base : resolveUrl(reference, base);
  const range = parseRange(rangeText);
  return url === undefined || (rangeText !== undefined && !range) ? undefined : { url, range };
}

function templatePart(
  { baseUrl, id = '', bandwidth = 0 }: Representation,
  template: string,
  values: { Number?: number; Time?: number },
): Part | undefined {
  const path = fillTemplate(template, { RepresentationID: id, Bandwidth: bandwidth, ...values });
  return partOf(path, undefined, baseUrl);
}

/** The initialisation segment that is named; undefined where none is. */
export function initPart(representation: Representation): Part | undefined {
  const { addressing, baseUrl } = representation;
  const { initialization, attributes } = addressing;
  if (initialization) {
    return partOf(
      initialization.attributes.get('sourceURL'),
      initialization.attributes.get('range'),
      baseUrl,
    );
  }
  const template = attributes.get('initialization');
  return template === undefined ? undefined : templatePart(representation, template, {});
}

/**
 * Segments of a SegmentTemplate or a SegmentList, `room` at most. Those of a SegmentBase are in the file's index.
 */
export function listedSegments(representation: Representation, room: number): DashList {
  const { addressing, baseUrl } = representation;
  const { attributes, kind, urls, line } = addressing;
  const timescale = wholeNumber(attributes.get('timescale')) || 1;
  const offset = wholeNumber(attributes.get('presentationTimeOffset')) ?? 0;
  const list = newList(timescale, offset);
  list.init = initPart(representation);
  const first = wholeNumber(attributes.get('startNumber')) ?? 1;
  const media = attributes.get('media') ?? '';
  for (const [index, slot] of slotsOf(representation, list, offset, room).entries()) {
    const { time, duration, afterGap } = slot;
    const url = urls[index];
    if (kind === 'list' && !url) {
      list.problems.push({ line, expected: `SegmentURL ${index + 1}`, found: `${urls.length} of them` });
      break;
    }
    const part = url
      ? partOf(url.attributes.get('media'), url.attributes.get('mediaRange'), baseUrl)
      : templatePart(representation, media, { Number: first + index, Time: time });
    if (!part) {
      list.problems.push({ line: url?.line ?? line, expected: 'a URL and a range', found: 'others' });
      continue;
    }
    // Literals of one shape: V8 gives every object that is spread a shape of its own, and a title has many.
    list.segments.push({
      url: part.url,
      range: part.range,
      init: list.init,
      seconds: duration / timescale,
      time: time / timescale,
      line: url?.line ?? line,
      discontinuity: afterGap,
    });
  }
  return list;
}
