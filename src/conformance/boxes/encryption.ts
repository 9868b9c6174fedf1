import type { Protection } from './protection.js';
import { type BoxNode, boxIn, boxesIn, fieldsOf } from './node.js';

/** Encryption data of the samples of a fragment, as its boxes say (ISO/IEC 23001-7, 7.2; ISO/IEC 14496-12, 8.7.8, 8.7.9). */
export interface SampleEncryption {
  /** Number of samples in senc, and what is wrong with its form. */
  senc: { samples: number; problem: string | undefined; start: number; entries: SencEntry[] } | undefined;
  /** Number of samples in saiz, and their sizes; `sizes` is undefined where all have one. */
  saiz: { samples: number; size: number; sizes: number[] | undefined } | undefined;
  /** Offsets in saio, from the start of the segment. */
  saio: number[] | undefined;
}

export interface SencEntry {
  /** Bytes of the entry. */
  bytes: number;
  /** Bytes in the clear and protected that its subsamples add up to; undefined without subsamples. */
  covered: number | undefined;
}

const USES_SUBSAMPLES = 2;
/** Size, type, version and flags, number of samples. */
const SENC_HEAD = 16;

function sencOf(box: BoxNode, ivSize: number): SampleEncryption['senc'] {
  const { data } = box;
  const flags = data.length >= SENC_HEAD ? data.readUInt32BE(8) & 0xffffff : 0;
  const samples = data.length >= SENC_HEAD ? data.readUInt32BE(12) : 0;
  const result = { samples, problem: undefined, start: box.start + SENC_HEAD, entries: [] as SencEntry[] };
  const withSubsamples = (flags & USES_SUBSAMPLES) !== 0;
  // Entries without bytes: an initialisation vector for all, and whole samples.
  if (ivSize === 0 && !withSubsamples) return { ...result, problem: restOf(data, SENC_HEAD) };
  let at = SENC_HEAD;
  for (let index = 0; index < samples; index += 1) {
    const entry = entryAt(data, at, ivSize, withSubsamples);
    if (!entry) return { ...result, problem: `${samples} samples in ${data.length} bytes` };
    result.entries.push(entry);
    at += entry.bytes;
  }
  return { ...result, problem: restOf(data, at) };
}

function restOf(data: Buffer, at: number): string | undefined {
  return at === data.length ? undefined : `${data.length - at} bytes behind its last sample`;
}

function entryAt(data: Buffer, at: number, ivSize: number, withSubsamples: boolean): SencEntry | undefined {
  if (!withSubsamples) return at + ivSize > data.length ? undefined : { bytes: ivSize, covered: undefined };
  if (at + ivSize + 2 > data.length) return undefined;
  const count = data.readUInt16BE(at + ivSize);
  const bytes = ivSize + 2 + count * 6;
  if (at + bytes > data.length) return undefined;
  let covered = 0;
  for (let part = at + ivSize + 2; part < at + bytes; part += 6) {
    covered += data.readUInt16BE(part) + data.readUInt32BE(part + 2);
  }
  return { bytes, covered };
}

/** Reads the boxes of a traf; `moofStart` is where offsets of auxiliary data are counted from. */
export function encryptionOf(traf: BoxNode, protection: Protection, moofStart: number): SampleEncryption {
  const senc = boxIn(traf.children, 'senc');
  const ours = (type: string | undefined): boolean => type === undefined || type === protection.scheme;
  const saiz = boxesIn(traf.children, 'saiz').map((box) => fieldsOf(box, 'saiz'));
  const saio = boxesIn(traf.children, 'saio').map((box) => fieldsOf(box, 'saio'));
  const sizes = saiz.find((box) => box && ours(box.aux_info_type as string | undefined));
  const offsets = saio.find((box) => box && ours(box.aux_info_type as string | undefined));
  return {
    senc: senc && sencOf(senc, protection.tenc?.ivSize ?? 0),
    saiz: sizes && {
      samples: sizes.sample_count,
      size: sizes.default_sample_info_size,
      sizes: sizes.default_sample_info_size === 0 ? sizes.sample_info_size : undefined,
    },
    saio: offsets?.offset.map((offset) => moofStart + offset),
  };
}
