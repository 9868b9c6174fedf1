import type { Finding, Severity } from '../ingest/index.js';

/** What can be said of a title's text. Each is explained in docs/text.md. */
export const TEXT_FINDINGS = {
  'text-beyond-title': 'warning',
  'text-channels': 'warning',
  'text-cue-dropped': 'warning',
  'text-empty': 'warning',
  'text-encoding': 'warning',
  'text-markup-dropped': 'info',
  'text-order': 'info',
  'text-overlap': 'info',
  'text-parity': 'warning',
  'text-repaired': 'warning',
  'text-skipped': 'error',
  'text-start': 'warning',
  'text-timecode': 'info',
} as const satisfies Record<string, Severity>;

export type TextFindingCode = keyof typeof TEXT_FINDINGS;

/** Lines that a finding names; a bad file could have one in every line. */
const MOST_LINES = 10;
/** Different findings about one file; what they quote could be different in every line. */
const MOST_KINDS = 40;

export function textFinding(code: TextFindingCode, message: string): Finding {
  return { code, severity: TEXT_FINDINGS[code], message };
}

interface Seen {
  code: TextFindingCode;
  what: string;
  count: number;
  /** The first lines, each once. */
  lines: number[];
  /** The last line, which may not be listed any more. */
  last: number;
}

/** Gathers what is wrong with one file or stream: a finding for each kind of defect, with the lines that have it. */
export class Notes {
  private readonly seen = new Map<string, Seen>();

  /** `name` is what messages call the file or the stream. */
  constructor(readonly name: string) {}

  /** Notes a defect; `what` says in plain words what it is and what was done. Line 0 is no line. */
  add(code: TextFindingCode, line: number, what: string): void {
    const said =
      this.seen.has(`${code} ${what}`) || this.seen.size < MOST_KINDS ? what : 'there is more of this';
    const key = `${code} ${said}`;
    const known = this.seen.get(key) ?? { code, what: said, count: 0, lines: [], last: 0 };
    this.seen.set(key, known);
    known.count += 1;
    if (line > 0 && line !== known.last && known.lines.length < MOST_LINES) known.lines.push(line);
    known.last = line;
  }

  list(): Finding[] {
    return [...this.seen.values()].map(({ code, what, count, lines, last }) => {
      const more = lines.at(-1) === last ? '' : ', …';
      const where =
        lines.length === 0 ? '' : ` (${lines.length === 1 ? 'line' : 'lines'} ${lines.join(', ')}${more})`;
      const times = count > 1 ? `${count} times: ` : '';
      return textFinding(code, `${this.name}: ${times}${what}${where}`);
    });
  }
}
