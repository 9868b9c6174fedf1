import { type CaptionPair, decodeCaptions } from '../cea608/decode.js';
import { malformed, shown } from '../errors.js';
import type { Notes } from '../findings.js';
import {
  type FileClock,
  NTSC,
  type Timecode,
  type TimecodeRate,
  isNtsc,
  parseTimecode,
  timecodeMs,
} from '../timecode.js';
import type { CaptionChannel, ReadCue } from '../types.js';
import { linesOf } from './lines.js';

const SIGNATURE = /^\s*Scenarist_SCC V1\.0\s*$/;
/** Line 21 carries a pair of bytes in every frame of NTSC, whatever the rate of the pictures. */
const PAIR_MS = 1001 / 30;

interface CaptionLine {
  line: number;
  timecode: Timecode;
  words: number[];
}

function readLine(text: string, line: number, name: string): CaptionLine {
  const [time = '', ...words] = text.trim().split(/\s+/);
  const timecode = parseTimecode(time);
  if (!timecode) throw malformed(name, line, `${shown(time)} is no timecode (00:00:00:00 or 00:00:00;00)`);
  for (const word of words) {
    if (!/^[0-9a-f]{4}$/i.test(word))
      throw malformed(name, line, `${shown(word)} is no pair of bytes (9420)`);
  }
  return { line, timecode, words: words.map((word) => parseInt(word, 16)) };
}

/**
 * The rate that a file's timecodes count in: the one that was given, else the picture's, unless frame numbers are higher
 * than it has, or are dropped, which is done at NTSC's rate alone (SMPTE ST 12-1); then NTSC's.
 */
function rateOf(
  lines: readonly CaptionLine[],
  picture: TimecodeRate,
  given: TimecodeRate | undefined,
  notes: Notes,
): TimecodeRate {
  const rate = given ?? picture;
  const fits = ({ timecode: { frames, drop } }: CaptionLine): boolean =>
    frames < rate.nominal && (!drop || isNtsc(rate));
  const misfit = lines.find((line) => !fits(line));
  if (!misfit) return rate;
  const why = misfit.timecode.drop ? 'frames are dropped' : 'there are higher frame numbers';
  if (given)
    throw malformed(
      notes.name,
      misfit.line,
      `its timecodes are not at ${rate.nominal} frames a second: ${why}`,
    );
  notes.add(
    'text-timecode',
    misfit.line,
    `timecodes are taken for 29.97 frames a second, not ${rate.nominal}: ${why}`,
  );
  return NTSC;
}

/**
 * Reads a Scenarist SCC file; says how its timecodes count. `picture` is the timecode rate of the title, `given` that which
 * somebody says the file has. Throws TEXT_SYNTAX.
 */
export function readScc(
  text: string,
  notes: Notes,
  { picture, given }: { picture: TimecodeRate; given?: TimecodeRate | undefined },
): { channels: Map<CaptionChannel, ReadCue[]>; clock: FileClock } {
  const [signature = '', ...rest] = linesOf(text);
  if (!SIGNATURE.test(signature))
    throw malformed(notes.name, 1, 'an SCC file begins with Scenarist_SCC V1.0');
  const lines = rest.flatMap((line, index) =>
    line.trim() === '' ? [] : [readLine(line, index + 2, notes.name)],
  );
  const rate = rateOf(lines, picture, given, notes);
  if (lines.some(({ timecode: { frames } }) => frames >= rate.nominal)) {
    const wrong = lines.find(({ timecode: { frames } }) => frames >= rate.nominal)!;
    throw malformed(notes.name, wrong.line, `a second has no frame ${wrong.timecode.frames}`);
  }
  const pairs: CaptionPair[] = [];
  let free = -Infinity;
  for (const { line, timecode, words } of lines) {
    // A line that begins before all bytes of the one before it are through has to wait.
    let time = Math.max(timecodeMs(timecode, rate), free);
    for (const word of words) {
      pairs.push({ time, line, field: 1, first: word >> 8, second: word & 0xff });
      time += PAIR_MS;
    }
    free = time;
  }
  const drop = lines[0]?.timecode.drop === true;
  const hour = { hours: 1, minutes: 0, seconds: 0, frames: 0, drop };
  const clock = { hourMs: timecodeMs(hour, rate), counted: { rate, drop } };
  return { channels: decodeCaptions(pairs, { wrongParity: 'use', notes }), clock };
}
