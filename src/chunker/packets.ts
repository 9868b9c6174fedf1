import { HullcastError } from '../errors.js';

/** The packets of a video stream in the order of the file, which is decoding order. */
export interface PacketList {
  /** ffmpeg's name of the codec, e.g. h264. */
  codec: string;
  /** One tick of the timestamps, seconds. */
  tickSeconds: number;
  /** Presentation time stamps, ticks; NaN where the container has none. */
  pts: Float64Array;
  /** 1 where a packet is a key frame. */
  key: Uint8Array;
  /** 1 where a packet is decoded but, by the container's edit list, not shown. */
  hidden: Uint8Array;
}

const FLAG_KEY = 0x1;
const FLAG_DISCARD = 0x4;
const NO_PTS = '-9223372036854775808';

/**
 * Reads what ffmpeg's framecrc muxer writes of one stream that is copied, not decoded: lines of
 * `stream, dts, pts, duration, size, crc[, F=flags]…`, the flags left out for a plain key frame. Throws PACKET_LIST.
 */
export function parsePackets(text: string): PacketList {
  const tick = /^#tb 0: (\d+)\/(\d+)$/m.exec(text);
  const codec = /^#codec_id 0: (\S+)$/m.exec(text);
  if (!tick || !codec) throw new HullcastError('PACKET_LIST', 'ffmpeg wrote no list of packets');
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  const list: PacketList = {
    codec: codec[1]!,
    tickSeconds: Number(tick[1]) / Number(tick[2]),
    pts: new Float64Array(lines.length),
    key: new Uint8Array(lines.length),
    hidden: new Uint8Array(lines.length),
  };
  for (const [i, line] of lines.entries()) {
    const pts = line.split(',', 3)[2]?.trim() ?? '';
    const flags = Number(/F=(0x[0-9a-fA-F]+)/.exec(line)?.[1] ?? FLAG_KEY);
    list.pts[i] = pts === NO_PTS || pts === '' ? NaN : Number(pts);
    list.key[i] = flags & FLAG_KEY ? 1 : 0;
    list.hidden[i] = flags & FLAG_DISCARD ? 1 : 0;
  }
  return list;
}

/** Packets with the frames they hold. */
export interface PacketIndex extends PacketList {
  /** Packet of every shown frame, in order of presentation. */
  packetOf: Int32Array;
  /** Smallest time stamp, ticks. */
  earliestPts: number;
}

/**
 * Tells which packet holds which frame: frames are shown in the order of their time stamps. Undefined where that does
 * not give `frames` frames (no or equal time stamps, fields in packets of their own, packets that do not decode), so
 * that packets cannot be cut by frame number.
 */
export function indexPackets(list: PacketList, frames: number): PacketIndex | undefined {
  const { pts, hidden, key } = list;
  const order = Int32Array.from(pts.keys()).sort((a, b) => pts[a]! - pts[b]!);
  for (const [i, packet] of order.entries()) {
    const previous = i > 0 ? pts[order[i - 1]!]! : -Infinity;
    if (!(pts[packet]! > previous)) return undefined;
  }
  const earliestPts = pts[order[0] ?? -1] ?? 0;
  const shown = order.filter((packet) => !hidden[packet]);
  if (shown.length === frames) return { ...list, packetOf: shown, earliestPts };
  // A recording that begins within an open group: what is shown before its first key frame cannot be decoded.
  const firstKey = key.indexOf(1);
  const decodable = shown.filter((packet) => packet >= firstKey && pts[packet]! >= (pts[firstKey] ?? 0));
  return decodable.length === frames ? { ...list, packetOf: decodable, earliestPts } : undefined;
}

/** Most packets from one key frame to the next, or to the end. */
export function longestGroup({ key }: Pick<PacketList, 'key'>): number {
  let longest = 0;
  let last = 0;
  for (const [i, isKey] of key.entries()) {
    if (isKey) last = i;
    longest = Math.max(longest, i - last + 1);
  }
  return longest;
}
