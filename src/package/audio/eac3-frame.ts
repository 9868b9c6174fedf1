/** What a frame of E-AC-3 says of itself (ETSI TS 102 366, annex E). */
export interface Eac3Frame {
  /** Bytes, from the sync word on. */
  bytes: number;
  /** Samples per channel: 256 a block. */
  samples: number;
  /** Hz. */
  sampleRate: number;
  /** 0 independent, 1 dependent, 2 independent and converted from AC-3. */
  streamType: number;
  substream: number;
  /** Dialogue level, dBFS. */
  dialnorm: number;
  /** First bit of additional bit stream information: its flag. */
  addbsiBit: number;
  /** Complexity index of the extension for objects (JOC; ETSI TS 103 420, 8.3), where there is one. */
  joc?: number;
}

class Bits {
  constructor(
    private readonly data: Buffer,
    public at = 0,
  ) {}

  read(count: number): number {
    let value = 0;
    for (let n = 0; n < count; n += 1, this.at += 1) {
      // Zeros after the end: whether all was there is asked once, at the header's end.
      const byte = this.data[this.at >> 3] ?? 0;
      value = value * 2 + ((byte >> (7 - (this.at & 7))) & 1);
    }
    return value;
  }

  skip(count: number): void {
    this.at += count;
  }

  flag(): boolean {
    return this.read(1) === 1;
  }

  /** A flag, and so many bits to pass over where it is set. */
  skipIf(...counts: number[]): void {
    for (const count of counts) if (this.flag()) this.skip(count);
  }
}

const RATES = [48_000, 44_100, 32_000];
const BLOCKS = [1, 2, 3, 6];
const SYNC_WORD = 0x0b77;

interface Mode {
  streamType: number;
  /** acmod: 0 is two programmes, 1 mono, 2 stereo, 3 and above have a centre (odd) or surrounds (4 and above). */
  acmod: number;
  lfe: boolean;
  blocks: number;
}

/** How an independent stream is to be mixed with others (E.1.2.2). */
function skipMixing(bits: Bits, { acmod, blocks }: Mode): void {
  bits.skipIf(6);
  if (acmod === 0) bits.skipIf(6);
  bits.skipIf(6);
  const mixdef = bits.read(2);
  if (mixdef === 1) bits.skip(5);
  else if (mixdef === 2) bits.skip(12);
  else if (mixdef === 3) {
    const bytes = bits.read(5) + 2;
    bits.skip(8 * bytes);
  }
  if (acmod < 2) {
    bits.skipIf(14);
    if (acmod === 0) bits.skipIf(14);
  }
  if (!bits.flag()) return;
  if (blocks === 1) bits.skip(5);
  else for (let block = 0; block < blocks; block += 1) bits.skipIf(5);
}

function skipMixingMetadata(bits: Bits, mode: Mode): void {
  const { acmod, lfe, streamType } = mode;
  if (acmod > 2) bits.skip(2);
  if ((acmod & 1) === 1 && acmod > 2) bits.skip(6);
  if ((acmod & 4) === 4) bits.skip(6);
  if (lfe) bits.skipIf(5);
  if (streamType === 0) skipMixing(bits, mode);
}

function skipInformation(bits: Bits, { acmod }: Mode, fscod: number): void {
  bits.skip(5); // bsmod, copyright, original
  if (acmod === 2) bits.skip(4);
  if (acmod >= 6) bits.skip(2);
  bits.skipIf(8);
  if (acmod === 0) bits.skipIf(8);
  if (fscod < 3) bits.skip(1);
}

function readJoc(bits: Bits): number | undefined {
  if (!bits.flag()) return undefined;
  const bytes = bits.read(6) + 1;
  if (bytes < 2) return undefined;
  bits.skip(7);
  return bits.flag() ? bits.read(8) || undefined : undefined;
}

/** The fields up to the dialogue level, which every frame has; undefined where it is none of E-AC-3. */
function readStart(
  bits: Bits,
): (Omit<Eac3Frame, 'addbsiBit' | 'joc'> & { mode: Mode; fscod: number }) | undefined {
  if (bits.read(16) !== SYNC_WORD) return undefined;
  const streamType = bits.read(2);
  const substream = bits.read(3);
  const bytes = (bits.read(11) + 1) * 2;
  const fscod = bits.read(2);
  const code = bits.read(2);
  const blocks = fscod === 3 ? 6 : (BLOCKS[code] ?? 6);
  const sampleRate = fscod === 3 ? (RATES[code] ?? 0) / 2 : (RATES[fscod] ?? 0);
  const mode: Mode = { streamType, acmod: bits.read(3), lfe: bits.flag(), blocks };
  const bsid = bits.read(5);
  if (bsid <= 10 || bsid > 16 || sampleRate === 0) return undefined;
  const dialnorm = -(bits.read(5) || 31); // 0 is reserved, and means 31 (4.4.2.8)
  return { bytes, samples: blocks * 256, sampleRate, streamType, substream, dialnorm, mode, fscod };
}

/** Passes over what stands between the dialogue level and additional bit stream information. */
function skipMetadata(bits: Bits, mode: Mode, fscod: number): void {
  const { streamType, acmod, blocks } = mode;
  bits.skipIf(8);
  if (acmod === 0) {
    bits.skip(5);
    bits.skipIf(8);
  }
  if (streamType === 1) bits.skipIf(16);
  if (bits.flag()) skipMixingMetadata(bits, mode);
  if (bits.flag()) skipInformation(bits, mode, fscod);
  if (streamType === 0 && blocks !== 6) bits.skip(1);
  if (streamType === 2 && (blocks === 6 || bits.flag())) bits.skip(6);
}

/** Reads the header of the frame that begins at `data`'s start. Undefined where there is none of E-AC-3, or not all of it. */
export function readEac3Frame(data: Buffer): Eac3Frame | undefined {
  const bits = new Bits(data);
  const start = readStart(bits);
  if (!start || start.bytes > data.length) return undefined;
  const { mode, fscod, ...facts } = start;
  skipMetadata(bits, mode, fscod);
  const addbsiBit = bits.at;
  const joc = readJoc(bits);
  if (bits.at > facts.bytes * 8) return undefined;
  return { ...facts, addbsiBit, ...(joc === undefined ? {} : { joc }) };
}

/** All frames of a raw stream, in order, as far as they can be read. */
export function readEac3Frames(data: Buffer): Eac3Frame[] {
  const frames: Eac3Frame[] = [];
  for (let at = 0; at < data.length;) {
    const frame = readEac3Frame(data.subarray(at));
    if (!frame) break;
    frames.push(frame);
    at += frame.bytes;
  }
  return frames;
}
