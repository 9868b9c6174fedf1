import type { PacketIndex } from './packets.js';
import type { Span } from './plan-shots.js';

/** Which packets to copy so that a shot decodes, and what comes out of them besides the shot. */
export interface CopyPlan {
  /** Packet that the copy begins with, a key frame; index in decoding order. */
  firstPacket: number;
  /** Time stamp of that packet, ticks. */
  firstPts: number;
  /** Packets to copy, in decoding order. */
  packets: number;
  /** Frames before the shot's first in the copy, by time stamps. */
  skipFrames: number;
  /** How many of those are shown before the key frame: an open group's leading pictures, which not every decoder gives. */
  leadingFrames: number;
  /** Where to seek to in the master, seconds: a key frame or two earlier; undefined: read from its beginning. */
  seekSeconds: number | undefined;
  /** How long to read from there, seconds. */
  readSeconds: number;
}

/** Seeking lands on a packet at or before a time; by how much earlier it should aim, since it may count in dts. */
const SEEK_EARLIER_SECONDS = 2;
const READ_LONGER_SECONDS = 2;

/**
 * Plans the copy of the frames in `span`. The key frame is the last one that is shown at or before the shot's first
 * frame and from which on all its frames are decoded; `keysBack` asks for an earlier one. Undefined where there is none.
 */
export function planCopy(index: PacketIndex, span: Span, keysBack = 0): CopyPlan | undefined {
  const { pts, packetOf } = index;
  const wanted = packetOf.subarray(span.startFrame, span.endFrame);
  const startPts = pts[wanted[0]!]!;
  const lowest = wanted.reduce((a, b) => Math.min(a, b));
  const last = wanted.reduce((a, b) => Math.max(a, b));
  const first = keyAt(index, lowest, startPts, keysBack);
  if (first === undefined) return undefined;
  const copied = pts.subarray(first, last + 1);
  const latest = copied.reduce((a, b) => Math.max(a, b));
  const seconds = (ticks: number): number => ticks * index.tickSeconds;
  const aim = seconds(pts[first]!) - SEEK_EARLIER_SECONDS;
  const seek = aim > seconds(index.earliestPts) ? aim : undefined;
  return {
    firstPacket: first,
    firstPts: pts[first]!,
    packets: copied.length,
    skipFrames: copied.filter((ticks) => ticks < startPts).length,
    leadingFrames: copied.filter((ticks) => ticks < pts[first]!).length,
    seekSeconds: seek,
    readSeconds: seconds(latest) - (seek ?? seconds(index.earliestPts)) + READ_LONGER_SECONDS,
  };
}

function keyAt(index: PacketIndex, packet: number, startPts: number, keysBack: number): number | undefined {
  let left = keysBack;
  for (let i = packet; i >= 0; i--) {
    if (index.key[i] && index.pts[i]! <= startPts && left-- === 0) return i;
  }
  return undefined;
}
