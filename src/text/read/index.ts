import { EXIT, HullcastError } from '../../errors.js';
import type { Rational } from '../../media/index.js';
import { decodeText } from '../encoding.js';
import { shown } from '../errors.js';
import type { Notes } from '../findings.js';
import { HOUR, hoursBefore } from '../fit.js';
import { sniffText } from '../format.js';
import { formatTime } from '../time.js';
import { type FileClock, type TimecodeRate, parseStart, timecodeRate } from '../timecode.js';
import type { CaptionChannel, ReadCue, TextFileSource } from '../types.js';
import { readScc } from './scc.js';
import { readSrt } from './srt.js';
import { readTtml } from './ttml/index.js';
import { readWebVtt } from './webvtt.js';

/** Larger than any subtitle of a film by two orders. */
const MOST_BYTES = 32 * 1024 * 1024;

/** What is said of a file, beside its bytes. */
export type FileHints = Pick<TextFileSource, 'encoding' | 'start' | 'fps'>;

interface Rates {
  picture: TimecodeRate;
  given?: TimecodeRate;
}

/** One channel of a file of captions. */
function chosenChannel(channels: Map<CaptionChannel, ReadCue[]>, notes: Notes): ReadCue[] {
  const [first, ...others] = [...channels];
  for (const [channel] of others)
    notes.add('text-channels', 0, `captions of ${channel} are left out: one track a file`);
  return first?.[1] ?? [];
}

/** Cues on a file's own clock. */
interface Read {
  cues: ReadCue[];
  clock: FileClock;
}

function readCues(text: string, rates: Rates, notes: Notes): Read {
  switch (sniffText(text)) {
    case 'webvtt':
      return { cues: readWebVtt(text, notes), clock: { hourMs: HOUR } };
    case 'srt':
      return { cues: readSrt(text, notes), clock: { hourMs: HOUR } };
    case 'ttml': {
      const { cues, hourMs } = readTtml(text, notes);
      return { cues, clock: { hourMs } };
    }
    case 'scc': {
      const { channels, clock } = readScc(text, notes, rates);
      return { cues: chosenChannel(channels, notes), clock };
    }
    case undefined:
      throw new HullcastError(
        'TEXT_FORMAT',
        `${notes.name} is no text that hullcast reads: it begins with ${shown(text.slice(0, 80))}`,
        {
          exitCode: EXIT.masterRejected,
          hint: 'Give SubRip, WebVTT, TTML (IMSC text) or SCC.',
        },
      );
  }
}

function startOf(
  { cues, clock }: Read,
  rate: TimecodeRate,
  titleMs: number,
  given: string | undefined,
  notes: Notes,
): number {
  if (given !== undefined) {
    const start = parseStart(given, rate, clock);
    if (start !== undefined) return start;
    throw new HullcastError('TEXT_START', `${notes.name}: ${shown(given)} is no start of a text`, {
      exitCode: EXIT.usage,
      hint: 'Give a timecode (01:00:00:00), a time (01:00:00.000) or seconds (3600).',
    });
  }
  const start = hoursBefore(cues, titleMs, clock.hourMs);
  if (start > 0) {
    notes.add(
      'text-start',
      0,
      `its times begin at ${formatTime(start)}: that is taken for the first frame of the title`,
    );
  }
  return start;
}

/** Cues of a file on its own clock, and the time of that clock which is the title's first frame. */
export interface ReadFile {
  cues: ReadCue[];
  startMs: number;
}

/** Throws TEXT_EMPTY. */
export function refuseEmpty(name: string, where: string): never {
  throw new HullcastError('TEXT_EMPTY', `${name} has no cue${where}`, {
    exitCode: EXIT.masterRejected,
    hint: 'Leave the file out, or give the one that was meant; if its clock begins elsewhere, say so with start=.',
  });
}

/** Refuses what would not fit into memory, and is no text of one title. Throws TEXT_TOO_LARGE. */
export function checkSize(bytes: number, name: string): void {
  if (bytes <= MOST_BYTES) return;
  throw new HullcastError('TEXT_TOO_LARGE', `${name} has ${bytes} bytes, more than ${MOST_BYTES}`, {
    exitCode: EXIT.masterRejected,
    hint: 'This is no text of one title: check which file was given.',
  });
}

/**
 * Reads the bytes of a text file. `titleMs` and `fps` are the title's. Throws TEXT_TOO_LARGE, TEXT_ENCODING, TEXT_FORMAT,
 * TEXT_SYNTAX, TEXT_START and TEXT_EMPTY.
 */
export function readTextFile(
  bytes: Uint8Array,
  title: { titleMs: number; fps: Rational },
  hints: FileHints,
  notes: Notes,
): ReadFile {
  checkSize(bytes.length, notes.name);
  const { text, encoding, guessed } = decodeText(bytes, notes.name, hints.encoding);
  if (guessed)
    notes.add('text-encoding', 0, `it does not say how it is encoded, and is taken for ${encoding}`);
  const given = hints.fps && timecodeRate(hints.fps);
  const rates = { picture: timecodeRate(title.fps), ...(given ? { given } : {}) };
  const read = readCues(text, rates, notes);
  const { cues } = read;
  if (cues.length === 0) refuseEmpty(notes.name, '');
  return { cues, startMs: startOf(read, given ?? rates.picture, title.titleMs, hints.start, notes) };
}
