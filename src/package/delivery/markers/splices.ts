import type { Finding } from '../../../ingest/index.js';
import { type Rational, toNumber } from '../../../media/index.js';
import type { Marker } from '../types.js';
import { byTime } from './order.js';
import { type SpliceInfo, readSplice } from './splice-info.js';

/** A SCTE-35 section as it is in a transport stream. */
export interface FoundSplice {
  section: Buffer;
  /** Clock of its packet, 90 kHz: the time of what is to happen at once. */
  pts?: number;
}

export interface TitleClock {
  /** Time of the first picture, 90 kHz. */
  start: number;
  frames: number;
  fps: Rational;
}

const TICKS = 90_000;
const WRAP = 2 ** 33;

/** Segmentation types that begin a break, or what may be replaced in it (SCTE 35, table 23); the next number ends it. */
const BREAK_STARTS = new Set([0x22, 0x30, 0x32, 0x34, 0x36, 0x44, 0x46]);

/** Beginning or end of a break. */
interface Cue {
  /** What its beginning and its end have in common. */
  event: string;
  side: 'out' | 'in' | 'cancel';
  ticks: number | undefined;
  duration?: number;
  section: string;
}

const hex = (id: number): string => id.toString(16).padStart(8, '0');

function cuesOf(info: SpliceInfo, packetPts: number | undefined, section: string): Cue[] {
  const ticks = info.pts ?? packetPts;
  if (info.command === 'insert') {
    const event = `splice-${hex(info.eventId)}`;
    if (info.cancelled) return [{ event, side: 'cancel', ticks, section }];
    const duration = info.duration === undefined ? {} : { duration: info.duration };
    return [{ event, side: info.out ? 'out' : 'in', ticks, section, ...duration }];
  }
  if (info.command !== 'signal') return [];
  return info.segmentations.flatMap(({ eventId, cancelled, typeId, duration }): Cue[] => {
    const event = `segment-${hex(eventId)}`;
    if (cancelled) return [{ event, side: 'cancel', ticks, section }];
    const starts = BREAK_STARTS.has(typeId);
    if (!starts && !BREAK_STARTS.has(typeId - 1)) return [];
    // A break and what is in it may have one id; beginning and end have numbers that follow one another.
    const typed = `${event}-${(starts ? typeId : typeId - 1).toString(16)}`;
    const length = starts && duration !== undefined ? { duration } : {};
    return [{ event: typed, side: starts ? 'out' : 'in', ticks, section, ...length }];
  });
}

interface Event {
  out?: Cue;
  in?: Cue;
}

/** Whether this message speaks of another break than the one that is known: it came after that one had begun. */
function isNext(known: Cue | undefined, cue: Cue, packetPts: number | undefined): boolean {
  if (known?.ticks === undefined || packetPts === undefined || cue.ticks === known.ticks) return false;
  const since = (((packetPts - known.ticks) % WRAP) + WRAP) % WRAP;
  return since > 0 && since < WRAP / 2;
}

/** Takes a message into what is known: of one event the last word counts. */
function note(events: Map<string, Event>, cue: Cue, packetPts: number | undefined): void {
  const ids = [...events.keys()].filter(
    (id) => id === cue.event || id.startsWith(`${cue.event}.`) || id.startsWith(`${cue.event}-`),
  );
  const own = ids.filter((id) => id === cue.event || id.startsWith(`${cue.event}.`));
  const last = own.at(-1) ?? cue.event;
  if (cue.side === 'cancel') {
    for (const id of ids) events.delete(id);
    return;
  }
  const next = cue.side === 'out' && isNext(events.get(last)?.out, cue, packetPts);
  const id = next ? `${cue.event}.${own.length + 1}` : last;
  events.set(id, { ...(next ? {} : events.get(id)), [cue.side]: cue });
}

/** Frame of a time, and whether it is within the title. */
function frameAt(ticks: number, { start, fps }: TitleClock): number {
  const since = (((ticks - start) % WRAP) + WRAP) % WRAP;
  // What is behind the middle of the clock lies before the first picture.
  return Math.round(((since > WRAP / 2 ? since - WRAP : since) / TICKS) * toNumber(fps));
}

function markerOf(id: string, out: Cue, end: Cue | undefined, clock: TitleClock): Marker | undefined {
  if (out.ticks === undefined) return undefined;
  const startFrame = frameAt(out.ticks, clock);
  if (startFrame < 0 || startFrame >= clock.frames) return undefined;
  const until = end?.ticks ?? (out.duration === undefined ? undefined : (out.ticks + out.duration) % WRAP);
  const endFrame = until === undefined ? startFrame : Math.min(clock.frames, frameAt(until, clock));
  return {
    ...{ id, kind: 'adbreak', source: 'scte35', confidence: 1, startFrame },
    endFrame: Math.max(startFrame, endFrame),
    scte35: { out: out.section, ...(end ? { in: end.section } : {}) },
  };
}

/**
 * Ad breaks that SCTE-35 messages announce. Messages are repeated and corrected on their way to the moment that they speak of:
 * of one event the last word counts. Broken sections, and breaks outside of the title, are left out, and a finding says so.
 */
export function spliceMarkers(
  found: readonly FoundSplice[],
  clock: TitleClock,
): { markers: Marker[]; findings: Finding[] } {
  const faults: string[] = [];
  const events = new Map<string, Event>();
  for (const { section, pts } of found) {
    const read = readSplice(section);
    if ('fault' in read) {
      faults.push(read.fault);
      continue;
    }
    for (const cue of cuesOf(read.info, pts, section.toString('hex'))) {
      note(events, cue, pts);
    }
  }
  const markers: Marker[] = [];
  const outside: string[] = [];
  for (const [event, { out, in: end }] of events) {
    if (!out) continue;
    const marker = markerOf(event, out, end, clock);
    if (marker) markers.push(marker);
    else outside.push(event);
  }
  return { markers: markers.sort(byTime), findings: findingsOf(faults, outside) };
}

function findingsOf(faults: readonly string[], outside: readonly string[]): Finding[] {
  const broken: Finding[] =
    faults.length === 0
      ? []
      : [
          {
            code: 'splice-unreadable',
            severity: 'warning',
            message: `${faults.length} SCTE-35 messages cannot be read: ${[...new Set(faults)].join('; ')}`,
          },
        ];
  const beyond: Finding[] =
    outside.length === 0
      ? []
      : [
          {
            code: 'splice-outside',
            severity: 'info',
            message: `${outside.length} SCTE-35 events are not within the title, e.g. ${outside[0]!}`,
          },
        ];
  return [...broken, ...beyond];
}
