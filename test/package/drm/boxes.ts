/** A second reading of protected media, by hand and from the standards; knows nothing of src/. */

export interface Box {
  type: string;
  /** Without header. */
  payload: Buffer;
  /** Of the payload, within what was read. */
  offset: number;
}

export function boxesIn(data: Buffer, from = 0, to = data.length, base = 0): Box[] {
  const boxes: Box[] = [];
  for (let at = from; at < to;) {
    const size = data.readUInt32BE(at);
    if (size < 8 || at + size > to) throw new Error(`a box of ${size} bytes at ${at}`);
    boxes.push({
      type: data.toString('latin1', at + 4, at + 8),
      payload: data.subarray(at + 8, at + size),
      offset: base + at + 8,
    });
    at += size;
  }
  return boxes;
}

/** Bytes before the boxes in a box that has both. */
const FIELDS: Record<string, number> = {
  stsd: 8,
  encv: 78,
  avc1: 78,
  hvc1: 78,
  av01: 78,
  vp09: 78,
  enca: 28,
  mp4a: 28,
};

/** The boxes of a type at the end of a path such as `moov/trak/mdia`. */
export function find(data: Buffer, path: string): Box[] {
  const [first = '', ...rest] = path.split('/');
  let found = boxesIn(data).filter(({ type }) => type === first);
  for (const step of rest) {
    found = found.flatMap(({ type, payload, offset }) =>
      boxesIn(payload, FIELDS[type] ?? 0, payload.length, offset).filter(
        (box) => step === '*' || box.type === step,
      ),
    );
  }
  return found;
}

export function only(data: Buffer, path: string): Box {
  const found = find(data, path);
  if (found.length !== 1) throw new Error(`${found.length} boxes at ${path}`);
  return found[0]!;
}

export interface SampleEntry {
  type: string;
  /** Of `frma`, `schm` and `tenc`, where it is encrypted. */
  protection?: Tenc & { format: string; scheme: string; schemeVersion: number };
}

export interface Tenc {
  crypt: number;
  skip: number;
  isProtected: number;
  ivSize: number;
  kid: string;
  constantIv: string;
}

function readTenc(payload: Buffer): Tenc {
  const version = payload.readUInt8(0);
  const pattern = payload.readUInt8(5);
  const [isProtected, ivSize] = [payload.readUInt8(6), payload.readUInt8(7)];
  const constant =
    isProtected === 1 && ivSize === 0 ? payload.subarray(25, 25 + payload.readUInt8(24)) : Buffer.alloc(0);
  return {
    crypt: version === 0 ? 0 : pattern >> 4,
    skip: version === 0 ? 0 : pattern & 15,
    ...{ isProtected, ivSize, kid: payload.toString('hex', 8, 24), constantIv: constant.toString('hex') },
  };
}

export function sampleEntries(init: Buffer): SampleEntry[] {
  const stsd = only(init, 'moov/trak/mdia/minf/stbl/stsd').payload;
  const entries = boxesIn(stsd, 8);
  if (entries.length !== stsd.readUInt32BE(4)) throw new Error('stsd does not say how many entries it has');
  return entries.map(({ type, payload }) => {
    const sinf = boxesIn(payload, FIELDS[type]).find((box) => box.type === 'sinf')?.payload;
    if (!sinf) return { type };
    const schm = only(sinf, 'schm').payload;
    return {
      type,
      protection: {
        format: only(sinf, 'frma').payload.toString('latin1'),
        scheme: schm.toString('latin1', 4, 8),
        schemeVersion: schm.readUInt32BE(8),
        ...readTenc(only(sinf, 'schi/tenc').payload),
      },
    };
  });
}

export interface Subsample {
  clear: number;
  protected: number;
}

export interface Sample {
  data: Buffer;
  duration: number;
  flags: number;
  composition: number;
  /** Hex; empty where there is none. */
  iv: string;
  /** Empty where the whole sample is encrypted, or none of it. */
  subsamples: Subsample[];
}

interface Run {
  sizes: { size: number; duration: number; flags: number; composition: number }[];
  dataOffset: number;
}

