import { malformed } from './errors.js';
import type { Notes } from './findings.js';
import { plainText } from './markup/content.js';
import { formatTime } from './time.js';
import type { Cue, ReadCue } from './types.js';

/** Milliseconds of an hour. */
export const HOUR = 3_600_000;

/** Cues that may be shown at once: every one of them is repeated whenever another comes or goes. */
const MOST_AT_ONCE = 64;

/**
 * What lies between the clock of a file and the title's, milliseconds, where nobody says so: whole hours, if the first
 * cue comes an hour or more after the start and the last one begins after the title's end. Programmes on tape begin at
 * 01:00:00:00 or 10:00:00:00, and so do the timecodes of what was made for them. `hourMs` is how long the file's hour is:
 * one of timecodes that count 30 frames at 29.97 lasts 3603.6 s.
 */
export function hoursBefore(cues: readonly ReadCue[], titleMs: number, hourMs = HOUR): number {
  const starts = cues.map(({ start }) => start);
  const first = starts.reduce((least, start) => Math.min(least, start), Infinity);
  const last = starts.reduce((most, start) => Math.max(most, start), -Infinity);
  // Times are rounded: one at the very hour may be a little before it.
  const hours = Math.floor((first + 1) / hourMs);
  return Number.isFinite(hours) && hours > 0 && last >= titleMs ? Math.round(hours * hourMs) : 0;
}

export interface FitOptions {
  /** Length of the title, milliseconds. */
  titleMs: number;
  /** Time of the cues that is the title's first frame, milliseconds. */
  startMs: number;
}

function cut(cue: ReadCue, { titleMs, startMs }: FitOptions, notes: Notes): Cue | undefined {
  const { line, settings, content } = cue;
  if (!(cue.end > cue.start)) {
    notes.add('text-cue-dropped', line, 'a cue that ends where or before it begins is left out');
    return undefined;
  }
  const start = Math.max(0, cue.start - startMs);
  const end = Math.min(titleMs, cue.end - startMs);
  if (!(end > start)) {
    notes.add('text-beyond-title', line, 'a cue outside of the title is left out');
    return undefined;
  }
  if (cue.start < startMs) notes.add('text-beyond-title', line, 'a cue that begins before the title is cut');
  if (cue.end - startMs > titleMs && cue.end !== Infinity) {
    notes.add('text-beyond-title', line, "a cue that goes on after the title's end is cut");
  }
  return { start, end, settings, content };
}

/** Throws TEXT_SYNTAX where more cues are shown at once than any picture has room for. They come in order. */
function checkCrowd(cues: readonly Cue[], name: string): void {
  const ends = cues.map(({ end }) => end).sort((a, b) => a - b);
  let ended = 0;
  for (const [index, { start }] of cues.entries()) {
    while (ends[ended]! <= start) ended += 1;
    if (index + 1 - ended > MOST_AT_ONCE) {
      throw malformed(name, 1, `more than ${MOST_AT_ONCE} cues are shown at once, at ${formatTime(start)}`);
    }
  }
}

/**
 * Cues in the title's time: none is outside of it, none is empty, all are in order of their times. Throws TEXT_SYNTAX where
 * there is a crowd of them.
 */
export function fitCues(read: readonly ReadCue[], options: FitOptions, notes: Notes): Cue[] {
  const cues: Cue[] = [];
  let before: ReadCue | undefined;
  for (const cue of read) {
    if (before && cue.start < before.start) {
      notes.add('text-order', cue.line, 'a cue that begins before the one above it is put in its place');
    }
    before = cue;
    if (plainText(cue.content).trim() === '') {
      notes.add('text-cue-dropped', cue.line, 'a cue without text is left out');
      continue;
    }
    const fitted = cut(cue, options, notes);
    if (fitted) cues.push(fitted);
  }
  // Equal starts: what ends later goes first, as its line is then the lower one; equal cues stay in the file's order.
  cues.sort((a, b) => a.start - b.start || b.end - a.end);
  checkCrowd(cues, notes.name);
  noteOverlaps(cues, notes);
  return cues;
}

/** Cues of one place that are shown at once are not wrong, but worth a look where nobody meant it. */
function noteOverlaps(cues: readonly Cue[], notes: Notes): void {
  let end = -Infinity;
  let start = -Infinity;
  for (const cue of cues) {
    // Cues that begin and end together are one text in several places.
    if (cue.start < end && !(cue.start === start && cue.end === end)) {
      notes.add('text-overlap', 0, 'cues overlap; they are shown at once');
    }
    start = cue.start;
    end = Math.max(end, cue.end);
  }
}
