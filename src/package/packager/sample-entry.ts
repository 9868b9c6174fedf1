import { HullcastError } from '../../errors.js';
import type { HdrMetadata } from '../../ingest/index.js';

/** Boxes from the file's top to the description of its samples. */
const PATH = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd'];

const HEADER = 8;
/** Version, flags and number of entries of stsd. */
const STSD_FIELDS = 8;

interface Span {
  start: number;
  end: number;
}

function unreadable(what: string): HullcastError {
  return new HullcastError('PACKAGE_INIT', `an initialisation segment of the packager's ${what}`, {
    hint: 'This is written for Shaka Packager 3.4: check which one is used with `hullcast doctor`.',
  });
}

function childOf(data: Buffer, { start, end }: Span, type: string): Span {
  for (let at = start; at + HEADER <= end;) {
    const size = data.readUInt32BE(at);
    if (size < HEADER || at + size > end) break;
    if (data.toString('latin1', at + 4, at + 8) === type) return { start: at, end: at + size };
    at += size;
  }
  throw unreadable(`has no ${type} box where there should be one`);
}

/** The boxes around the sample entry from the outermost inwards, and the entry itself. */
function boxesAround(init: Buffer): Span[] {
  const around: Span[] = [];
  let inside: Span = { start: 0, end: init.length };
  for (const type of PATH) {
    const found = childOf(init, inside, type);
    around.push(found);
    inside = { start: found.start + HEADER, end: found.end };
  }
  const start = inside.start + STSD_FIELDS;
  const entries = init.readUInt32BE(inside.start + STSD_FIELDS / 2);
  const end = start + HEADER <= inside.end ? start + init.readUInt32BE(start) : 0;
  if (entries !== 1 || end !== inside.end) throw unreadable(`has ${entries} sample entries, or a broken one`);
  return [...around, { start, end }];
}

function box(type: string, payload: Buffer): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(HEADER + payload.length, 0);
  header.write(type, 4, 'latin1');
  return Buffer.concat([header, payload]);
}

/** `mdcv` and `clli` (ISO/IEC 14496-12): what the metadata of the bitstream says, for players. */
export function lightBoxes({ masteringDisplay, contentLight }: HdrMetadata): Buffer {
  const boxes: Buffer[] = [];
  if (masteringDisplay) {
    const { red, green, blue, white, maxLuminance, minLuminance } = masteringDisplay;
    const payload = Buffer.alloc(24);
    [green, blue, red, white].flat().forEach((value, index) => payload.writeUInt16BE(value, 2 * index));
    payload.writeUInt32BE(maxLuminance, 16);
    payload.writeUInt32BE(minLuminance, 20);
    boxes.push(box('mdcv', payload));
  }
  if (contentLight) {
    const payload = Buffer.alloc(4);
    payload.writeUInt16BE(contentLight.maxCll, 0);
    payload.writeUInt16BE(contentLight.maxFall, 2);
    boxes.push(box('clli', payload));
  }
  return Buffer.concat(boxes);
}

/**
 * Appends boxes to the one sample entry of an initialisation segment, and makes all boxes around it as much larger. The
 * packager drops `mdcv` and `clli`. Nothing in such a segment is an offset in the file. Throws PACKAGE_INIT.
 */
export function appendToSampleEntry(init: Buffer, boxes: Buffer): Buffer {
  const around = boxesAround(init);
  const { end } = around.at(-1)!;
  const grown = Buffer.from(init);
  for (const { start } of around) grown.writeUInt32BE(init.readUInt32BE(start) + boxes.length, start);
  return Buffer.concat([grown.subarray(0, end), boxes, grown.subarray(end)]);
}
