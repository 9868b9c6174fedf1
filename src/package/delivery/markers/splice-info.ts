/** A time_signal's segmentation descriptor, as far as ad breaks are concerned. */
export interface Segmentation {
  eventId: number;
  cancelled: boolean;
  typeId: number;
  /** 90 kHz. */
  duration?: number;
}

/** What a SCTE-35 section says. Times are 90 kHz, modulo 2^33, with pts_adjustment in them. */
export type SpliceInfo = { pts?: number } & (
  | { command: 'insert'; eventId: number; cancelled: true }
  | { command: 'insert'; eventId: number; cancelled: false; out: boolean; duration?: number }
  | { command: 'signal'; segmentations: Segmentation[] }
  | { command: 'other' }
);

export type ReadSplice = { info: SpliceInfo } | { fault: string };

const TABLE_ID = 0xfc;
const CUEI = 0x43554549;
const WRAP = 2 ** 33;

/** CRC-32 of MPEG-2 sections (ISO/IEC 13818-1, annex A); 0 over a whole section that is intact. */
export function mpegCrc(bytes: Uint8Array): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte << 24;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 0x80000000 ? (crc << 1) ^ 0x04c11db7 : crc << 1;
  }
  return crc >>> 0;
}

class Short extends Error {}

/** Reads numbers in order; throws Short behind the end. */
class Reader {
  private at = 0;
  constructor(private readonly bytes: Buffer) {}

  uint(length: number): number {
    if (this.at + length > this.bytes.length) throw new Short();
    this.at += length;
    return this.bytes.readUIntBE(this.at - length, length);
  }

  take(length: number): Reader {
    if (this.at + length > this.bytes.length) throw new Short();
    this.at += length;
    return new Reader(this.bytes.subarray(this.at - length, this.at));
  }

  /** A flag byte and 33 bits: the top bit of the flags' byte and so on are the caller's. */
  ticks(): { flags: number; value: number } {
    const flags = this.uint(1);
    return { flags, value: (flags & 1) * 2 ** 32 + this.uint(4) };
  }

  get done(): boolean {
    return this.at >= this.bytes.length;
  }
}

/** splice_time(): undefined where no time is specified. */
function spliceTime(reader: Reader): number | undefined {
  const first = reader.uint(1);
  return first & 0x80 ? (first & 1) * 2 ** 32 + reader.uint(4) : undefined;
}

/** splice_insert() (SCTE 35, 9.7.3). */
function readInsert(reader: Reader): SpliceInfo {
  const eventId = reader.uint(4);
  if (reader.uint(1) & 0x80) return { command: 'insert', eventId, cancelled: true };
  const flags = reader.uint(1);
  const [out, whole, timed, immediate] = [0x80, 0x40, 0x20, 0x10].map((bit) => (flags & bit) !== 0);
  let pts: number | undefined;
  if (whole && !immediate) pts = spliceTime(reader);
  if (!whole) {
    for (let count = reader.uint(1); count > 0; count -= 1) {
      reader.uint(1);
      const time = immediate ? undefined : spliceTime(reader);
      pts ??= time;
    }
  }
  const duration = timed ? reader.ticks().value : undefined;
  reader.uint(4); // unique_program_id, avail_num, avails_expected
  return {
    ...{ command: 'insert', eventId, cancelled: false, out: out === true },
    ...(pts === undefined ? {} : { pts }),
    ...(duration === undefined ? {} : { duration }),
  };
}

/** segmentation_descriptor() (SCTE 35, 10.3.3), behind its identifier. */
function readSegmentation(reader: Reader): Segmentation {
  const eventId = reader.uint(4);
  if (reader.uint(1) & 0x80) return { eventId, cancelled: true, typeId: 0 };
  const flags = reader.uint(1);
  if (!(flags & 0x80)) {
    const components = reader.uint(1);
    reader.take(components * 6);
  }
  const duration = flags & 0x40 ? reader.uint(5) : undefined;
  reader.uint(1); // segmentation_upid_type
  const upidBytes = reader.uint(1);
  reader.take(upidBytes);
  const typeId = reader.uint(1);
  return { eventId, cancelled: false, typeId, ...(duration === undefined ? {} : { duration }) };
}

function readDescriptors(reader: Reader): Segmentation[] {
  const found: Segmentation[] = [];
  const bytes = reader.uint(2);
  const loop = reader.take(bytes);
  while (!loop.done) {
    const tag = loop.uint(1);
    const length = loop.uint(1);
    const body = loop.take(length);
    if (tag === 2 && body.uint(4) === CUEI) found.push(readSegmentation(body));
  }
  return found;
}

function readSection(bytes: Buffer): ReadSplice {
  const reader = new Reader(bytes);
  if (reader.uint(1) !== TABLE_ID) return { fault: 'it is no splice information section' };
  const length = reader.uint(2) & 0xfff;
  if (length + 3 > bytes.length) return { fault: 'it is cut off' };
  const section = bytes.subarray(0, length + 3);
  if (mpegCrc(section) !== 0) return { fault: 'its checksum is wrong' };
  const body = new Reader(section.subarray(3, -4));
  body.uint(1); // protocol_version
  const adjustment = body.ticks();
  if (adjustment.flags & 0x80) return { fault: 'it is encrypted' };
  body.uint(1); // cw_index
  const packed = body.uint(3);
  const commandLength = packed & 0xfff;
  const type = body.uint(1);
  // 0xfff: the length is not said (SCTE 35, 9.6); what has to be read of these commands ends by itself.
  const command = commandLength === 0xfff ? body : body.take(commandLength);
  let info: SpliceInfo = { command: 'other' };
  if (type === 5) info = readInsert(command);
  if (type === 6) {
    const pts = spliceTime(command);
    info = { command: 'signal', segmentations: readDescriptors(body), ...(pts === undefined ? {} : { pts }) };
  }
  if (info.pts !== undefined) info = { ...info, pts: (info.pts + adjustment.value) % WRAP };
  return { info };
}

/** Reads a splice_info_section (ANSI/SCTE 35). Broken bytes give a fault in words, never an exception. */
export function readSplice(bytes: Uint8Array): ReadSplice {
  try {
    return readSection(Buffer.from(bytes));
  } catch (error) {
    if (error instanceof Short) return { fault: 'it ends too early' };
    throw error;
  }
}
