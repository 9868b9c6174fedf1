import {
  type Defaults,
  type Fragment,
  type TrunFields,
  defaultsOf,
  fragmentsOf,
  trunFields,
} from './fragment.js';
import type { Init } from './init.js';
import { boxesIn } from './node.js';
import { readTopLevel } from './top-level.js';
import { readHeader } from './walk.js';
import { ByteWindow } from './window.js';

/** A sample with its presentation time, edits applied. Ticks of its track. */
export interface Sample {
  start: number;
  end: number;
  data: Buffer;
}

/** Samples of a fragment of one track; none where their times are not known, or their bytes are not there. */
function samplesOf({ moof, trafs }: Fragment, init: Init, bytes: Buffer): Sample[] {
  const [traf] = trafs;
  const track = init.tracks.find(({ id }) => id === traf?.trackId);
  const defaults = traf && defaultsOf(traf.box, track, moof.start);
  if (!traf?.run || traf.decodeTime === undefined || !track || !defaults) return [];
  const samples: Sample[] = [];
  let time = traf.decodeTime + track.shift;
  for (const [index, trun] of boxesIn(traf.box.children, 'trun').map(trunFields).entries()) {
    const span = traf.run.data[index];
    if (!trun || !span || span.start < 0 || span.end > bytes.length) return [];
    time = addSamples(samples, trun, defaults, { time, data: bytes.subarray(span.start, span.end) });
  }
  return samples;
}

/** Adds those of a run, and gives the time at which it ends. */
function addSamples(
  samples: Sample[],
  { sample_count, sample_duration, sample_size, sample_composition_time_offset }: TrunFields,
  defaults: Defaults,
  { time, data }: { time: number; data: Buffer },
): number {
  let at = 0;
  for (let number = 0; number < sample_count; number += 1) {
    const duration = sample_duration[number] ?? defaults.duration;
    const size = sample_size[number] ?? defaults.size;
    const start = time + (sample_composition_time_offset[number] ?? 0);
    samples.push({ start, end: start + duration, data: data.subarray(at, at + size) });
    time += duration;
    at += size;
  }
  return time;
}

/** The samples of a segment of one track, from all its bytes, for who looks into them: rules do not. */
export async function readSamples(init: Init, bytes: Buffer): Promise<Sample[]> {
  const read = async (offset: number, length: number): Promise<Buffer> =>
    Promise.resolve(bytes.subarray(offset, offset + length));
  const window = new ByteWindow({ url: init.file, size: bytes.length, read }, 0, bytes.length);
  const { boxes } = await readTopLevel(window);
  return fragmentsOf(boxes, init).flatMap((fragment) => samplesOf(fragment, init, bytes));
}

/** The boxes that bytes are divided into, as samples of text are; undefined where boxes do not fill them exactly. */
export function boxesOf(bytes: Buffer): { type: string; payload: Buffer }[] | undefined {
  const boxes: { type: string; payload: Buffer }[] = [];
  for (let at = 0; at < bytes.length;) {
    const head = readHeader(bytes, at, bytes.length);
    if (!head || head.size < head.header || at + head.size > bytes.length) return undefined;
    boxes.push({ type: head.type, payload: bytes.subarray(at + head.header, at + head.size) });
    at += head.size;
  }
  return boxes;
}
