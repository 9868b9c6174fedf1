import { LIMITS } from '../limits.js';

/** Something in a WebVTT file that is not as it should be. */
export interface WebvttProblem {
  kind: 'map' | 'cue';
  line: number;
  expected: string;
  found: string;
}

/** A WebVTT file, as far as rules look at it. */
export interface Webvtt {
  /** What X-TIMESTAMP-MAP says: time of the media in ticks of 90 kHz, and time of cues in milliseconds. */
  map: { mpegts: number; local: number } | undefined;
  cues: number;
  problems: WebvttProblem[];
}

const TIME = String.raw`(?:(\d{2,}):)?([0-5]\d):([0-5]\d)\.(\d{3})`;
const ONE_TIME = new RegExp(`^${TIME}$`);
const TIMINGS = new RegExp(String.raw`^${TIME}[ \t]+-->[ \t]+${TIME}(?:[ \t].*)?$`);

/** Blocks that are no cues (WebVTT, 4.1). */
const OTHER_BLOCK = /^(?:NOTE|STYLE|REGION)(?:[ \t]|$)/;

function ms([hours, minutes, seconds, thousandths]: readonly (string | undefined)[]): number {
  return ((Number(hours ?? 0) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000 + Number(thousandths);
}

function mapOf(text: string): Webvtt['map'] {
  const parts = text.split(',').map((part) => part.trim());
  const mpegts = parts.find((part) => /^MPEGTS:\d{1,16}$/.test(part));
  const local = parts.find((part) => part.startsWith('LOCAL:'));
  const time = ONE_TIME.exec(local?.slice('LOCAL:'.length) ?? '');
  if (parts.length !== 2 || mpegts === undefined || !time) return undefined;
  return { mpegts: Number(mpegts.slice('MPEGTS:'.length)), local: ms(time.slice(1)) };
}

const MAP = 'X-TIMESTAMP-MAP=';

class WebvttReader {
  readonly result: Webvtt = { map: undefined, cues: 0, problems: [] };
  private before = 0;

  constructor(private readonly lines: readonly string[]) {}

  read(): Webvtt {
    let at = this.lines.indexOf('');
    if (at < 0) at = this.lines.length;
    this.header(at);
    while (at < this.lines.length) {
      while (this.lines[at] === '') at += 1;
      const end = this.lines.indexOf('', at);
      const next = end < 0 ? this.lines.length : end;
      if (at < next) this.block(at, next);
      at = next;
    }
    return this.result;
  }

  private problem(kind: WebvttProblem['kind'], at: number, expected: string): void {
    const { problems } = this.result;
    if (problems.length < LIMITS.findings)
      problems.push({ kind, line: at + 1, expected, found: this.lines[at] || 'nothing' });
  }

  private header(end: number): void {
    let seen = false;
    for (let at = 1; at < end; at += 1) {
      const line = this.lines[at]!;
      if (!line.startsWith(MAP)) continue;
      const map = mapOf(line.slice(MAP.length));
      if (!map || seen) this.problem('map', at, 'one X-TIMESTAMP-MAP with LOCAL and MPEGTS');
      else this.result.map = map;
      seen = true;
    }
  }

  private block(start: number, end: number): void {
    const first = this.lines[start]!;
    if (first.startsWith(MAP)) return this.problem('map', start, 'X-TIMESTAMP-MAP in the header');
    if (OTHER_BLOCK.test(first)) return;
    // An identifier may stand before the timings.
    const at = !first.includes('-->') && start + 1 < end ? start + 1 : start;
    this.result.cues += 1;
    const times = TIMINGS.exec(this.lines[at]!);
    if (!times) return this.problem('cue', at, 'the timings of a cue');
    const [from, to] = [ms(times.slice(1, 5)), ms(times.slice(5, 9))];
    if (to <= from) this.problem('cue', at, 'an end that is after the start');
    if (from < this.before) this.problem('cue', at, 'a start that is not before that of the cue before');
    this.before = Math.max(this.before, from);
  }
}

/** Reads a WebVTT file (W3C WebVTT, 4; RFC 8216, 3.5), which begins with WEBVTT. */
export function readWebvtt(text: string): Webvtt {
  return new WebvttReader(text.split(/\r\n|\r|\n/)).read();
}