function readRun(trun: Buffer, tfhd: Buffer): Run {
  const tfFlags = tfhd.readUInt32BE(0) & 0xffffff;
  let at = 8 + (tfFlags & 1 ? 8 : 0) + (tfFlags & 2 ? 4 : 0);
  const next = (bit: number): number => (tfFlags & bit ? tfhd.readUInt32BE((at += 4) - 4) : 0);
  const [duration, size, defaults] = [next(8), next(0x10), next(0x20)];
  const flags = trun.readUInt32BE(0) & 0xffffff;
  const count = trun.readUInt32BE(4);
  at = 8;
  const dataOffset = flags & 1 ? trun.readInt32BE((at += 4) - 4) : 0;
  const firstFlags = flags & 4 ? trun.readUInt32BE((at += 4) - 4) : undefined;
  const field = (bit: number, otherwise: number): number =>
    flags & bit ? trun.readUInt32BE((at += 4) - 4) : otherwise;
  const sizes = Array.from({ length: count }, (_, index) => ({
    duration: field(0x100, duration),
    size: field(0x200, size),
    flags: field(0x400, index === 0 ? (firstFlags ?? defaults) : defaults),
    composition: field(0x800, 0),
  }));
  return { sizes, dataOffset };
}

function readSenc(senc: Buffer, ivSize: number): { iv: string; subsamples: Subsample[]; bytes: number }[] {
  const subsampled = (senc.readUInt32BE(0) & 2) !== 0;
  let at = 8;
  const entries = Array.from({ length: senc.readUInt32BE(4) }, () => {
    const start = at;
    const iv = senc.toString('hex', at, (at += ivSize));
    const count = subsampled ? senc.readUInt16BE((at += 2) - 2) : 0;
    const subsamples = Array.from({ length: count }, () => ({
      clear: senc.readUInt16BE((at += 2) - 2),
      protected: senc.readUInt32BE((at += 4) - 4),
    }));
    return { iv, subsamples, bytes: at - start };
  });
  if (at !== senc.length) throw new Error(`senc has ${senc.length} bytes, its samples ${at}`);
  return entries;
}

/** Bytes of each sample's auxiliary information by `saiz`. */
function readSaiz(saiz: Buffer): number[] {
  const [fixed, count] = [saiz.readUInt8(4), saiz.readUInt32BE(5)];
  return Array.from({ length: count }, (_, index) => fixed || saiz.readUInt8(9 + index));
}

export interface Segment {
  /** 1 for the first entry of stsd. */
  description: number;
  samples: Sample[];
}

/**
 * The samples of a media segment, with their auxiliary information; `senc`, `saiz` and `saio` are held against each other
 * and against the samples.
 */
export function readSegment(segment: Buffer, ivSize: number): Segment {
  const moof = only(segment, 'moof');
  const tfhd = only(segment, 'moof/traf/tfhd').payload;
  const { sizes, dataOffset } = readRun(only(segment, 'moof/traf/trun').payload, tfhd);
  const senc = find(segment, 'moof/traf/senc')[0];
  const information = senc ? readSenc(senc.payload, ivSize) : [];
  if (senc && information.length !== sizes.length) throw new Error('senc has not all samples');
  const saiz = find(segment, 'moof/traf/saiz')[0];
  const saio = find(segment, 'moof/traf/saio')[0];
  if ((saiz === undefined) !== (saio === undefined)) throw new Error('one of saiz and saio alone');
  if (senc && saiz && saio) {
    const said = readSaiz(saiz.payload).join();
    if (said !== information.map(({ bytes }) => bytes).join()) throw new Error(`saiz says ${said}`);
    // Where the first sample's information begins, from the start of the moof: after version, flags and count of senc.
    if (saio.payload.readUInt32BE(8) !== senc.offset + 8 - (moof.offset - 8))
      throw new Error('saio points elsewhere');
  }
  let at = moof.offset - 8 + dataOffset;
  const samples = sizes.map(({ size, ...rest }, index): Sample => {
    const { iv = '', subsamples = [] } = information[index] ?? {};
    const total = subsamples.reduce((sum, part) => sum + part.clear + part.protected, 0);
    if (subsamples.length > 0 && total !== size) throw new Error(`subsamples of ${total} bytes in ${size}`);
    const data = segment.subarray(at, at + size);
    if (data.length !== size) throw new Error('a sample beyond the end');
    at += size;
    return { ...rest, data, iv, subsamples };
  });
  const description =
    tfhd.readUInt32BE(0) & 2 ? tfhd.readUInt32BE(8 + (tfhd.readUInt32BE(0) & 1 ? 8 : 0)) : 1;
  return { description, samples };
}
