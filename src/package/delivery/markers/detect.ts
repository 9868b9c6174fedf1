import { type Rational, frameSeconds, toNumber } from '../../../media/index.js';
import type { Marker, MarkersParams } from '../types.js';
import { byTime } from './order.js';
import { type Second, type Span, musicShare, secondsOf, silences } from './sound.js';

export interface Heard {
  /** Levels of blocks of sound from the title's start on, dBFS; none where nothing was heard. */
  levels: readonly number[];
}

/** A place where a part of a programme may end and another begin; seconds. */
interface Join extends Span {
  black: boolean;
  silent: boolean;
  /** Seconds of it that are both. */
  both: number;
}

/** Most joins that are looked at: pairs of them are compared. */
const MOST_JOINS = 300;
/** Shorter titles have neither intros nor breaks. */
export const LEAST_SECONDS = 120;

const INTRO = { least: 10, most: 150, startsWithin: 600, share: 0.25, music: 0.7 };
const CREDITS = { least: 10, most: 720, share: 0.25, music: 0.6, plain: 0.6, palette: 0.5 };
const BREAK = { both: 0.2, fromEdge: 60, apart: 120, confidence: 0.55 };

/** Blacks and silences, those that touch as one. */
function joinsOf(black: readonly Span[], silent: readonly Span[]): Join[] {
  const all = [
    ...black.map((span) => ({ ...span, black: true, silent: false })),
    ...silent.map((span) => ({ ...span, black: false, silent: true })),
  ].sort((a, b) => a.start - b.start || a.end - b.end);
  const joins: Omit<Join, 'both'>[] = [];
  for (const span of all) {
    const last = joins.at(-1);
    if (!last || span.start > last.end) joins.push({ ...span });
    else {
      last.end = Math.max(last.end, span.end);
      last.black ||= span.black;
      last.silent ||= span.silent;
    }
  }
  return joins.slice(0, MOST_JOINS).map((join) => ({ ...join, both: sharedSeconds(join, black, silent) }));
}

function sharedSeconds(within: Span, black: readonly Span[], silent: readonly Span[]): number {
  let sum = 0;
  for (const one of black) {
    for (const other of silent) {
      const start = Math.max(one.start, other.start, within.start);
      sum += Math.max(0, Math.min(one.end, other.end, within.end) - start);
    }
  }
  return sum;
}

const sides = ({ black, silent }: Join): number => (black ? 0.15 : 0) + (silent ? 0.1 : 0);

function told(join: Join, where: string): string[] {
  const what = [...(join.black ? ['black'] : []), ...(join.silent ? ['silence'] : [])];
  return what.length > 0 ? [`${what.join(' and ')} ${where} it`] : [];
}

interface Candidate extends Span {
  confidence: number;
  evidence: string[];
}

const percent = (share: number): string => `${Math.round(100 * share)}%`;

function bestOf(candidates: readonly Candidate[]): Candidate[] {
  const longer = (a: Candidate, b: Candidate): number => b.end - b.start - (a.end - a.start);
  return [...candidates].sort((a, b) => b.confidence - a.confidence || longer(a, b)).slice(0, 1);
}

/** Music of 10 to 150 s in the title's first quarter, at most ten minutes from its start, between two joins. */
function introOf(joins: readonly Join[], heard: readonly Second[], length: number): Candidate[] {
  const latest = Math.min(INTRO.startsWithin, INTRO.share * length);
  const start: Join = { start: 0, end: 0, black: false, silent: false, both: 0 };
  const candidates = [start, ...joins].flatMap((before) => {
    if (before.end > latest) return [];
    return joins.flatMap((after): Candidate[] => {
      const span = { start: before.end, end: after.start };
      const seconds = span.end - span.start;
      if (seconds < INTRO.least || seconds > INTRO.most) return [];
      const share = musicShare(heard, span);
      if (share < INTRO.music) return [];
      const confidence =
        0.25 + sides(before) + sides(after) + (0.25 * (share - INTRO.music)) / (1 - INTRO.music);
      const evidence = [`${percent(share)} like music`, ...told(before, 'before'), ...told(after, 'after')];
      return [{ ...span, confidence, evidence }];
    });
  });
  return bestOf(candidates);
}

