import { type Rational, parseRational } from '../media/index.js';
import { type IdetCounts, countedFrames, parseIdetLine } from './interlace.js';

/** Messages kept from a decoder; the rest is only counted. */
const KEPT = 5;

/** Reads the `framecrc` listing of a decode: the time of every frame that came out. */
export class FrameTimesReader {
  private rest = '';
  timeBase: Rational | undefined;
  readonly pts: number[] = [];
  lastDuration = 0;
  /** True where the listing has a frame in its second stream. */
  captioned = false;

  push(chunk: Buffer | string): void {
    const lines = (this.rest + chunk.toString()).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.line(line);
  }

  private line(line: string): void {
    const base = /^#tb 0: (\d+\/\d+)/.exec(line)?.[1];
    if (base !== undefined) this.timeBase = parseRational(base);
    const frame = /^0,\s*-?\d+,\s*(-?\d+),\s*(-?\d+),/.exec(line);
    if (!frame) {
      this.captioned ||= line.startsWith('1,');
      return;
    }
    this.pts.push(Number(frame[1]));
    this.lastDuration = Math.max(0, Number(frame[2]));
  }
}

const ERROR_LINE = /\[(?:error|fatal)\] (.*)$/;
const CORRUPT_LINE = /\[warning\] (corrupt decoded frame|corrupt input packet|Packet corrupt)/;
const CONTEXT = /^\[([^\s@\]]+) @/;

/** Gathers what matters from a decoder's log: faults, changes of size, and idet's verdict. */
export class DecodeLog {
  faults = 0;
  readonly messages: string[] = [];
  sizeChanges = 0;
  idet: IdetCounts | undefined;

  /** Lines from decoders named in `others` (of the audio streams) do not concern the picture. */
  constructor(private readonly others: readonly string[] = []) {}

  push(line: string): void {
    const counts = parseIdetLine(line);
    if (counts && countedFrames(counts) >= countedFrames(this.idet ?? { ...counts, progressive: -1 }))
      this.idet = counts;
    if (line.includes('Reconfiguring filter graph because video parameters changed')) this.sizeChanges++;
    if (this.others.includes(CONTEXT.exec(line)?.[1] ?? '')) return;
    const message = ERROR_LINE.exec(line)?.[1] ?? CORRUPT_LINE.exec(line)?.[1];
    if (message === undefined) return;
    this.faults++;
    if (this.messages.length < KEPT && !this.messages.includes(message)) this.messages.push(message);
  }
}
