import { type Rational, parseRational } from '../../media/index.js';

export interface ListedPacket {
  /** Seconds. */
  time: number;
  bytes: number;
}

/** Reads ffmpeg's `framecrc` list of one stream. Lines that are no packets are its head. */
export function readFramecrc(text: string): ListedPacket[] {
  let base: Rational = { num: 1, den: 1 };
  const packets: ListedPacket[] = [];
  for (const line of text.split('\n')) {
    const declared = /^#tb 0: (\d+\/\d+)/.exec(line)?.[1];
    if (declared !== undefined) base = parseRational(declared) ?? base;
    const packet = /^0,\s*-?\d+,\s*(-?\d+),\s*-?\d+,\s*(\d+),/.exec(line);
    if (packet) packets.push({ time: (Number(packet[1]) * base.num) / base.den, bytes: Number(packet[2]) });
  }
  return packets;
}
