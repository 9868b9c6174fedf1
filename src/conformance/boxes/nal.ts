import type { SampleEntry } from './init.js';

/** What the first coded picture of a sample is, by its first NAL units. */
export type FirstPicture = 'random access' | 'other' | 'broken' | 'unknown';

/** NAL unit types of AVC (ITU-T H.264, table 7-1): slices are 1 to 5, of which 5 are of IDR pictures. */
function avcPicture(type: number): FirstPicture | undefined {
  if (type === 5) return 'random access';
  return type >= 1 && type <= 4 ? 'other' : undefined;
}

/** NAL unit types of HEVC (ITU-T H.265, table 7-1): 16 to 23 are of intra random access points, others below 32 are not. */
function hevcPicture(type: number): FirstPicture | undefined {
  if (type > 31) return undefined;
  return type >= 16 && type <= 23 ? 'random access' : 'other';
}

/**
 * Looks for the first slice in the beginning of a sample; `size` is that of the whole sample. The headers of NAL units are
 * in the clear in encrypted samples too (ISO/IEC 23001-7, 9.5.2).
 */
export function firstPicture({ format, nalLength }: SampleEntry, bytes: Buffer, size: number): FirstPicture {
  const hevc = format === 'hvc1' || format === 'hev1';
  if (nalLength === undefined || !(hevc || format === 'avc1' || format === 'avc3')) return 'unknown';
  for (let at = 0; at < size;) {
    if (at + nalLength + 1 > size) return 'broken';
    if (at + nalLength + 1 > bytes.length) return 'unknown'; // beyond what was read: long metadata before the slice
    const length = bytes.readUIntBE(at, nalLength);
    if (length === 0 || at + nalLength + length > size) return 'broken';
    const head = bytes.readUInt8(at + nalLength);
    const picture = hevc ? hevcPicture((head >> 1) & 63) : avcPicture(head & 31);
    if (picture) return picture;
    at += nalLength + length;
  }
  return 'other';
}
