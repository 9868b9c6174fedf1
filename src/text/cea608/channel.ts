import type { ReadCue } from '../types.js';
import { basicCharacter, extendedCharacter, specialCharacter } from './characters.js';
import { screenText } from './layout.js';
import { CAPTION_COLOURS, COLUMNS, type Pen, ROWS, Screen, WHITE } from './screen.js';

/** Where a pair of bytes came. */
export interface Moment {
  /** Milliseconds, not rounded. */
  time: number;
  /** Line of a file; 0 where there is none. */
  line: number;
}

type Mode = 'none' | 'pop-on' | 'roll-up' | 'paint-on' | 'text';

/** Text that is written while it is shown makes a cue of its own after a pause of this long, milliseconds. */
const PAUSE = 1000;

/** Rows of preamble address codes by the first byte, without its channel (CEA-608-E, table 53), counted from 0. */
const PREAMBLE_ROWS: Readonly<Record<number, readonly [number, number]>> = {
  0x10: [10, 10],
  0x11: [0, 1],
  0x12: [2, 3],
  0x13: [11, 12],
  0x14: [13, 14],
  0x15: [4, 5],
  0x16: [6, 7],
  0x17: [8, 9],
};

/** Resume caption loading, resume direct captioning, text restart, resume text display. */
const MODES: Readonly<Record<number, Mode>> = {
  0x20: 'pop-on',
  0x29: 'paint-on',
  0x2a: 'text',
  0x2b: 'text',
};

const ITALICS = 7;

/** One caption channel (CEA-608-E, annex C): takes its codes and characters, gives a cue for all that it showed. */
export class CaptionChannelDecoder {
  readonly cues: ReadCue[] = [];
  private shown = new Screen();
  private hidden = new Screen();
  private mode: Mode = 'none';
  private pen: Pen = WHITE;
  private row = ROWS - 1;
  /** Where the next character goes; COLUMNS where a row is full. */
  private column = 0;
  /** Rows that roll. */
  private depth = 2;
  /** Since when the screen is what it is. */
  private since: Moment | undefined;
  private lastWrite = -Infinity;

  /** Two characters without parity, of which the second may be 0. */
  text(first: number, second: number, at: Moment): void {
    for (const code of [first, second]) if (code >= 0x20) this.write(basicCharacter(code), at);
  }

  /** A code of two bytes without parity, the first without its channel: 0x10 to 0x17 and 0x20 to 0x7f. */
  control(first: number, second: number, at: Moment): void {
    if (second >= 0x40) this.preamble(first, second, at);
    else if (first === 0x14 || first === 0x15) this.command(second, at);
    else if (first === 0x11 && second < 0x30) this.midRow(second, at);
    else if (first === 0x11) this.special(second, at);
    else if (first === 0x12 || first === 0x13) this.extended(first, second, at);
    else if (first === 0x10) this.background(second, at);
    else if (first === 0x17) this.tabOrBlack(second);
  }

  /** Ends what is still shown; nothing took it from the screen. */
  end(): void {
    this.flush(Infinity);
  }

  private get screen(): Screen | undefined {
    if (this.mode === 'pop-on') return this.hidden;
    return this.mode === 'roll-up' || this.mode === 'paint-on' ? this.shown : undefined;
  }

  /** Makes cues of what is shown until now. */
  private flush(time: number): void {
    const { since } = this;
    if (since && Math.round(time) > Math.round(since.time)) {
      for (const text of screenText(this.shown)) {
        this.cues.push({ line: since.line, start: Math.round(since.time), end: Math.round(time), ...text });
      }
    }
    this.since = undefined;
  }

  /** Notes that the screen is about to change by being written to. */
  private touch(at: Moment): void {
    if (this.screen !== this.shown) return;
    if (at.time - this.lastWrite >= PAUSE) this.flush(at.time);
    this.since ??= at;
    this.lastWrite = at.time;
  }

  private write(character: string | undefined, at: Moment): void {
    const { screen } = this;
    if (!screen) return;
    this.touch(at);
    // The last column takes whatever comes after it, too.
    const column = Math.min(COLUMNS - 1, this.column);
    screen.set(this.row, column, character === undefined ? undefined : { character, pen: this.pen });
    this.column = column + 1;
  }

  private special(code: number, at: Moment): void {
    this.write(specialCharacter(code), at);
  }

