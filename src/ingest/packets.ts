import type { Rational } from '../media/index.js';

/** Times of one stream's packets, in ticks of its time base. */
export interface PacketSummary {
  packets: number;
  /** Packets that the demuxer marks to be decoded and thrown away: what an edit list cuts off. */
  discarded: number;
  /** Packets that the demuxer marks as damaged. */
  corrupt: number;
  bytes: number;
  /** Earliest time and latest end of the packets that are shown; undefined where none has a time. */
  start?: number;
  end?: number;
}

/** ffprobe arguments whose output `PacketScan` reads. */
export const PACKET_ENTRIES = [
  '-show_entries',
  'packet=stream_index,pts,dts,duration,size,flags',
  '-of',
  'csv=p=0',
];

const LINE = /^(\d+),(-?\d+|N\/A),(-?\d+|N\/A),(-?\d+|N\/A),(\d+),([A-Z_]+)/;

/** Incremental reader of ffprobe's packet list: keeps sums, not packets, so that hours of video fit in memory. */
export class PacketScan {
  private rest = '';
  private readonly streams = new Map<number, PacketSummary>();

  push(chunk: Buffer | string): void {
    const lines = (this.rest + chunk.toString()).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.line(line);
  }

  /** Summaries by stream index. */
  end(): Map<number, PacketSummary> {
    this.line(this.rest);
    this.rest = '';
    return this.streams;
  }

  // Lines that are no packets are side data, which ffprobe prints between them.
  private line(line: string): void {
    const match = LINE.exec(line);
    if (!match) return;
    const [, index, pts, dts, duration, size, flags = ''] = match;
    const summary = this.summary(Number(index));
    summary.packets++;
    summary.bytes += Number(size);
    if (flags.includes('C')) summary.corrupt++;
    if (flags.includes('D')) {
      summary.discarded++;
      return;
    }
    const time = pts === 'N/A' ? Number(dts) : Number(pts);
    if (!Number.isFinite(time)) return;
    const end = time + (Number(duration) || 0);
    summary.start = Math.min(summary.start ?? time, time);
    summary.end = Math.max(summary.end ?? end, end);
  }

  private summary(index: number): PacketSummary {
    const known = this.streams.get(index);
    if (known) return known;
    const fresh = { packets: 0, discarded: 0, corrupt: 0, bytes: 0 };
    this.streams.set(index, fresh);
    return fresh;
  }
}

/** Ticks of a time base as seconds. */
export function ticksToSeconds(ticks: number, timeBase: Rational): number {
  return (ticks * timeBase.num) / timeBase.den;
}
