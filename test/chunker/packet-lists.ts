import type { PacketList } from '../../src/chunker/packets.js';

/**
 * A list of packets in decoding order from words like `K0 P3 B1 B2 hK4`: kind, then the frame shown; `K` is a key
 * frame and `h` before it hides the packet. One tick is a 24th of a second; time stamps start at `firstPts`.
 */
export function packetList(words: string, firstPts = 0): PacketList {
  const packets = words.split(/\s+/).map((word) => /^(h?)([KPB])(-?\d+)$/.exec(word)!);
  return {
    codec: 'h264',
    tickSeconds: 1 / 24,
    pts: Float64Array.from(packets, (packet) => firstPts + Number(packet[3])),
    key: Uint8Array.from(packets, (packet) => (packet[2] === 'K' ? 1 : 0)),
    hidden: Uint8Array.from(packets, (packet) => (packet[1] === 'h' ? 1 : 0)),
  };
}

/** Closed groups of four: every key frame is shown before all that follow it. */
export const CLOSED = 'K0 P3 B1 B2 K4 P7 B5 B6 K8 P11 B9 B10';

/** Open groups: two pictures shown before the second and third key frame are decoded after it. */
export const OPEN = 'K0 P3 B1 B2 K6 B4 B5 P9 B7 B8 K12 B10 B11 P13';
