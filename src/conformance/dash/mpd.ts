import { LIMITS } from '../limits.js';
import { resolveUrl } from '../source/source.js';
import { type Addressing, addressingOf } from './addressing.js';
import { parseDuration } from './duration.js';
import { type Element, childrenOf } from './xml.js';

export const MPD_NAMESPACE = 'urn:mpeg:dash:schema:mpd:2011';

export interface Representation {
  element: Element;
  set: AdaptationSet;
  id: string | undefined;
  /** bit/s. */
  bandwidth: number | undefined;
  /** An attribute, its own or its adaptation set's. */
  attribute: (name: string) => string | undefined;
  /** Where its references start from. */
  baseUrl: string;
  addressing: Addressing;
}

export interface AdaptationSet {
  element: Element;
  period: Period;
  representations: Representation[];
}

export interface Period {
  element: Element;
  /** Seconds from the start of the presentation. */
  start: number;
  /** Seconds; undefined where it cannot be known. */
  duration: number | undefined;
  sets: AdaptationSet[];
}

/** An MPD, as far as it can be understood. */
export interface Mpd {
  file: string;
  url: string;
  root: Element;
  type: string;
  profiles: string[];
  /** Seconds. */
  minBufferTime: number | undefined;
  duration: number | undefined;
  periods: Period[];
  /** Whether it has more periods, sets or representations than are looked at. */
  tooMany: boolean;
}

/** A duration of an attribute, seconds; undefined where it is missing or none. */
export function durationOf(element: Element, name: string): number | undefined {
  const text = element.attributes.get(name);
  return text === undefined ? undefined : parseDuration(text);
}

export function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,16}$/.test(text) ? Number(text) : undefined;
}

/** The first BaseURL of an element: others are alternatives. */
function baseOf(element: Element, outer: string): string {
  const text = childrenOf(element, 'BaseURL')[0]?.text.trim();
  return (text === undefined ? undefined : resolveUrl(text, outer)) ?? outer;
}

/** Start and duration of every period (ISO/IEC 23009-1, 5.3.2.1). */
function periodTimes(
  elements: readonly Element[],
  total: number | undefined,
): { start: number; duration: number | undefined }[] {
  const starts: (number | undefined)[] = [];
  let next: number | undefined = 0;
  for (const element of elements) {
    const start: number | undefined = durationOf(element, 'start') ?? next;
    const duration = durationOf(element, 'duration');
    starts.push(start);
    next = start === undefined || duration === undefined ? undefined : start + duration;
  }
  return elements.map((element, index) => {
    const start = starts[index] ?? 0;
    const end = index + 1 < elements.length ? starts[index + 1] : total;
    return {
      start,
      duration: durationOf(element, 'duration') ?? (end === undefined ? undefined : end - start),
    };
  });
}

function representationOf(element: Element, set: AdaptationSet, base: string): Representation {
  const own = element.attributes;
  const levels = [set.period.element, set.element, element];
  return {
    ...{ element, set, id: own.get('id'), bandwidth: wholeNumber(own.get('bandwidth')) },
    attribute: (name) => own.get(name) ?? set.element.attributes.get(name),
    baseUrl: baseOf(element, base),
    addressing: addressingOf(levels),
  };
}

export function mpdOf(file: string, url: string, root: Element): Mpd {
  const duration = durationOf(root, 'mediaPresentationDuration');
  const room = { left: LIMITS.representations, cut: false };
  const elements = childrenOf(root, 'Period').slice(0, LIMITS.renditions);
  const times = periodTimes(elements, duration);
  const base = baseOf(root, url);
  const periods = elements.map((element, index): Period => {
    const period: Period = { element, start: 0, duration: undefined, ...times[index], sets: [] };
    const periodBase = baseOf(element, base);
    for (const one of childrenOf(element, 'AdaptationSet').slice(0, LIMITS.renditions)) {
      const set: AdaptationSet = { element: one, period, representations: [] };
      const setBase = baseOf(one, periodBase);
      const children = childrenOf(one, 'Representation');
      if (children.length > room.left) room.cut = true;
      set.representations = children
        .slice(0, room.left)
        .map((child) => representationOf(child, set, setBase));
      room.left -= set.representations.length;
      period.sets.push(set);
    }
    return period;
  });
  return {
    ...{ file, url, root, duration, periods, tooMany: room.cut },
    type: root.attributes.get('type') ?? 'static',
    profiles: (root.attributes.get('profiles') ?? '').split(',').map((profile) => profile.trim()),
    minBufferTime: durationOf(root, 'minBufferTime'),
  };
}

export function representationsOf({ periods }: Mpd): Representation[] {
  return periods.flatMap(({ sets }) => sets.flatMap(({ representations }) => representations));
}

/** How findings name a representation. */
export function representationName({ id, element }: Representation): string {
  return `representation ${id ?? `of line ${element.line}`}`;
}

/** What a representation is, by its MIME type or its set's content type. */
export function contentTypeOf({ attribute, set }: Representation): string | undefined {
  return set.element.attributes.get('contentType') ?? attribute('mimeType')?.split('/', 1)[0];
}