  /** Stands in the place of the character before it, which is what decoders that do not know it show. */
  private extended(table: 0x12 | 0x13, code: number, at: Moment): void {
    this.column = Math.max(0, this.column - 1);
    this.write(extendedCharacter(table, code), at);
  }

  private midRow(code: number, at: Moment): void {
    const colour = (code >> 1) & 7;
    const underline = (code & 1) === 1;
    this.pen =
      colour === ITALICS
        ? { ...this.pen, italic: true, underline }
        : { ...this.pen, colour: CAPTION_COLOURS[colour]!, italic: false, underline };
    this.write(' ', at);
  }

  private background(code: number, at: Moment): void {
    this.column = Math.max(0, this.column - 1);
    this.pen = { ...this.pen, background: CAPTION_COLOURS[(code >> 1) & 7]! };
    this.write(' ', at);
  }

  private tabOrBlack(code: number): void {
    if (code >= 0x21 && code <= 0x23) this.column = Math.min(COLUMNS - 1, this.column + code - 0x20);
    else if (code === 0x2d) this.pen = { ...this.pen, background: 'none' };
    else if (code === 0x2e || code === 0x2f)
      this.pen = { ...this.pen, colour: 'black', underline: code === 0x2f };
  }

  private preamble(first: number, second: number, at: Moment): void {
    const row = PREAMBLE_ROWS[first]![(second >> 5) & 1]!;
    const style = (second >> 1) & 15;
    const underline = (second & 1) === 1;
    if (this.mode === 'roll-up') this.moveBase(row, at);
    else this.row = row;
    this.column = style >= 8 ? (style - 8) * 4 : 0;
    this.pen =
      style >= 8
        ? { ...WHITE, underline }
        : style === ITALICS
          ? { ...WHITE, italic: true, underline }
          : { ...WHITE, colour: CAPTION_COLOURS[style]!, underline };
  }

  /** A base row that is too high for all the rows above it is the highest that is not. */
  private moveBase(row: number, at: Moment): void {
    const base = Math.max(row, this.depth - 1);
    if (base !== this.row) this.moveWindow(base, this.depth, at);
  }

  /** Puts the rows that roll elsewhere: `depth` of them are kept, and nothing is shown above or below (47 CFR 15.119(f)(1)). */
  private moveWindow(base: number, depth: number, at: Moment): void {
    if (!this.shown.empty) {
      this.flush(at.time);
      this.since = at;
    }
    this.shown.moveWindow(this.row, base, depth);
    this.row = base;
  }

  private command(code: number, at: Moment): void {
    const mode = MODES[code];
    if (mode) this.mode = mode;
    else if (code >= 0x25 && code <= 0x27) this.rollUp(code - 0x23, at);
    else this.edit(code, at);
  }

  private edit(code: number, at: Moment): void {
    switch (code) {
      case 0x21: // backspace
        return this.backspace(at);
      case 0x24: // delete to end of row
        this.touch(at);
        this.screen?.truncate(this.row, this.column);
        return;
      case 0x2c: // erase displayed memory
        this.flush(at.time);
        return this.shown.clear();
      case 0x2d: // carriage return
        return this.carriageReturn(at);
      case 0x2e: // erase non-displayed memory
        return this.hidden.clear();
      case 0x2f: // end of caption
        return this.endOfCaption(at);
      default:
    }
  }

  private backspace(at: Moment): void {
    if (!this.screen || this.column === 0) return;
    this.touch(at);
    this.column -= 1;
    this.screen.set(this.row, this.column, undefined);
  }

  private rollUp(depth: number, at: Moment): void {
    if (this.mode !== 'roll-up') {
      this.flush(at.time);
      this.shown.clear();
      this.hidden.clear();
      this.row = ROWS - 1;
      this.column = 0;
      this.pen = WHITE;
    } else if (depth !== this.depth) this.moveWindow(Math.max(this.row, depth - 1), depth, at);
    this.mode = 'roll-up';
    this.depth = depth;
  }

  private carriageReturn(at: Moment): void {
    if (this.mode !== 'roll-up') return;
    this.flush(at.time);
    this.shown.roll(Math.max(0, this.row - this.depth + 1), this.row);
    this.column = 0;
    this.pen = WHITE;
    if (!this.shown.empty) this.since = at;
  }

  private endOfCaption(at: Moment): void {
    this.flush(at.time);
    [this.shown, this.hidden] = [this.hidden, this.shown];
    this.mode = 'pop-on';
    if (!this.shown.empty) this.since = at;
  }
}
