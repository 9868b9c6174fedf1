import type { Init, InitTrack } from './init.js';
import { type BoxNode, boxIn, boxesIn, fieldsOf } from './node.js';

/** sample_is_non_sync_sample (ISO/IEC 14496-12, 8.8.3.1). */
const NON_SYNC = 0x10000;

/** tfhd and trun flags (ISO/IEC 14496-12, 8.8.7 and 8.8.8). */
export const TFHD = {
  baseDataOffset: 1,
  description: 2,
  duration: 8,
  size: 0x10,
  flags: 0x20,
  baseIsMoof: 0x20000,
} as const;
export const TRUN = {
  dataOffset: 1,
  firstFlags: 4,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  offset: 0x800,
} as const;

/** Samples of a track in a fragment, added up. Times are ticks of the track. */
export interface Run {
  samples: number;
  /** Sum of their durations. */
  duration: number;
  leastDuration: number;
  mostDuration: number;
  /** Composition times, from the fragment's decode time: of the earliest sample, and the end of the latest. */
  earliest: number;
  latestEnd: number;
  firstSync: boolean;
  /** Bytes of every sample. */
  sizes: Uint32Array;
  /** Bytes of samples, from the start of the segment: [start, end) of each trun. */
  data: { start: number; end: number }[];
}

export interface Traf {
  box: BoxNode;
  trackId: number;
  /** Flags of tfhd. */
  flags: number;
  /** Which sample entry describes its samples, from 1. */
  description: number;
  /** baseMediaDecodeTime; undefined where there is no tfdt. */
  decodeTime: number | undefined;
  truns: { version: number; flags: number; samples: number }[];
  /** Undefined where the track or its durations are not known, or the runs cannot be read. */
  run: Run | undefined;
}

/** Whether samples belong to groups of a type (ISO/IEC 14496-12, 8.9.2), e.g. `seig`: of keys, or of none. */
export function hasGroups({ box }: Traf, type: string): boolean {
  return boxesIn(box.children, 'sbgp').some(({ data }) => data.toString('latin1', 12, 16) === type);
}

export interface Fragment {
  moof: BoxNode;
  /** mfhd's; undefined where there is none. */
  sequence: number | undefined;
  trafs: Traf[];
  /** Media data boxes behind it, before the next fragment. */
  mdats: BoxNode[];
}

export interface Defaults {
  duration: number;
  size: number;
  flags: number;
  /** Offset in the segment that data offsets are counted from. */
  base: number;
}

export type TrunFields = NonNullable<ReturnType<typeof trunFields>>;

export function trunFields(box: BoxNode) {
  return fieldsOf(box, 'trun');
}

/** What holds for a sample unless its run says otherwise. */
export function defaultsOf(
  box: BoxNode,
  track: InitTrack | undefined,
  moofStart: number,
): Defaults | undefined {
  const tfhd = fieldsOf(boxIn(box.children, 'tfhd'), 'tfhd');
  if (!tfhd) return undefined;
  const has = (flag: number): boolean => (tfhd.flags & flag) !== 0;
  return {
    duration: has(TFHD.duration) ? tfhd.default_sample_duration : (track?.trex?.duration ?? 0),
    size: has(TFHD.size) ? tfhd.default_sample_size : (track?.trex?.size ?? 0),
    flags: has(TFHD.flags) ? tfhd.default_sample_flags : (track?.trex?.flags ?? 0),
    base: has(TFHD.baseDataOffset) ? tfhd.base_data_offset : moofStart,
  };
}

function firstFlags(trun: TrunFields, { flags }: Defaults): number {
  if (trun.flags & TRUN.flags) return trun.sample_flags[0] ?? flags;
  return trun.flags & TRUN.firstFlags ? trun.first_sample_flags : flags;
}

function newRun(samples: number): Run {
  return {
    samples: 0,
    duration: 0,
    leastDuration: Infinity,
    mostDuration: 0,
    earliest: Infinity,
    latestEnd: -Infinity,
    firstSync: false,
    sizes: new Uint32Array(samples),
    data: [],
  };
}

function addTrun(run: Run, trun: TrunFields, defaults: Defaults): void {
  const { sample_duration, sample_size, sample_composition_time_offset: offsets } = trun;
  if (run.samples === 0 && trun.sample_count > 0)
    run.firstSync = (firstFlags(trun, defaults) & NON_SYNC) === 0;
  let bytes = 0;
  for (let index = 0; index < trun.sample_count; index += 1) {
    const duration = sample_duration[index] ?? defaults.duration;
    const size = sample_size[index] ?? defaults.size;
    const composed = run.duration + (offsets[index] ?? 0);
    run.earliest = Math.min(run.earliest, composed);
    run.latestEnd = Math.max(run.latestEnd, composed + duration);
    run.leastDuration = Math.min(run.leastDuration, duration);
    run.mostDuration = Math.max(run.mostDuration, duration);
    run.sizes[run.samples] = size;
    run.samples += 1;
    run.duration += duration;
    bytes += size;
  }
  // Without an offset of its own a run begins where the one before it ended (ISO/IEC 14496-12, 8.8.8.1).
  const explicit = (trun.flags & TRUN.dataOffset) !== 0;
  const start = explicit ? defaults.base + trun.data_offset : (run.data.at(-1)?.end ?? defaults.base);
  run.data.push({ start, end: start + bytes });
}

function runOf(box: BoxNode, defaults: Defaults | undefined): Run | undefined {
  const truns = boxesIn(box.children, 'trun').map(trunFields);
  if (!defaults || truns.length === 0) return undefined;
  const run = newRun(truns.reduce((sum, trun) => sum + (trun?.sample_count ?? 0), 0));
  for (const trun of truns) {
    if (!trun) return undefined; // reported as unreadable
    addTrun(run, trun, defaults);
  }
  return run.samples > 0 ? run : undefined;
}

function trafOf(box: BoxNode, moof: BoxNode, init: Init): Traf {
  const tfhd = fieldsOf(boxIn(box.children, 'tfhd'), 'tfhd');
  const trackId = tfhd?.track_id ?? 0;
  const track = init.tracks.find(({ id }) => id === trackId);
  const described = ((tfhd?.flags ?? 0) & TFHD.description) !== 0;
  return {
    ...{ box, trackId, flags: tfhd?.flags ?? 0 },
    description: described ? tfhd!.default_sample_description_index : (track?.trex?.description ?? 1),
    decodeTime: fieldsOf(boxIn(box.children, 'tfdt'), 'tfdt')?.baseMediaDecodeTime,
    truns: boxesIn(box.children, 'trun').flatMap((trun) => {
      const fields = trunFields(trun);
      return fields ? [{ version: fields.version, flags: fields.flags, samples: fields.sample_count }] : [];
    }),
    run: runOf(box, defaultsOf(box, track, moof.start)),
  };
}

/** The movie fragments among the boxes of a segment. */
export function fragmentsOf(boxes: readonly BoxNode[], init: Init): Fragment[] {
  const fragments: Fragment[] = [];
  for (const box of boxes) {
    if (box.type === 'moof') {
      const sequence = fieldsOf(boxIn(box.children, 'mfhd'), 'mfhd')?.sequence_number;
      const trafs = boxesIn(box.children, 'traf').map((traf) => trafOf(traf, box, init));
      fragments.push({ moof: box, sequence, trafs, mdats: [] });
    } else if (box.type === 'mdat') fragments.at(-1)?.mdats.push(box);
  }
  return fragments;
}
