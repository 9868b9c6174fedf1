import type { Rational } from '../../../media/index.js';
import { byTime } from '../markers/order.js';
import type { Marker } from '../types.js';
import { escapeXml } from './base-urls.js';

/** Scheme of hullcast's own events: a `Marker` element each, in a namespace of the same name. */
export const MARKER_SCHEME = 'urn:hullcast:markers:2026';
/** Events that hold a whole SCTE-35 section (SCTE 214-1). */
export const SCTE35_SCHEME = 'urn:scte:scte35:2014:xml+bin';
const SCTE35_NAMESPACE = 'http://www.scte.org/schemas/35/2016';

interface Event {
  /** Events of one scheme with one id are one event, whatever their periods (ISO/IEC 23009-1, 5.10.2). */
  id: number;
  /** Frames. */
  start: number;
  length: number;
  body: string;
}

function eventStream(scheme: string, events: readonly Event[], { num, den }: Rational): string {
  if (events.length === 0) return '';
  const lines = events.map(({ id, start, length, body }) => {
    const duration = length > 0 ? ` duration="${length * den}"` : '';
    return `      <Event presentationTime="${start * den}"${duration} id="${id}">${body}</Event>\n`;
  });
  // A tick is one numerator of the rate, so that every frame is a whole number of them.
  return `    <EventStream schemeIdUri="${scheme}" timescale="${num}">\n${lines.join('')}    </EventStream>\n`;
}

function ownEvent({ id, kind, startFrame, endFrame, source, confidence }: Marker): Omit<Event, 'id'> {
  const body = `<Marker xmlns="${MARKER_SCHEME}" id="${escapeXml(id)}" kind="${kind}" source="${source}" confidence="${confidence.toFixed(2)}"/>`;
  return { start: startFrame, length: endFrame - startFrame, body };
}

function spliceEvents({ startFrame, endFrame, scte35 = {} }: Marker): Omit<Event, 'id'>[] {
  const event = (start: number, length: number, section: string): Omit<Event, 'id'> => ({
    ...{ start, length },
    body: `<Signal xmlns="${SCTE35_NAMESPACE}"><Binary>${Buffer.from(section, 'hex').toString('base64')}</Binary></Signal>`,
  });
  return [
    ...(scte35.out === undefined ? [] : [event(startFrame, endFrame - startFrame, scte35.out)]),
    ...(scte35.in === undefined ? [] : [event(endFrame, 0, scte35.in)]),
  ];
}

function numbered(events: readonly Omit<Event, 'id'>[]): Event[] {
  return events.map((event, index) => ({ ...event, id: index + 1 }));
}

/** A marker's part in the events of a period that begins with frame `from` and ends before `to`. */
function within(events: readonly Event[], from: number, to: number): Event[] {
  return events
    .filter(({ start }) => start >= from && start < to)
    .map((event) => ({ ...event, start: event.start - from }));
}

/**
 * Says the markers as events, before the adaptation sets of the period that they begin in, where the schema has them; their
 * times are the period's own. What begins with the end of the title is of its last period.
 */
export function withEvents(mpd: string, markers: readonly Marker[], fps: Rational): string {
  const ordered = [...markers].sort(byTime);
  const own = numbered(ordered.map(ownEvent));
  const splices = numbered(ordered.flatMap(spliceEvents).sort((a, b) => a.start - b.start));
  const starts = [...mpd.matchAll(/<Period\b[^>]*>/g)].map(([tag]) => {
    const seconds = Number(/\sstart="PT([\d.]+)S"/.exec(tag)?.[1] ?? 0);
    return Math.round((seconds * fps.num) / fps.den);
  });
  let period = 0;
  return mpd.replace(/<Period\b[^>]*>\n/g, (tag) => {
    const [from = 0, to = Infinity] = starts.slice(period, period + 2);
    period += 1;
    const streams = [
      eventStream(MARKER_SCHEME, within(own, from, to), fps),
      eventStream(SCTE35_SCHEME, within(splices, from, to), fps),
    ];
    return tag + streams.join('');
  });
}
