import { type FirstPicture, firstPicture } from '../boxes/nal.js';
import { fragmentsOf } from '../boxes/fragment.js';
import { type Init, initOf } from '../boxes/init.js';
import { boxIn } from '../boxes/node.js';
import { readTopLevel } from '../boxes/top-level.js';
import { ByteWindow } from '../boxes/window.js';
import { LIMITS } from '../limits.js';
import type { Opener } from './opener.js';
import { type Part, partName } from './references.js';
import type { Format, Segment } from './segment.js';
import { type Webvtt, readWebvtt } from './webvtt.js';
import { type Refusal, isRefusal } from '../source/source.js';

/** First boxes of files of boxes. */
const BOXES = new Set([
  'styp',
  'ftyp',
  'moof',
  'moov',
  'sidx',
  'emsg',
  'prft',
  'free',
  'skip',
  'mdat',
  'uuid',
  'wide',
]);

/** What of a first sample is read to find its first slice. */
const PICTURE_BYTES = 16 * 1024;

export type SegmentRead =
  | { kind: 'refused'; file: string; refusal: Refusal }
  | { kind: 'mp4'; segment: Segment }
  | { kind: 'other'; file: string; format: Format; size: number; webvtt?: Webvtt };

function formatOf(bytes: Buffer): Format {
  if (BOXES.has(bytes.toString('latin1', 4, 8))) return 'mp4';
  if (bytes[0] === 0x47) return 'ts';
  return /^(\xef\xbb\xbf)?WEBVTT/.test(bytes.toString('latin1')) ? 'webvtt' : 'other';
}

/** No initialisation segment was named, or it could not be read: nothing is known of the tracks. */
const NO_INIT: Init = {
  ...{ file: '', boxes: [], brands: new Set<string>(), moov: undefined, tracks: [], psshs: [] },
};

/**
 * Reads a segment, as it is listed, with its initialisation segment. `isMp4` where the manifest says what it is. Throws
 * ReadRefused.
 */
export async function readSegment(
  opener: Opener,
  part: Part,
  init: Init | undefined,
  isMp4: boolean,
): Promise<SegmentRead> {
  const name = opener.nameOf(part.url);
  const file = partName(name, part);
  const opened = await opener.part(part);
  if (isRefusal(opened)) return { kind: 'refused', file, refusal: opened };
  const window = new ByteWindow(opened.resource, opened.offset, opened.size);
  const format = formatOf(await window.bytes(0, 16));
  if (format !== 'mp4' && !isMp4) {
    const other = { kind: 'other', file, format, size: opened.size } as const;
    if (format !== 'webvtt' || opened.size > LIMITS.textBytes) return other;
    const text = (await window.bytes(0, opened.size)).toString('utf8');
    return { ...other, webvtt: readWebvtt(text) };
  }

  const { boxes, walker } = await readTopLevel(window);
  // A file may hold its own initialisation segment.
  const own = init ?? (boxIn(boxes, 'moov') ? initOf(file, boxes) : NO_INIT);
  const fragments = fragmentsOf(boxes, own);
  const segment: Segment = {
    ...{ file, size: opened.size, boxes, problems: walker.problems, init: own, fragments },
    pictures: await picturesOf(window, own, fragments),
  };
  return { kind: 'mp4', segment };
}

/** As readSegment, of bytes that cannot be read. */
export async function readSize(opener: Opener, part: Part): Promise<SegmentRead> {
  const file = partName(opener.nameOf(part.url), part);
  const opened = await opener.part(part);
  if (isRefusal(opened)) return { kind: 'refused', file, refusal: opened };
  return { kind: 'other', file, format: 'other', size: opened.size };
}

/** Looks at the first sample of every track. */
async function picturesOf(
  window: ByteWindow,
  init: Init,
  fragments: Segment['fragments'],
): Promise<Map<number, FirstPicture>> {
  const pictures = new Map<number, FirstPicture>();
  for (const { trackId, run } of fragments[0]?.trafs ?? []) {
    const entry = init.tracks.find(({ id }) => id === trackId)?.entries[0];
    const at = run?.data[0]?.start;
    const size = run?.sizes[0];
    if (entry?.nalLength === undefined || at === undefined || size === undefined) continue;
    if (at < 0 || at + size > window.size) continue; // outside of the segment: a finding of another rule
    const bytes = await window.bytes(at, Math.min(size, PICTURE_BYTES));
    pictures.set(trackId, firstPicture(entry, bytes, size));
  }
  return pictures;
}
