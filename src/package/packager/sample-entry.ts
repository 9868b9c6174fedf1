import { HullcastError } from '../../errors.js';
import type { HdrMetadata } from '../../ingest/index.js';
import { BOX_HEADER, sampleEntryOf } from '../../media/index.js';

function box(type: string, payload: Buffer): Buffer {
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
 * Appends boxes to the one sample entry of an initialisation segment, and makes all boxes around it as much larger. The
 * packager drops `mdcv` and `clli`. Nothing in such a segment is an offset in the file. Throws PACKAGE_INIT.
 */
export function appendToSampleEntry(init: Buffer, boxes: Buffer): Buffer {
  const around = sampleEntryOf(init);
  const end = around?.at(-1)?.end;
  if (!around || end === undefined) {
    throw new HullcastError(
      'PACKAGE_INIT',
      "an initialisation segment of the packager's has not one sample entry",
      {
        hint: 'This is written for Shaka Packager 3.4: check which one is used with `hullcast doctor`.',
      },
    );
  }
  const grown = Buffer.from(init);
  for (const { start } of around) grown.writeUInt32BE(init.readUInt32BE(start) + boxes.length, start);
  return Buffer.concat([grown.subarray(0, end), boxes, grown.subarray(end)]);
}
