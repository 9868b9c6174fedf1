import { badUsage } from '../../../errors.js';
import { type Rational, frameSeconds, toNumber } from '../../../media/index.js';
import type { DeliveredMarker, GivenMarker, Marker, MarkersResult } from '../types.js';
import { byTime, overlaps } from './order.js';
import { readSplice } from './splice-info.js';

function frameOf(time: GivenMarker['start'], fps: Rational): number {
  return 'frame' in time ? time.frame : Math.round(time.seconds * toNumber(fps));
}

const HINT =
  'Correct it in hullcast.yaml (markers.list) or in the file that --markers names: docs/delivery.md.';

function refused(given: GivenMarker, index: number, why: string): Error {
  return badUsage('MARKERS_INVALID', `marker ${index + 1} (${given.kind}) ${why}`, HINT);
}

function checkSplice(given: GivenMarker, index: number): void {
  for (const section of Object.values(given.scte35 ?? {})) {
    if (given.kind !== 'adbreak')
      throw refused(given, index, 'has a SCTE-35 section, which only ad breaks have');
    const read = readSplice(Buffer.from(section, 'hex'));
    if ('fault' in read)
      throw refused(given, index, `has a SCTE-35 section that cannot be read: ${read.fault}`);
  }
}

/**
 * Markers that people give, as frames of a title. An end behind the title is cut off. Throws MARKERS_INVALID for one that begins
 * there, ends before it begins, overlaps another of its kind (what SCTE-35 says may), or has a SCTE-35 section that cannot be
 * read.
 */
export function manualMarkers(
  given: readonly GivenMarker[],
  { frames, fps }: { frames: number; fps: Rational },
): Marker[] {
  const counts = new Map<string, number>();
  const markers = given.map((each, index): Marker => {
    const { kind, start, end, scte35, guess } = each;
    const startFrame = frameOf(start, fps);
    const until = end === undefined ? startFrame : frameOf(end, fps);
    const seconds = frameSeconds(frames, fps).toFixed(3);
    if (startFrame >= frames) {
      throw refused(each, index, `begins at frame ${startFrame}, and the title has ${frames} (${seconds} s)`);
    }
    if (end !== undefined && until <= startFrame)
      throw refused(each, index, 'ends where or before it begins');
    if (end === undefined && kind !== 'adbreak') throw refused(each, index, 'has no end');
    checkSplice(each, index);
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    return {
      ...{ id: `${kind}-${counts.get(kind)!}`, kind, source: 'manual' as const, confidence: 1 },
      ...(guess ? { source: 'detected' as const, ...guess } : {}),
      ...{ startFrame, endFrame: Math.min(frames, until) },
      ...(scte35 === undefined ? {} : { scte35 }),
    };
  });
  markers.forEach((marker, index) => {
    const other = markers.findIndex(
      (each) =>
        each !== marker &&
        each.kind === marker.kind &&
        !(each.scte35 && marker.scte35) &&
        overlaps(each, marker),
    );
    if (other >= 0) throw refused(given[index]!, index, `overlaps marker ${other + 1}`);
  });
  return markers.sort(byTime);
}

/**
 * All markers of a title. What people say takes the place of everything else of its kind, and what the master says that of
 * guesses. Guesses of less confidence than `minConfidence` are offered to people, and not to players.
 */
export function titleMarkers(
  manual: readonly Marker[],
  found: MarkersResult | undefined,
  minConfidence: number,
): DeliveredMarker[] {
  const said = new Set(manual.map(({ kind }) => kind));
  const splices = (found?.splices ?? []).filter(({ kind }) => !said.has(kind));
  for (const { kind } of splices) said.add(kind);
  const detected = (found?.detected ?? []).filter(({ kind }) => !said.has(kind));
  return [...manual, ...splices, ...detected]
    .sort(byTime)
    .map((marker) => ({ ...marker, inManifests: marker.confidence >= minConfidence }));
}

/** markers.json: for people to look at, to correct and to give back with --markers, and for players. */
export function markersFile(
  markers: readonly DeliveredMarker[],
  { frames, fps }: { frames: number; fps: Rational },
): string {
  const seconds = (frame: number): number => Number(frameSeconds(frame, fps).toFixed(6));
  const file = {
    schemaVersion: 1,
    frames,
    fps: `${fps.num}/${fps.den}`,
    markers: markers.map(({ id, kind, startFrame, endFrame, ...rest }) => ({
      ...{ id, kind, startFrame, endFrame },
      ...{ startSeconds: seconds(startFrame), endSeconds: seconds(endFrame) },
      ...rest,
    })),
  };
  return `${JSON.stringify(file, undefined, 2)}\n`;
}
