/** Bytes of a box's size and type. */
const HEADER = 8;

/** A box (ISO/IEC 14496-12, 4.2). */
export function box(type: string, ...payload: readonly Buffer[]): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(HEADER + payload.reduce((sum, part) => sum + part.length, 0), 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, ...payload]);
}

/** A box with version and flags. */
export function fullBox(type: string, version: number, flags: number, ...payload: readonly Buffer[]): Buffer {
  return box(type, u32((version << 24) | flags), ...payload);
}

/** Numbers of 32 bits, big-endian, signed ones by their bits. */
export function u32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value >>> 0, 4 * index);
  return bytes;
}

export function u16(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(2 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt16BE(value, 2 * index);
  return bytes;
}

export function u64(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

export const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');

/** Brands and other codes of four characters. */
export const codes = (...values: readonly string[]): Buffer => Buffer.from(values.join(''), 'latin1');
