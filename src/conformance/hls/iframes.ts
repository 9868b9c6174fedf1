import { fragmentsOf } from '../boxes/fragment.js';
import type { Init } from '../boxes/init.js';
import { readTopLevel } from '../boxes/top-level.js';
import { ByteWindow } from '../boxes/window.js';
import type { Context } from '../context.js';
import { inOrder } from '../media/in-order.js';
import type { Opener } from '../media/opener.js';
import type { MediaReader, Track } from '../media/reader.js';
import type { Frame } from '../media/segment.js';
import { LIMITS } from '../limits.js';
import { ReadRefused, type Refusal, isRefusal } from '../source/source.js';
import type { HlsSegment, MediaPlaylist } from './media-playlist.js';

/** What an entry of an I-frame playlist is, and what it should be. */
export interface IframeEntry {
  segment: HlsSegment;
  /** Bytes that it names: [start, end) in its file. */
  start: number;
  end: number;
  /** The fragment that begins there; undefined where none does. */
  frame: Frame | undefined;
  refusal: Refusal | undefined;
  /** Whether it was looked at: not where it cannot be, or where too many before it led nowhere. */
  looked: boolean;
  /** Whether there are no fragments to look for: in MPEG-TS, and in what is encrypted as a whole. */
  opaque: boolean;
}

/** An entry that leads somewhere. */
function entryAt(segment: HlsSegment, start: number, end: number, frame: Frame | undefined): IframeEntry {
  const opaque = !frame && isOpaque(segment);
  return { segment, start, end, frame, refusal: undefined, looked: true, opaque };
}

function isEncrypted({ keys }: HlsSegment): boolean {
  return keys.some(({ method }) => method === 'AES-128');
}

/** Fragmented MP4 has an EXT-X-MAP; what has none is MPEG-TS, which may have I-frame playlists too. */
function isOpaque(segment: HlsSegment): boolean {
  return !segment.init || isEncrypted(segment);
}

/** One that does not, or that was not looked at. */
function entryNowhere(segment: HlsSegment, refusal?: Refusal): IframeEntry {
  const looked = refusal !== undefined;
  return { segment, start: 0, end: 0, frame: undefined, refusal, looked, opaque: isOpaque(segment) };
}

/**
 * Looks at the entries of an I-frame playlist. Of files that were read as segments the fragments are known; others, as those
 * of dense I-frame renditions, are read at the place that is named.
 */
export async function readIframes(
  playlist: MediaPlaylist,
  { reader, opener, signal }: Context,
): Promise<{ entries: IframeEntry[]; track: Track }> {
  const entries: IframeEntry[] = [];
  const track: Track = [];
  const { segments, file } = playlist;
  const inits = new Map<HlsSegment, Init | undefined>();
  reader.entries(segments.length);
  for (const segment of segments) {
    // AES-128 encrypts initialisation segments too.
    const part = isEncrypted(segment) ? undefined : segment.init;
    inits.set(segment, part && (await reader.init(part, file)));
  }
  let missing = 0;
  await inOrder(
    segments,
    LIMITS.parallel,
    async (segment) => {
      signal.throwIfAborted();
      const skip = segment.unusable === true || missing >= LIMITS.missing;
      return skip ? entryNowhere(segment) : entryOf(segment, inits.get(segment), reader, opener);
    },
    (entry, segment) => {
      entries.push(entry);
      if (entry.refusal) missing += 1;
      if (!entry.looked || entry.refusal) {
        track.push(undefined);
        return;
      }
      const init = inits.get(segment);
      track.push({
        file: opener.nameOf(segment.url),
        part: segment,
        bytes: entry.end - entry.start,
        format: init ? 'mp4' : 'other',
        init,
        tracks: [],
        frames: [],
      });
    },
  );
  return { entries, track };
}

async function entryOf(
  segment: HlsSegment,
  init: Init | undefined,
  reader: MediaReader,
  opener: Opener,
): Promise<IframeEntry> {
  const { range } = segment;
  if (range) {
    const [start, end] = [range.offset, range.offset + range.length];
    const frame = reader.frameAt(segment.url, start);
    if (frame) return entryAt(segment, start, end, frame);
  }
  try {
    const opened = await opener.part(segment);
    if (isRefusal(opened)) return entryNowhere(segment, opened);
    const { offset, size, resource } = opened;
    const frame = init && (await frameOf(new ByteWindow(resource, offset, size), init));
    return entryAt(segment, offset, offset + size, frame && moved(frame, offset));
  } catch (error) {
    if (!(error instanceof ReadRefused)) throw error;
    return entryNowhere(segment, error.refusal);
  }
}

function moved({ start, firstEnd, sync }: Frame, offset: number): Frame {
  return { start: start + offset, firstEnd: firstEnd + offset, sync };
}

/** The fragment that a part begins with. Its media data may be cut off behind the first sample. */
async function frameOf(window: ByteWindow, init: Init): Promise<Frame | undefined> {
  const { boxes } = await readTopLevel(window);
  const fragment = fragmentsOf(boxes, init)[0];
  const run = fragment?.trafs[0]?.run;
  const data = run?.data[0];
  if (!fragment || !run || !data) return undefined;
  // What stands before the moof (styp, sidx) may be named too where the whole file is.
  const onlyHeads = boxes.slice(0, boxes.indexOf(fragment.moof)).every(({ type }) => type !== 'mdat');
  if (!onlyHeads) return undefined;
  return { start: 0, firstEnd: data.start + (run.sizes[0] ?? 0), sync: run.firstSync };
}
