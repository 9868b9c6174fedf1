import { HullcastError } from '../../errors.js';
import { BOX_HEADER, type BoxSpan, boxIn } from '../../media/index.js';
import { box } from '../packager/sample-entry.js';

/** A `pssh` box (ISO/IEC 23001-7, 8.1). */
export interface Pssh {
  /** Lower-case hex. */
  systemId: string;
  /** Key ids, lower-case hex; version 1 of the box has them. */
  kids: string[];
  data: Buffer;
  /** The whole box. */
  bytes: Buffer;
}

/** Version and flags, and system id. */
const FIXED = 4 + 16;
const KID_BYTES = 16;

/** A `pssh` box: of version 1 where key ids are given, else of version 0. */
export function psshBox(systemId: string, kids: readonly string[], data: Uint8Array): Buffer {
  const size = (value: number): Buffer => {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(value);
    return bytes;
  };
  const version = Buffer.from([kids.length > 0 ? 1 : 0, 0, 0, 0]);
  const list = kids.length > 0 ? [size(kids.length), ...kids.map((kid) => Buffer.from(kid, 'hex'))] : [];
  return box(
    'pssh',
    Buffer.concat([version, Buffer.from(systemId, 'hex'), ...list, size(data.length), data]),
  );
}

/** Reads bytes that are exactly one `pssh` box; undefined where they are not. */
export function parsePssh(bytes: Buffer): Pssh | undefined {
  const span = boxIn(bytes, { start: 0, end: bytes.length }, 'pssh');
  if (span?.start !== 0 || span.end !== bytes.length || bytes.length < BOX_HEADER + FIXED + 4)
    return undefined;
  const version = bytes.readUInt8(BOX_HEADER);
  let at = BOX_HEADER + FIXED;
  const count = version > 0 ? bytes.readUInt32BE(at) : 0;
  if (version > 0) at += 4;
  if (at + count * KID_BYTES + 4 > bytes.length) return undefined;
  const kids = Array.from({ length: count }, (_, index) =>
    bytes.toString('hex', at + index * KID_BYTES, at + (index + 1) * KID_BYTES),
  );
  at += count * KID_BYTES;
  if (at + 4 + bytes.readUInt32BE(at) !== bytes.length) return undefined;
  return {
    systemId: bytes.toString('hex', BOX_HEADER + 4, BOX_HEADER + FIXED),
    kids,
    data: bytes.subarray(at + 4),
    bytes,
  };
}

interface Movie {
  moov: BoxSpan;
  boxes: Pssh[];
  /** What else is in the `moov`, without its header. */
  rest: Buffer;
}

function movieOf(init: Buffer): Movie {
  const moov = boxIn(init, { start: 0, end: init.length }, 'moov');
  if (!moov) throw unreadable();
  const boxes: Pssh[] = [];
  const rest: Buffer[] = [];
  for (let at = moov.start + BOX_HEADER; at < moov.end;) {
    const size = at + BOX_HEADER <= moov.end ? init.readUInt32BE(at) : 0;
    if (size < BOX_HEADER || at + size > moov.end) throw unreadable();
    const bytes = init.subarray(at, at + size);
    const pssh = parsePssh(bytes);
    if (pssh) boxes.push(pssh);
    else rest.push(bytes);
    at += size;
  }
  return { moov, boxes, rest: Buffer.concat(rest) };
}

function unreadable(): HullcastError {
  return new HullcastError('PACKAGE_INIT', "an initialisation segment of the packager's cannot be read", {
    hint: 'This is written for Shaka Packager 3.4: check which one is used with `hullcast doctor`.',
  });
}

/** The `pssh` boxes of an initialisation segment, in order. Throws PACKAGE_INIT. */
export function psshBoxes(init: Buffer): Pssh[] {
  return movieOf(init).boxes;
}

/**
 * An initialisation segment with these `pssh` boxes, at the end of its `moov`, instead of its own. Nothing in such a segment
 * is an offset in the file. Throws PACKAGE_INIT.
 */
export function withPssh(init: Buffer, boxes: readonly Uint8Array[]): Buffer {
  const { moov, rest } = movieOf(init);
  const movie = box('moov', Buffer.concat([rest, ...boxes]));
  return Buffer.concat([init.subarray(0, moov.start), movie, init.subarray(moov.end)]);
}
