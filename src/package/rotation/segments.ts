import { HullcastError } from '../../errors.js';
import { BOX_HEADER, type BoxSpan, boxIn, sampleEntriesOf } from '../../media/index.js';
import { box } from '../packager/sample-entry.js';

function unreadable(what: string): HullcastError {
  return new HullcastError('PACKAGE_SEGMENTS', `the packager wrote ${what} that cannot be read`, {
    hint: 'This is written for Shaka Packager 3.4: check which one is used with `hullcast doctor`.',
  });
}

/** A number in a segment that is a time: where it stands, and whether it has 64 bits. */
interface TimeField {
  at: number;
  long: boolean;
}

/** The decode time of the one fragment in a segment (tfdt, ISO/IEC 14496-12, 8.8.12). */
function decodeTimeField(segment: Buffer): TimeField {
  let inside: BoxSpan = { start: 0, end: segment.length };
  for (const type of ['moof', 'traf']) {
    const found = boxIn(segment, inside, type);
    if (!found) throw unreadable('a segment');
    inside = { start: found.start + BOX_HEADER, end: found.end };
  }
  const tfdt = boxIn(segment, inside, 'tfdt');
  if (!tfdt) throw unreadable('a segment');
  return { at: tfdt.start + BOX_HEADER + 4, long: segment.readUInt8(tfdt.start + BOX_HEADER) === 1 };
}

/** The earliest presentation time in a segment's index (sidx, 8.16.3), where it has one. */
function presentationTimeField(segment: Buffer): TimeField | undefined {
  const sidx = boxIn(segment, { start: 0, end: segment.length }, 'sidx');
  // Before it: version and flags, the track, and the timescale.
  return sidx && { at: sidx.start + BOX_HEADER + 12, long: segment.readUInt8(sidx.start + BOX_HEADER) === 1 };
}

function read(segment: Buffer, { at, long }: TimeField): bigint {
  return long ? segment.readBigUInt64BE(at) : BigInt(segment.readUInt32BE(at));
}

function add(segment: Buffer, field: TimeField, ticks: bigint): void {
  const time = read(segment, field) + ticks;
  if (time < 0n || time >= (field.long ? 1n << 64n : 1n << 32n)) {
    throw new HullcastError('PACKAGE_SEGMENTS', `a segment cannot begin at tick ${time}`, {
      hint: 'Please report this: times of a title do not fit the fields that the packager writes.',
    });
  }
  if (field.long) segment.writeBigUInt64BE(time, field.at);
  else segment.writeUInt32BE(Number(time), field.at);
}

/** When the fragment of a segment is decoded, ticks. Throws PACKAGE_SEGMENTS. */
export function decodeTime(segment: Buffer): bigint {
  return read(segment, decodeTimeField(segment));
}

/**
 * A segment that is decoded, and says in its index that it is shown, so many ticks later. Nothing else in it is a time of the
 * title. Throws PACKAGE_SEGMENTS.
 */
export function movedSegment(segment: Buffer, by: { decoded: bigint; shown: bigint }): Buffer {
  const moved = Buffer.from(segment);
  const shown = presentationTimeField(moved);
  add(moved, decodeTimeField(moved), by.decoded);
  if (shown) add(moved, shown, by.shown);
  return moved;
}

/** Bytes with boxes in each other, the outermost first, of which the innermost is replaced. */
function replaced(data: Buffer, around: readonly BoxSpan[], bytes: Buffer): Buffer {
  const inner = around.at(-1)!;
  const grown = Buffer.from(data);
  const by = bytes.length - (inner.end - inner.start);
  for (const { start } of around.slice(0, -1)) grown.writeUInt32BE(data.readUInt32BE(start) + by, start);
  return Buffer.concat([grown.subarray(0, inner.start), bytes, grown.subarray(inner.end)]);
}

function descriptionOf(init: Buffer): BoxSpan[] {
  const found = sampleEntriesOf(init);
  if (!found) throw unreadable('an initialisation segment');
  return found.around;
}

/**
 * The initialisation segment of a whole title with the sample entries of another one, that of a key period: edits and
 * durations are those of the title. The other's `pssh` boxes come along at the end. Throws PACKAGE_SEGMENTS.
 */
export function periodInit(title: Buffer, period: Buffer, psshs: readonly Uint8Array[]): Buffer {
  const described = descriptionOf(period).at(-1)!;
  const init = replaced(title, descriptionOf(title), period.subarray(described.start, described.end));
  const movie = boxIn(init, { start: 0, end: init.length }, 'moov')!;
  const content = init.subarray(movie.start + BOX_HEADER, movie.end);
  return Buffer.concat([
    init.subarray(0, movie.start),
    box('moov', Buffer.concat([content, ...psshs])),
    init.subarray(movie.end),
  ]);
}
