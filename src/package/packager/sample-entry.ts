import { HullcastError } from '../../errors.js';
import type { HdrMetadata } from '../../ingest/index.js';
import { BOX_HEADER, sampleEntriesOf } from '../../media/index.js';

/** A box of ISO/IEC 14496-12. */
export function box(type: string, payload: Buffer): Buffer {
  const header = Buffer.alloc(BOX_HEADER);
  header.writeUInt32BE(BOX_HEADER + payload.length, 0);
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
 * Appends boxes to the sample entries of an initialisation segment, and makes all boxes around them as much larger. The
 * packager drops `mdcv` and `clli`. Nothing in such a segment is an offset in the file. Throws PACKAGE_INIT.
 */
export function appendToSampleEntries(init: Buffer, boxes: Buffer): Buffer {
  const found = sampleEntriesOf(init);
  if (!found) {
    throw new HullcastError(
      'PACKAGE_INIT',
      "an initialisation segment of the packager's has no sample entry that can be read",
      {
        hint: 'This is written for Shaka Packager 3.4: check which one is used with `hullcast doctor`.',
      },
    );
  }
  const { around, entries } = found;
  const grown = Buffer.from(init);
  const grow = (start: number, by: number): number =>
    grown.writeUInt32BE(init.readUInt32BE(start) + by, start);
  for (const { start } of around) grow(start, boxes.length * entries.length);
  for (const { start } of entries) grow(start, boxes.length);
  const parts: Buffer[] = [];
  let from = 0;
  for (const { end } of entries) {
    parts.push(grown.subarray(from, end), boxes);
    from = end;
  }
  return Buffer.concat([...parts, grown.subarray(from)]);
}
