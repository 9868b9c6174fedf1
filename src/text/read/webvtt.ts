import { boxSettings } from '../box.js';
import { malformed, shown } from '../errors.js';
import type { Notes } from '../findings.js';
import { readCueText } from '../markup/webvtt.js';
import { parseSettings } from '../settings.js';
import { parseLooseTime, parseTime } from '../time.js';
import type { CueSettings, ReadCue } from '../types.js';
import { type Block, blocksOf, linesOf } from './lines.js';

const SIGNATURE = /^WEBVTT(?:[ \t]|$)/;
const ARROW = '-->';

/** A line of text is 5.33% of the picture's height (WebVTT, 7.2). */
const LINE_HEIGHT = 100 / 18.75;

function pairOf(text: string | undefined): [number, number] | undefined {
  const match = /^(\d+(?:\.\d+)?)%,(\d+(?:\.\d+)?)%$/.exec(text ?? '');
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}

/** Reads a REGION block: its name, and settings that put a cue where it would (WebVTT, 4.3 and 7.2). */
function readRegion({ lines }: Block): { id: string; settings: CueSettings } {
  const words = lines.slice(1).flatMap((line) => line.split(/[ \t]+/));
  const values = new Map(words.map((word) => [word.split(':')[0] ?? '', word.slice(word.indexOf(':') + 1)]));
  const width = Number(/^(\d+(?:\.\d+)?)%$/.exec(values.get('width') ?? '')?.[1] ?? 100);
  const height = Number(/^\d{1,3}$/.exec(values.get('lines') ?? '')?.[0] ?? 3) * LINE_HEIGHT;
  const [anchorX, anchorY] = pairOf(values.get('regionanchor')) ?? [0, 100];
  const [viewX, viewY] = pairOf(values.get('viewportanchor')) ?? [0, 100];
  const settings = boxSettings({
    left: viewX - (anchorX / 100) * width,
    top: viewY - (anchorY / 100) * height,
    ...{ width, height, vertical: 'bottom', align: 'center' },
  });
  return { id: values.get('id') ?? '', settings };
}

class WebVttReader {
  private readonly regions = new Map<string, CueSettings>();
  readonly cues: ReadCue[] = [];

  constructor(private readonly notes: Notes) {}

  block(block: Block): void {
    const [first = ''] = block.lines;
    if (/^NOTE(?:[ \t]|$)/.test(first)) return;
    if (/^STYLE[ \t]*$/.test(first)) {
      this.notes.add('text-markup-dropped', block.line, 'style sheets are left out');
    } else if (/^REGION[ \t]*$/.test(first)) {
      const { id, settings } = readRegion(block);
      this.regions.set(id, settings);
    } else this.cueBlock(block);
  }

  /** A block that holds a cue, or several where no empty line stands between them. */
  private cueBlock({ line, lines }: Block): void {
    const starts = lines.flatMap((text, index) => (text.includes(ARROW) ? [index] : []));
    const [first] = starts;
    if (first === undefined) {
      throw malformed(this.notes.name, line, `a cue needs times with "-->", found ${shown(lines[0] ?? '')}`);
    }
    if (first > 1)
      throw malformed(this.notes.name, line, 'more than one line stands before the times of a cue');
    for (const [index, start] of starts.entries()) {
      const next = starts[index + 1];
      if (next !== undefined) {
        this.notes.add(
          'text-repaired',
          line + next,
          'a cue that follows without an empty line is read by itself',
        );
      }
      this.cue(line + start, lines.slice(start, next));
    }
  }

  private cue(line: number, [timing = '', ...payload]: readonly string[]): void {
    const arrow = timing.indexOf(ARROW);
    const after = timing.slice(arrow + ARROW.length).trim();
    const space = after.search(/[ \t]/);
    const endText = space < 0 ? after : after.slice(0, space);
    const { settings, region, wrong } = parseSettings(space < 0 ? '' : after.slice(space));
    for (const word of wrong) {
      this.notes.add('text-repaired', line, `cue settings that are none (${shown(word)}) are left out`);
    }
    this.cues.push({
      line,
      start: this.time(timing.slice(0, arrow).trim(), line),
      end: this.time(endText, line),
      settings: { ...this.regionSettings(region, line), ...settings },
      content: readCueText(payload.join('\n'), line, this.notes),
    });
  }

  private time(text: string, line: number): number {
    const exact = parseTime(text);
    if (exact !== undefined) return exact;
    const loose = parseLooseTime(text);
    if (loose === undefined)
      throw malformed(this.notes.name, line, `${shown(text)} is no time (00:00:00.000)`);
    this.notes.add(
      'text-repaired',
      line,
      'times that are not written as WebVTT demands are read all the same',
    );
    return loose;
  }

  private regionSettings(region: string | undefined, line: number): CueSettings {
    if (region === undefined) return {};
    const known = this.regions.get(region);
    if (!known) this.notes.add('text-repaired', line, 'a cue names a region that the file has not');
    return known ?? {};
  }
}

/** Reads a WebVTT file (https://www.w3.org/TR/webvtt1/). Throws TEXT_SYNTAX. */
export function readWebVtt(text: string, notes: Notes): ReadCue[] {
  const lines = linesOf(text);
  if (!SIGNATURE.test(lines[0] ?? '')) {
    throw malformed(
      notes.name,
      1,
      `a WebVTT file begins with WEBVTT, this one with ${shown(lines[0] ?? '')}`,
    );
  }
  const [header, ...blocks] = blocksOf(lines);
  // What stands right below the signature is the header; a file that has a cue there has forgotten an empty line.
  const misplaced = header?.lines.findIndex((line) => line.includes(ARROW)) ?? -1;
  if (misplaced > 0)
    throw malformed(notes.name, misplaced + 1, 'an empty line is missing before the first cue');
  if (header?.lines.some((line) => line.startsWith('X-TIMESTAMP-MAP'))) {
    notes.add('text-repaired', 1, 'X-TIMESTAMP-MAP is left out: it is about the segments of a stream');
  }
  const reader = new WebVttReader(notes);
  for (const block of blocks) reader.block(block);
  return reader.cues;
}
