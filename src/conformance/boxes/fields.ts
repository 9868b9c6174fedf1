import { BoxParser, DataStream, Log, type MultiBufferStream } from 'mp4box';
import { LIMITS } from '../limits.js';

/**
 * Boxes whose fields mp4box reads. Others are walked over: what is not on this list cannot do any harm. Left out on purpose
 * are boxes whose entries may take no bytes (stsz, sgpd), which a few bytes can make gigabytes of.
 */
const PARSED = [
  ...([
    'ftyp',
    'styp',
    'mvhd',
    'tkhd',
    'mdhd',
    'hdlr',
    'elng',
    'elst',
    'mehd',
    'trex',
    'mfhd',
    'tfhd',
    'tfdt',
  ] as const),
  ...([
    'trun',
    'sidx',
    'saiz',
    'saio',
    'emsg',
    'frma',
    'schm',
    'tenc',
    'colr',
    'pasp',
    'mdcv',
    'clli',
  ] as const),
  ...(['avcC', 'hvcC', 'av1C', 'vpcC', 'esds'] as const),
] as const;

export type ParsedType = (typeof PARSED)[number];
export type Parsed<T extends ParsedType> = InstanceType<(typeof BoxParser.box)[T]>;

const TYPES: ReadonlySet<string> = new Set(PARSED);

export function isParsed(type: string): type is ParsedType {
  return TYPES.has(type);
}

// mp4box prints on the console what it finds wrong; here it is thrown, or seen by where reading ends.
Log.error = () => undefined;

/** Version and flags, then the number of samples, of a trun box. */
const TRUN_COUNT = 12;

/** Whether a run says that it has more samples than its bytes, or anything, can hold. */
function isRunTooLong(data: Buffer): boolean {
  if (data.length < TRUN_COUNT + 4) return true;
  const flags = data.readUInt32BE(8) & 0xffffff;
  const count = data.readUInt32BE(TRUN_COUNT);
  const perSample = [0x100, 0x200, 0x400, 0x800].filter((flag) => flags & flag).length * 4;
  return count > LIMITS.runSamples || count * perSample > data.length - TRUN_COUNT - 4;
}

/**
 * Reads the fields of a box from its bytes, header included. Undefined where they do not fit into it. `header` is the
 * length of size and type.
 */
export function parseFields<T extends ParsedType>(
  type: T,
  data: Buffer,
  header: number,
): Parsed<T> | undefined {
  if (type === 'trun' && isRunTooLong(data)) return undefined;
  // mp4box reads profiles (ICC) past the end of their box; their fields are of no interest.
  if (type === 'colr' && data.toString('latin1', header, header + 4) !== 'nclx') return undefined;
  const buffer = new ArrayBuffer(data.length);
  new Uint8Array(buffer).set(data);
  const stream = new DataStream(buffer, 0);
  const box = new BoxParser.box[type](data.length) as Parsed<T>;
  box.start = 0;
  box.hdr_size = header;
  stream.seek(header);
  try {
    // Its boxes read nothing but numbers, texts and bytes, which this stream has: one buffer is enough for a box.
    box.parse(stream as unknown as MultiBufferStream);
  } catch {
    return undefined; // it ends before its fields do
  }
  return stream.getPosition() <= data.length ? box : undefined;
}
