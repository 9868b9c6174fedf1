/** Bytes of a box, its header included: [start, end). */
export interface BoxSpan {
  start: number;
  end: number;
}

/** Boxes from the file's top to the description of its samples (ISO/IEC 14496-12). */
const PATH = ['moov', 'trak', 'mdia', 'minf', 'stbl', 'stsd'];

/** Size and type of a box. */
export const BOX_HEADER = 8;
/** Version, flags and number of entries of stsd. */
const STSD_FIELDS = 8;
/** What comes before the boxes in a sample entry of pictures, its header included. */
const VISUAL_FIELDS = BOX_HEADER + 78;

/** The first box of a type in the given range of bytes; undefined where there is none, or another is broken before it. */
export function boxIn(data: Buffer, range: BoxSpan, type: string): BoxSpan | undefined {
  for (let at = range.start; at + BOX_HEADER <= range.end;) {
    const size = data.readUInt32BE(at);
    if (size < BOX_HEADER || at + size > range.end) return undefined;
    if (data.toString('latin1', at + 4, at + BOX_HEADER) === type) return { start: at, end: at + size };
    at += size;
  }
  return undefined;
}

/**
 * The sample entries of a file with one track, and the boxes around them, from the outermost inwards; undefined where the
 * file has none, or is broken. Encrypted tracks that begin in the clear have two.
 */
export function sampleEntriesOf(data: Buffer): { around: BoxSpan[]; entries: BoxSpan[] } | undefined {
  const around: BoxSpan[] = [];
  let inside: BoxSpan = { start: 0, end: data.length };
  for (const type of PATH) {
    const found = boxIn(data, inside, type);
    if (!found) return undefined;
    around.push(found);
    inside = { start: found.start + BOX_HEADER, end: found.end };
  }
  const entries: BoxSpan[] = [];
  for (let start = inside.start + STSD_FIELDS; start + BOX_HEADER <= inside.end;) {
    const end = start + data.readUInt32BE(start);
    if (end < start + BOX_HEADER || end > inside.end) return undefined;
    entries.push({ start, end });
    start = end;
  }
  const declared =
    inside.start + STSD_FIELDS <= inside.end ? data.readUInt32BE(inside.start + STSD_FIELDS / 2) : 0;
  const whole = declared > 0 && entries.length === declared && entries.at(-1)?.end === inside.end;
  return whole ? { around, entries } : undefined;
}

/**
 * The one sample entry of a file with one track, and before it the boxes around it, from the outermost inwards; undefined
 * where the file has no or several entries, or is broken.
 */
export function sampleEntryOf(data: Buffer): BoxSpan[] | undefined {
  const found = sampleEntriesOf(data);
  return found?.entries.length === 1 ? [...found.around, ...found.entries] : undefined;
}

/** A box in a sample entry of pictures. */
export function boxInVisualEntry(data: Buffer, entry: BoxSpan, type: string): BoxSpan | undefined {
  return boxIn(data, { start: entry.start + VISUAL_FIELDS, end: entry.end }, type);
}
