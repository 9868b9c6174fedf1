import { type Rational, parseRational } from '../../media/index.js';

export interface ListedPacket {
  /** Seconds. */
  time: number;
  bytes: number;
}

/** Reads ffmpeg's `framecrc` list of one stream, line by line. Lines that are no packets are its head. */
export function* readFramecrc(text: string): Generator<ListedPacket> {
  let base: Rational = { num: 1, den: 1 };
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from);
    const line = text.slice(from, end < 0 ? text.length : end);
    from += line.length + 1;
    const declared = /^#tb 0: (\d+\/\d+)/.exec(line)?.[1];
    if (declared !== undefined) base = parseRational(declared) ?? base;
    const packet = /^0,\s*-?\d+,\s*(-?\d+),\s*-?\d+,\s*(\d+),/.exec(line);
    if (packet) yield { time: (Number(packet[1]) * base.num) / base.den, bytes: Number(packet[2]) };
  }
}