/** Share of a span whose shots are of few shades. */
function plainShare(span: Span, shots: readonly (Span & { palette: number })[]): number {
  const seconds = shots
    .filter(({ palette }) => palette >= CREDITS.palette)
    .map(({ start, end }) => Math.max(0, Math.min(end, span.end) - Math.max(start, span.start)))
    .reduce((sum, value) => sum + value, 0);
  return seconds / (span.end - span.start);
}

/** From a join in the title's last quarter, at most twelve minutes from its end, to the end: music, or text on one colour. */
function creditsOf(
  joins: readonly Join[],
  heard: readonly Second[],
  shots: readonly (Span & { palette: number })[],
  length: number,
): Candidate[] {
  const earliest = Math.max(length - CREDITS.most, (1 - CREDITS.share) * length);
  const candidates = joins.flatMap((before): Candidate[] => {
    const span = { start: before.end, end: length };
    if (span.start < earliest || length - span.start < CREDITS.least) return [];
    const share = musicShare(heard, span);
    const plain = plainShare(span, shots);
    if (share < CREDITS.music && plain < CREDITS.plain) return [];
    const confidence = 0.25 + sides(before) + 0.2 * share + 0.2 * plain;
    const seen = [
      ...(share >= CREDITS.music ? [`${percent(share)} like music`] : []),
      ...(plain >= CREDITS.plain ? [`${percent(plain)} of few shades`] : []),
    ];
    return [{ ...span, confidence, evidence: [...seen, ...told(before, 'before')] }];
  });
  return bestOf(candidates);
}

/** Places that are black and silent at once, away from the ends and from one another; the longest first. */
function breaksOf(joins: readonly Join[], taken: readonly Span[], length: number): Candidate[] {
  const chosen: Candidate[] = [];
  const far = (at: number, span: Span): boolean => at < span.start - BREAK.fromEdge || at > span.end + 1;
  for (const join of [...joins].sort((a, b) => b.both - a.both || a.start - b.start)) {
    const at = (join.start + join.end) / 2;
    if (join.both < BREAK.both || at < BREAK.fromEdge || at > length - BREAK.fromEdge) continue;
    if (!taken.every((span) => far(at, span))) continue;
    if (chosen.some((other) => Math.abs(other.start - at) < BREAK.apart)) continue;
    const evidence = [`${join.both.toFixed(2)} s black and silent`];
    chosen.push({ start: at, end: at, confidence: BREAK.confidence, evidence });
  }
  return chosen.sort((a, b) => a.start - b.start);
}

/**
 * Guesses at the intro, the credits and places for ad breaks, from black, silence, steadily loud sound and plain shots. They are
 * for people to confirm: no title was made for these rules. Confidence is 0.25 for the form, and what each evidence adds.
 */
export function detectMarkers(
  { frames, fps, black, plain }: Pick<MarkersParams, 'frames' | 'fps' | 'black' | 'plain'>,
  { levels }: Heard,
): Marker[] {
  const length = frameSeconds(frames, fps);
  if (length < LEAST_SECONDS) return [];
  const seconds = <T extends Span>(range: T): T => ({
    ...range,
    start: frameSeconds(range.start, fps),
    end: frameSeconds(range.end, fps),
  });
  const joins = joinsOf(black.map(seconds), silences(levels));
  const heard = secondsOf(levels);
  const intro = introOf(joins, heard, length);
  const credits = creditsOf(joins, heard, plain.map(seconds), length);
  const breaks = breaksOf(joins, [...intro, ...credits], length);
  const marker = (kind: Marker['kind'], found: readonly Candidate[]): Marker[] =>
    found.map(({ start, end, confidence, evidence }, index) => ({
      ...{ id: `${kind}-${index + 1}`, kind, source: 'detected', evidence },
      startFrame: frameOf(start, fps, frames),
      endFrame: frameOf(end, fps, frames),
      confidence: Math.round(Math.min(0.95, confidence) * 100) / 100,
    }));
  return [...marker('intro', intro), ...marker('credits', credits), ...marker('adbreak', breaks)].sort(
    byTime,
  );
}

function frameOf(seconds: number, fps: Rational, frames: number): number {
  return Math.min(frames, Math.max(0, Math.round(seconds * toNumber(fps))));
}
