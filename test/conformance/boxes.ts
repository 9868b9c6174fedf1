/** Bytes of fields before the boxes in a box. */
const BEFORE: Record<string, number> = {
  ...{
    moov: 8,
    trak: 8,
    edts: 8,
    mdia: 8,
    minf: 8,
    dinf: 8,
    stbl: 8,
    mvex: 8,
    moof: 8,
    traf: 8,
    sinf: 8,
    schi: 8,
  },
  ...{ dref: 16, stsd: 16, avc1: 86, encv: 86, hvc1: 86, mp4a: 36, enca: 36, wvtt: 16 },
};

export interface Found {
  start: number;
  end: number;
}

/** A whole box. */
export function box(type: string, ...content: Buffer[]): Buffer {
  const body = Buffer.concat(content);
  const header = Buffer.alloc(8);
  header.writeUInt32BE(8 + body.length);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, body]);
}

/** Big-endian numbers of 32 bits. */
export function words(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => bytes.writeUInt32BE(value >>> 0, 4 * index));
  return bytes;
}

function boxIn(bytes: Buffer, from: number, to: number, type: string, skip: number): Found | undefined {
  let left = skip;
  for (let at = from; at + 8 <= to;) {
    const size = bytes.readUInt32BE(at);
    if (size < 8) return undefined;
    if (bytes.toString('latin1', at + 4, at + 8) === type && left-- === 0)
      return { start: at, end: at + size };
    at += size;
  }
  return undefined;
}

/** The boxes along a path such as `moov/trak/mdia/mdhd`; `pssh[2]` is the third of its kind. Throws where there is none. */
export function boxesAlong(bytes: Buffer, path: string): Found[] {
  const found: Found[] = [];
  let range: Found = { start: 0, end: bytes.length };
  for (const part of path.split('/')) {
    const [, type = '', index = '0'] = /^(.{3,4}?)(?:\[(\d+)\])?$/.exec(part) ?? [];
    const outer = found.at(-1);
    const from = outer
      ? outer.start + (BEFORE[bytes.toString('latin1', outer.start + 4, outer.start + 8)] ?? 8)
      : 0;
    const next = boxIn(bytes, from, range.end, type.padEnd(4), Number(index));
    if (!next) throw new Error(`there is no ${path}`);
    found.push(next);
    range = next;
  }
  return found;
}

export function boxAt(bytes: Buffer, path: string): Found {
  return boxesAlong(bytes, path).at(-1)!;
}

/** Makes another box of one: `free` for taking it away, without moving anything. */
export function rename(bytes: Buffer, path: string, type: string): void {
  bytes.write(type, boxAt(bytes, path).start + 4, 'latin1');
}

/** Writes 32 bits at an offset from the start of a box. */
export function setWord(bytes: Buffer, path: string, offset: number, value: number): void {
  bytes.writeUInt32BE(value >>> 0, boxAt(bytes, path).start + offset);
}

export function word(bytes: Buffer, path: string, offset: number): number {
  return bytes.readUInt32BE(boxAt(bytes, path).start + offset);
}

/** Appends a box to another, and makes all around it larger. */
export function appendTo(bytes: Buffer, path: string, added: Buffer): Buffer {
  const along = boxesAlong(bytes, path);
  const grown = Buffer.from(bytes);
  for (const { start } of along) grown.writeUInt32BE(bytes.readUInt32BE(start) + added.length, start);
  const { end } = along.at(-1)!;
  return Buffer.concat([grown.subarray(0, end), added, grown.subarray(end)]);
}

/** Moves a box to the front of the one that it is in. */
export function moveFirst(bytes: Buffer, path: string): Buffer {
  const along = boxesAlong(bytes, path);
  const { start, end } = along.at(-1)!;
  const parent = along.at(-2);
  const from = parent ? parent.start + 8 : 0;
  return Buffer.concat([
    bytes.subarray(0, from),
    bytes.subarray(start, end),
    bytes.subarray(from, start),
    bytes.subarray(end),
  ]);
}

/** Appends a box to the traf of a segment, and mends what has moved: the data offset of its run, and its index. */
export function appendToTraf(bytes: Buffer, added: Buffer): Buffer {
  const grown = appendTo(bytes, 'moof/traf', added);
  setWord(grown, 'moof/traf/trun', 16, word(bytes, 'moof/traf/trun', 16) + added.length);
  // Size, type, version, id, timescale, time, offset, reserved and count: then the size of the first reference.
  setWord(grown, 'sidx', 32, word(bytes, 'sidx', 32) + added.length);
  return grown;
}

/** Offset of the header of the first slice in a segment's first sample, by four-byte lengths. */
export function firstSlice(bytes: Buffer, isSlice: (header: number) => boolean): number {
  let at = boxAt(bytes, 'mdat').start + 8;
  while (!isSlice(bytes.readUInt8(at + 4))) at += 4 + bytes.readUInt32BE(at);
  return at + 4;
}
