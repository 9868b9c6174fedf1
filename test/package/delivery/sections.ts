import { mpegCrc } from '../../../src/package/delivery/markers/splice-info.js';

export interface Insert {
  eventId: number;
  cancel?: boolean;
  out?: boolean;
  /** 90 kHz. */
  pts?: number;
  duration?: number;
  adjustment?: number;
  encrypted?: boolean;
}

/** 33 bits behind flags of the first byte. */
function ticks(flags: number, value: number): Buffer {
  const bytes = Buffer.alloc(5);
  bytes[0] = flags | (value >= 2 ** 32 ? 1 : 0);
  bytes.writeUInt32BE(value % 2 ** 32, 1);
  return bytes;
}

/** Appends the checksum of a section. */
export function checked(section: Buffer): Buffer {
  const crc = Buffer.alloc(4);
  crc.writeUInt32BE(mpegCrc(section));
  return Buffer.concat([section, crc]);
}

/** A splice_info_section with a splice_insert(). */
export function spliceSection({ eventId, cancel, out, pts = 0, duration, ...more }: Insert): Buffer {
  const id = Buffer.alloc(4);
  id.writeUInt32BE(eventId);
  const insert = cancel
    ? Buffer.concat([id, Buffer.from([0xff])])
    : Buffer.concat([
        ...[id, Buffer.from([0x7f, (out ? 0x80 : 0) | 0x40 | (duration === undefined ? 0 : 0x20) | 0x0f])],
        ticks(0xfe, pts),
        ...(duration === undefined ? [] : [ticks(0xfe, duration)]),
        Buffer.from([0, 0, 0, 0]),
      ]);
  const head = Buffer.concat([
    Buffer.from([0]),
    ticks(more.encrypted ? 0x80 : 0, more.adjustment ?? 0),
    Buffer.from([0, 0xff, 0xf0 | (insert.length >> 8), insert.length & 0xff, 5]),
  ]);
  const body = Buffer.concat([head, insert, Buffer.from([0, 0])]);
  const length = body.length + 4;
  return checked(Buffer.concat([Buffer.from([0xfc, 0x30 | (length >> 8), length & 0xff]), body]));
}
