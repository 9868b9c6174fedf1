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
  /** Frames. */
  start: number;
  length: number;
  body: string;
}

function eventStream(scheme: string, events: readonly Event[], { num, den }: Rational): string {
  if (events.length === 0) return '';
  const lines = events.map(({ start, length, body }, index) => {
    const duration = length > 0 ? ` duration="${length * den}"` : '';
    return `      <Event presentationTime="${start * den}"${duration} id="${index + 1}">${body}</Event>\n`;
  });
  // A tick is one numerator of the rate, so that every frame is a whole number of them.
  return `    <EventStream schemeIdUri="${scheme}" timescale="${num}">\n${lines.join('')}    </EventStream>\n`;
}

function ownEvent({ id, kind, startFrame, endFrame, source, confidence }: Marker): Event {
  const body = `<Marker xmlns="${MARKER_SCHEME}" id="${escapeXml(id)}" kind="${kind}" source="${source}" confidence="${confidence.toFixed(2)}"/>`;
  return { start: startFrame, length: endFrame - startFrame, body };
}

function spliceEvents({ startFrame, endFrame, scte35 = {} }: Marker): Event[] {
  const event = (start: number, length: number, section: string): Event => ({
    ...{ start, length },
    body: `<Signal xmlns="${SCTE35_NAMESPACE}"><Binary>${Buffer.from(section, 'hex').toString('base64')}</Binary></Signal>`,
  });
  return [
    ...(scte35.out === undefined ? [] : [event(startFrame, endFrame - startFrame, scte35.out)]),
    ...(scte35.in === undefined ? [] : [event(endFrame, 0, scte35.in)]),
  ];
}

/** Says the markers as events of the one period, before its adaptation sets, where the schema has them. */
export function withEvents(mpd: string, markers: readonly Marker[], fps: Rational): string {
  const ordered = [...markers].sort(byTime);
  const splices = ordered.flatMap(spliceEvents).sort((a, b) => a.start - b.start);
  const streams =
    eventStream(MARKER_SCHEME, ordered.map(ownEvent), fps) + eventStream(SCTE35_SCHEME, splices, fps);
  return mpd.replace(/<Period\b[^>]*>\n/, (period) => period + streams);
}
