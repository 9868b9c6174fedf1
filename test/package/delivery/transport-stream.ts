import { checked } from './sections.js';

const PACKET = 188;
const SPLICE_PID = 0x1f0;

const pidOf = (packet: Buffer): number => packet.readUInt16BE(1) & 0x1fff;

/** A packet that holds one whole section. */
function sectionPacket(pid: number, counter: number, section: Buffer): Buffer {
  const packet = Buffer.alloc(PACKET, 0xff);
  packet.writeUInt8(0x47);
  packet.writeUInt16BE(0x4000 | pid, 1);
  packet.writeUInt8(0x10 | (counter & 15), 3);
  packet.writeUInt8(0, 4);
  section.copy(packet, 5);
  return packet;
}

/** A program map with a stream of SCTE-35 more, and the registration that makes it one (SCTE 35, 8.1). */
function withSplices(packet: Buffer): Buffer {
  const section = packet.subarray(5, 5 + 3 + (packet.readUInt16BE(6) & 0xfff));
  const infoLength = section.readUInt16BE(10) & 0xfff;
  const registration = Buffer.from([5, 4, ...Buffer.from('CUEI')]);
  const head = Buffer.from(section.subarray(0, 12));
  head.writeUInt16BE(0xf000 | (infoLength + registration.length), 10);
  const stream = Buffer.from([0x86, 0xe0 | (SPLICE_PID >> 8), SPLICE_PID & 0xff, 0xf0, 0]);
  const body = Buffer.concat([
    head,
    section.subarray(12, 12 + infoLength),
    registration,
    section.subarray(12 + infoLength, -4),
    stream,
  ]);
  body.writeUInt16BE(0xb000 | (body.length - 3 + 4), 1);
  return sectionPacket(pidOf(packet), packet[3]! & 15, checked(body));
}

/** A transport stream of ffmpeg's with SCTE-35 messages in it, from its 30th packet on. */
export function transportStreamWith(stream: Buffer, sections: readonly Buffer[]): Buffer {
  const packets = Array.from({ length: stream.length / PACKET }, (_, index) =>
    stream.subarray(index * PACKET, (index + 1) * PACKET),
  );
  const pat = packets.find((packet) => pidOf(packet) === 0)!;
  // Behind pointer, eight bytes of the table's head, and the program's number.
  const mapPid = pat.readUInt16BE(5 + 8 + 2) & 0x1fff;
  const mapped = packets.map((packet) => (pidOf(packet) === mapPid ? withSplices(packet) : packet));
  const messages = sections.map((section, index) => sectionPacket(SPLICE_PID, index, section));
  return Buffer.concat([...mapped.slice(0, 30), ...messages, ...mapped.slice(30)]);
}
