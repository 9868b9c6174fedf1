import { type BoxNode, boxAt, boxIn, boxesIn, fieldsOf } from './node.js';

/** How a track is encrypted (ISO/IEC 23001-7), as far as its sample entry says. */
export interface Protection {
  /** Whether sinf, frma, schm, schi and tenc are all there, and what is missing. */
  missing: string[];
  /** `cenc`, `cbcs` …; empty where it is missing. */
  scheme: string;
  tenc:
    | {
        version: number;
        isProtected: number;
        /** Bytes of an initialisation vector for every sample: 0, 8 or 16. */
        ivSize: number;
        constantIvSize: number;
        /** Hexadecimal; undefined where there is none. */
        constantIv: string | undefined;
        /** Hexadecimal, 32 digits. */
        kid: string;
        cryptBlocks: number;
        skipBlocks: number;
      }
    | undefined;
}

/** The protection that an encrypted sample entry describes. */
export function protectionOf(entry: BoxNode): Protection {
  const sinf = boxIn(entry.children, 'sinf');
  const tenc = fieldsOf(boxAt(sinf, 'schi', 'tenc'), 'tenc');
  const schm = fieldsOf(boxIn(sinf?.children ?? [], 'schm'), 'schm');
  const frma = boxIn(sinf?.children ?? [], 'frma');
  const parts = { sinf, frma, schm, tenc };
  const constantIv = tenc?.default_constant_IV;
  return {
    missing: Object.entries(parts).flatMap(([name, part]) => (part === undefined ? [name] : [])),
    scheme: schm?.scheme_type ?? '',
    tenc: tenc && {
      version: tenc.version,
      isProtected: tenc.default_isProtected,
      ivSize: tenc.default_Per_Sample_IV_Size,
      constantIvSize: tenc.default_constant_IV_size ?? 0,
      constantIv: constantIv && constantIv.length > 0 ? Buffer.from(constantIv).toString('hex') : undefined,
      kid: tenc.default_KID.replaceAll('-', '').toLowerCase(),
      cryptBlocks: tenc.default_crypt_byte_block ?? 0,
      skipBlocks: tenc.default_skip_byte_block ?? 0,
    },
  };
}

/** The format that a sample entry had before it was encrypted. */
export function originalFormat(entry: BoxNode): string {
  const frma = fieldsOf(boxAt(entry, 'sinf', 'frma'), 'frma');
  return frma?.data_format ?? entry.type;
}

/** A protection system's header (ISO/IEC 23001-7, 8.1). */
export interface Pssh {
  where: string;
  /** Hexadecimal, 32 digits. */
  systemId: string;
  version: number;
  /** Hexadecimal; none in version 0. */
  kids: string[];
  /** What is wrong with its form, if anything is. */
  problem: string | undefined;
}

const SYSTEM_ID_AT = 12;
const COUNT_AT = 28;

/** Reads a pssh box to its last byte: sizes must add up exactly, or players pass it to modules that refuse it. */
export function readPssh(data: Buffer, where: string): Pssh {
  const result: Pssh = { where, systemId: '', version: 0, kids: [], problem: undefined };
  const broken = (problem: string): Pssh => ({ ...result, problem });
  if (data.length < COUNT_AT + 4 || data.toString('latin1', 4, 8) !== 'pssh') return broken('no pssh box');
  if (data.readUInt32BE(0) !== data.length)
    return broken(`a size of ${data.readUInt32BE(0)}, of ${data.length} bytes`);
  result.version = data.readUInt8(8);
  result.systemId = data.toString('hex', SYSTEM_ID_AT, COUNT_AT);
  if (result.version > 1) return broken(`version ${result.version}`);
  let at = COUNT_AT;
  if (result.version === 1) {
    const count = data.readUInt32BE(at);
    at += 4;
    if (at + count * 16 + 4 > data.length) return broken(`${count} key ids in ${data.length} bytes`);
    for (let index = 0; index < count; index += 1, at += 16)
      result.kids.push(data.toString('hex', at, at + 16));
  }
  const size = data.readUInt32BE(at);
  if (at + 4 + size !== data.length)
    return broken(`data of ${size} bytes, where ${data.length - at - 4} are left`);
  return result;
}

/** The pssh boxes of a moov or moof box. */
export function psshsOf(parent: BoxNode | undefined): Pssh[] {
  return boxesIn(parent?.children ?? [], 'pssh').map((box) => readPssh(box.data, `pssh at ${box.start}`));
}
