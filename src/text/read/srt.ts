import { malformed, shown } from '../errors.js';
import type { Notes } from '../findings.js';
import { readSrtText } from '../markup/srt.js';
import { parseLooseTime } from '../time.js';
import type { ReadCue } from '../types.js';
import { type Block, blocksOf, linesOf } from './lines.js';

const ARROW = '-->';
/** Editors leave spaces on lines that are meant to be empty. */
const BLANK = /^[ \t]*$/;
const COUNTER = /^\s*\d{1,9}\s*$/;
/** What looks as if it were meant to be a time. */
const TIMELIKE = /^\s*\d{1,3}:\d{1,2}[:.,]\d/;

/** A cue whose text is still being gathered. */
interface Open {
  line: number;
  start: number;
  end: number;
  text: string[];
}

class SrtReader {
  private open: Open | undefined;
  private counter = 0;
  readonly cues: ReadCue[] = [];

  constructor(private readonly notes: Notes) {}

  block({ line, lines }: Block): void {
    let at = 0;
    while (at < lines.length) at = this.piece(line, lines, at);
  }

  end(): void {
    if (!this.open) return;
    const { line, start, end, text } = this.open;
    const { content, settings } = readSrtText(text.join('\n'), line, this.notes);
    this.cues.push({ line, start, end, settings, content });
    this.open = undefined;
  }

  /** Takes a cue's head, or a line of text, at `at`; gives where to go on. `first` is the number of the block's first line. */
  private piece(first: number, lines: readonly string[], at: number): number {
    const text = lines[at] ?? '';
    const next = lines[at + 1] ?? '';
    const line = first + at;
    if (COUNTER.test(text) && (next.includes(ARROW) || TIMELIKE.test(next))) {
      if (at > 0)
        this.notes.add('text-repaired', line, 'a cue that follows without an empty line is read by itself');
      this.counter = Number(text);
      this.head(line + 1, next);
      return at + 2;
    }
    if (text.includes(ARROW) || (at === 0 && TIMELIKE.test(text))) {
      this.notes.add('text-repaired', line, 'a cue without a number is read all the same');
      this.counter += 1;
      this.head(line, text);
      return at + 1;
    }
    this.text(line, text, at);
    return at + 1;
  }

  private text(line: number, text: string, at: number): void {
    const heads = at === 0 && COUNTER.test(text) && Number(text) === this.counter + 1;
    if (heads || !this.open) {
      const what = heads
        ? `cue ${text.trim()} has no line of times`
        : `a number or times of a cue were expected`;
      throw malformed(this.notes.name, line, `${what}, found ${shown(text)}`);
    }
    if (at === 0)
      this.notes.add('text-repaired', line, 'text behind an empty line is part of the cue before it');
    this.open.text.push(text);
  }

  private head(line: number, text: string): void {
    this.end();
    const arrow = text.indexOf(ARROW);
    if (arrow < 0) {
      throw malformed(this.notes.name, line, `"-->" is missing between the times, found ${shown(text)}`);
    }
    const [end = '', ...rest] = text
      .slice(arrow + ARROW.length)
      .trim()
      .split(/[ \t]+/);
    if (rest.length > 0) {
      this.notes.add('text-markup-dropped', line, 'what stands behind the times of a cue is left out');
    }
    this.open = { line, start: this.time(text.slice(0, arrow), line), end: this.time(end, line), text: [] };
  }

  private time(text: string, line: number): number {
    const time = parseLooseTime(text.trim());
    if (time === undefined) {
      throw malformed(this.notes.name, line, `${shown(text)} is no time (00:00:00,000)`);
    }
    return time;
  }
}

/**
 * Reads a SubRip file. There is no standard: what players take is taken, with a note, as long as no text is lost. Throws
 * TEXT_SYNTAX.
 */
export function readSrt(text: string, notes: Notes): ReadCue[] {
  const reader = new SrtReader(notes);
  for (const block of blocksOf(linesOf(text), BLANK)) reader.block(block);
  reader.end();
  return reader.cues;
}
