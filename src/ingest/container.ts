/** Bytes from a file's start that `sniffContainer` wants: an MXF file may begin with up to 64 KiB of run-in. */
export const HEADER_BYTES = 65_536 + 16;

/** Demuxers that hullcast opens. None of them reads any other file than the one it is given. */
export type Demuxer =
  'mov' | 'matroska' | 'mpegts' | 'mpeg' | 'avi' | 'mxf' | 'flv' | 'ogg' | 'ivf' | 'yuv4mpegpipe';

export interface Container {
  /** Name for people and reports, e.g. `mp4`, `mov`, `webm`, `m2ts`. */
  name: string;
  /** ffmpeg demuxer to force. */
  demuxer: Demuxer;
}

const MXF_PARTITION = Buffer.from('060e2b34020501010d010201', 'hex');

/** Box types that a QuickTime or ISO file may begin with. */
const FIRST_BOXES = new Set([
  'ftyp',
  'moov',
  'mdat',
  'free',
  'skip',
  'wide',
  'pnot',
  'styp',
  'moof',
  'sidx',
  'uuid',
]);

/** Brands of still images (HEIF, AVIF): the same boxes, but pictures. */
const IMAGE_BRANDS = new Set([
  'mif1',
  'msf1',
  'heic',
  'heix',
  'hevc',
  'hevx',
  'heim',
  'heis',
  'avif',
  'avis',
  'miaf',
  'crx ',
]);

const ascii = (data: Buffer, start: number, end: number): string => data.toString('latin1', start, end);

function sniffIso(data: Buffer): Container | undefined {
  if (data.length < 8) return undefined;
  const size = data.readUInt32BE(0);
  const type = ascii(data, 4, 8);
  if (!FIRST_BOXES.has(type) || (size !== 0 && size !== 1 && size < 8)) return undefined;
  if (type !== 'ftyp') return { name: 'mov', demuxer: 'mov' };
  const brand = ascii(data, 8, 12).toLowerCase();
  if (IMAGE_BRANDS.has(brand)) return undefined;
  const name = brand.startsWith('qt')
    ? 'mov'
    : brand.startsWith('3g')
      ? '3gp'
      : brand.startsWith('m4v')
        ? 'm4v'
        : 'mp4';
  return { name, demuxer: 'mov' };
}

/** EBML with a DocType of matroska or webm; the DocType element (0x4282) is in the first bytes of every such file. */
function sniffMatroska(data: Buffer): Container | undefined {
  if (data.length < 8 || data.readUInt32BE(0) !== 0x1a45dfa3) return undefined;
  const head = ascii(data, 0, 4096);
  const name = /\x42\x82[\s\S](matroska|webm)/.exec(head)?.[1];
  return name === undefined ? undefined : { name, demuxer: 'matroska' };
}

const TS_SYNC = 0x47;
const TS_PACKETS = 8;

/** True where a sync byte stands every `size` bytes from `start`, over 8 packets or to the end, at least 3. */
function hasSync(data: Buffer, start: number, size: number): boolean {
  let packets = 0;
  for (let at = start; at < data.length && packets < TS_PACKETS; at += size) {
    if (data[at] !== TS_SYNC) return false;
    packets++;
  }
  return packets >= 3;
}

/** A stream that was cut out of a broadcast may begin in the middle of a packet. */
function sniffTransportStream(data: Buffer): Container | undefined {
  for (let start = 0; start < 192; start++) {
    if (start < 188 && hasSync(data, start, 188)) return { name: 'mpegts', demuxer: 'mpegts' };
    if (hasSync(data, start, 192)) return { name: 'm2ts', demuxer: 'mpegts' };
  }
  return undefined;
}

/** A pack header: start code 0x000001BA, then the marker bits of MPEG-1 (0010) or MPEG-2 (01). */
function sniffProgramStream(data: Buffer): Container | undefined {
  if (data.length < 12 || data.readUInt32BE(0) !== 0x000001ba) return undefined;
  const marker = data[4] ?? 0;
  return marker >> 4 === 0b0010 || marker >> 6 === 0b01 ? { name: 'mpeg', demuxer: 'mpeg' } : undefined;
}

function sniffSignature(data: Buffer): Container | undefined {
  const starts = (text: string): boolean => ascii(data, 0, text.length) === text;
  if (starts('RIFF') && ascii(data, 8, 12) === 'AVI ') return { name: 'avi', demuxer: 'avi' };
  if (starts('FLV\x01')) return { name: 'flv', demuxer: 'flv' };
  if (starts('OggS\0')) return { name: 'ogg', demuxer: 'ogg' };
  if (starts('DKIF\0\0')) return { name: 'ivf', demuxer: 'ivf' };
  if (starts('YUV4MPEG2 ')) return { name: 'y4m', demuxer: 'yuv4mpegpipe' };
  return undefined;
}

function sniffMxf(data: Buffer): Container | undefined {
  return data.subarray(0, HEADER_BYTES).includes(MXF_PARTITION) ? { name: 'mxf', demuxer: 'mxf' } : undefined;
}

/**
 * Says from a file's first bytes (up to HEADER_BYTES) which container it is; undefined where it is none that hullcast
 * reads. The name is never looked at: playlists, scripts, manifests and pictures are unknown whatever they are called,
 * so that no demuxer that opens further files ever sees one.
 */
export function sniffContainer(data: Buffer): Container | undefined {
  return (
    sniffIso(data) ??
    sniffMatroska(data) ??
    sniffSignature(data) ??
    sniffProgramStream(data) ??
    sniffTransportStream(data) ??
    sniffMxf(data)
  );
}
