import { BOX_HEADER, boxIn, sampleEntriesOf } from '../../media/index.js';

/** How a sample entry says that its samples are encrypted (ISO/IEC 23001-7). */
export interface ProtectionFacts {
  /** Type of the entry as it would be without encryption, e.g. `avc1`. */
  format: string;
  scheme: string;
  kid: string;
  /** Bytes of the IVs in the samples; 0 where there is a constant one. */
  ivBytes: number;
  /** Hex. */
  constantIv: string | undefined;
  /** Encrypted and clear blocks of a pattern, e.g. 1 and 9; 0 and 0 where all blocks are encrypted. */
  pattern: [crypt: number, skip: number];
}

/** What mp4box makes of the boxes in a sample entry; it types none of them there. */
interface Box {
  type: string;
  boxes?: Box[];
}
interface TrackEncryption extends Box {
  default_crypt_byte_block?: number;
  default_skip_byte_block?: number;
  default_isProtected: number;
  default_Per_Sample_IV_Size: number;
  default_KID: string;
  default_constant_IV?: Uint8Array;
}

function child<T extends Box>(parent: Box | undefined, type: string): T | undefined {
  return parent?.boxes?.find((box) => box.type === type) as T | undefined;
}

/** The protection of a sample entry that says that it is encrypted; undefined where it does not, or says it brokenly. */
export function protectionOf(
  entry: { type: string; boxes?: { type: string }[] | undefined } | undefined,
): ProtectionFacts | undefined {
  const sinf = child(entry as Box | undefined, 'sinf');
  const format = child<Box & { data_format: string }>(sinf, 'frma')?.data_format;
  const scheme = child<Box & { scheme_type: string }>(sinf, 'schm')?.scheme_type;
  const tenc = child<TrackEncryption>(child(sinf, 'schi'), 'tenc');
  if (format === undefined || scheme === undefined || tenc?.default_isProtected !== 1) return undefined;
  const iv = tenc.default_constant_IV;
  return {
    format,
    scheme,
    kid: tenc.default_KID,
    ivBytes: tenc.default_Per_Sample_IV_Size,
    constantIv: iv && iv.length > 0 ? Buffer.from(iv).toString('hex') : undefined,
    pattern: [tenc.default_crypt_byte_block ?? 0, tenc.default_skip_byte_block ?? 0],
  };
}

/** Bytes of a sample entry before the boxes in it, its header included. */
const FIELDS: Readonly<Record<string, number>> = { encv: BOX_HEADER + 78, enca: BOX_HEADER + 28 };

export function isEncrypted(entryType: string): boolean {
  return entryType in FIELDS;
}

/** An initialisation segment whose encrypted sample entries go by the types that they would have without encryption. */
export function withOriginalFormats(init: Buffer): Buffer {
  const changed = Buffer.from(init);
  for (const entry of sampleEntriesOf(init)?.entries ?? []) {
    const fields = FIELDS[init.toString('latin1', entry.start + 4, entry.start + BOX_HEADER)];
    if (fields === undefined) continue;
    const sinf = boxIn(init, { start: entry.start + fields, end: entry.end }, 'sinf');
    const frma = sinf && boxIn(init, { start: sinf.start + BOX_HEADER, end: sinf.end }, 'frma');
    if (frma) init.copy(changed, entry.start + 4, frma.start + BOX_HEADER, frma.start + BOX_HEADER + 4);
  }
  return changed;
}
