import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { HullcastError } from '../../errors.js';
import { frameSeconds } from '../../media/index.js';
import type { StageContext } from '../../pipeline/index.js';
import { AUDIO_CODECS } from '../audio/codecs.js';
import type { Protection } from '../drm/protection.js';
import { psshBoxes } from '../drm/pssh.js';
import {
  AUDIO_MANIFEST,
  AUDIO_MASTER_PLAYLIST,
  IFRAME_PLAYLIST,
  MANIFEST,
  MASTER_PLAYLIST,
  MEDIA_PLAYLIST,
  OUTPUT_FOLDER,
  audioPackagerArgs,
  videoPackagerArgs,
} from '../packager/args.js';
import { folderOf, initName } from '../packager/names.js';
import { runPackager } from '../packager/run.js';
import type { AudioRendition, PackageParams } from '../types.js';
import { joinedMpd, joinedPlaylist } from './join.js';
import type { KeyPeriod } from './plan.js';
import { decodeTime, movedSegment, periodInit } from './segments.js';
import type { Timeline } from '../packager/timeline.js';
import { type Slot, slotsFrom, timelinesByFolder } from './timeline.js';

/** Folders of the packager's runs, relative to the working folder: all in the clear, what goes in of a period, what comes out. */
const CLEAR = 'clear';
const PERIOD_IN = 'period';
const PERIOD_OUT = 'encrypted';

/** Pictures and sound are packaged apart, each by a run of its own. */
interface Kind {
  kind: 'video' | 'audio';
  ids: string[];
  mpd: string;
  master: string;
  playlists: string[];
  args: typeof videoPackagerArgs;
}

function kindsOf({ videos, audios }: PackageParams): Kind[] {
  const of = (list: readonly { id: string }[]): string[] => list.map(({ id }) => id);
  const kinds: Kind[] = [
    {
      ...{ kind: 'video', ids: of(videos), mpd: MANIFEST, master: MASTER_PLAYLIST },
      ...{ playlists: [MEDIA_PLAYLIST, IFRAME_PLAYLIST], args: videoPackagerArgs },
    },
    {
      ...{ kind: 'audio', ids: of(audios), mpd: AUDIO_MANIFEST, master: AUDIO_MASTER_PLAYLIST },
      ...{ playlists: [MEDIA_PLAYLIST], args: audioPackagerArgs },
    },
  ];
  return kinds.filter(({ ids }) => ids.length > 0);
}

/** Segments of a rendition in a key period, as the run in the clear cut them. */
interface ClearPart {
  /** Number of the first segment, and of the one after the last. */
  from: number;
  to: number;
  /** When the first is shown, ticks. */
  start: number;
}

/** A rendition while its periods are made. */
interface Rendition {
  id: string;
  folder: string;
  parts: ClearPart[];
  /** What was made of it so far. */
  slots: Slot[];
  /** Playlists of the periods, by name. */
  playlists: Map<string, string[]>;
}

function cutElsewhere(id: string, message: string): HullcastError {
  return new HullcastError('PACKAGE_SEGMENTS', `rendition ${id}: ${message}`, {
    hint: 'This is written for Shaka Packager 3.4: check which one is used with `hullcast doctor`.',
  });
}

/** Pictures are cut at every group, and a period begins with one. */
function videoParts(
  slots: readonly Slot[],
  params: PackageParams,
  periods: readonly KeyPeriod[],
): ClearPart[] {
  const { segmentStarts } = params.videos[0]!;
  return periods.map(({ startFrame }, index) => {
    const from = segmentStarts.indexOf(startFrame);
    const next = periods[index + 1];
    const to = next ? segmentStarts.indexOf(next.startFrame) : slots.length;
    return { from: from + 1, to: to + 1, start: slots[from]?.start ?? 0 };
  });
}

/** Sound was cut where periods begin, so that the packager's MPD has them. */
function audioParts(timelines: readonly { start: number; durations: readonly number[] }[]): ClearPart[] {
  let from = 1;
  return timelines.map(({ start, durations }) => {
    const part = { from, to: from + durations.length, start };
    from = part.to;
    return part;
  });
}

/**
 * Where sound is to be cut so that a period begins with its first frame at or after the picture's: the packager cuts before
 * the frame whose middle is the first at or after a cue.
 */
function cuesOf({ codec = 'aac', sampleRate }: AudioRendition, starts: readonly number[]): number[] {
  const half = AUDIO_CODECS[codec].frame / sampleRate / 2;
  return starts.map((start) => start + half);
}

/** Cuts all renditions of a kind in the clear: pictures in one run, sounds one by one, as their frames are of other lengths. */
async function cutInClear(
  { kind, ids, mpd, args }: Kind,
  { encryption: _encryption, ...params }: PackageParams,
  periods: readonly KeyPeriod[],
  context: StageContext,
): Promise<Rendition[]> {
  const { frames, fps } = params.videos[0]!;
  const starts = periods.slice(1).map(({ startFrame }) => frameSeconds(startFrame, fps));
  const timelines = new Map<string, Timeline[]>();
  const cut = async (of: PackageParams, cues: readonly number[]): Promise<void> => {
    await runPackager(context, args(of, { output: CLEAR, cues }), frames, undefined, []);
    const text = await readFile(join(context.scratch, CLEAR, mpd), 'utf8');
    for (const [folder, own] of timelinesByFolder(text)) timelines.set(folder, own);
  };
  if (kind === 'video') await cut(params, []);
  else for (const audio of params.audios) await cut({ ...params, audios: [audio] }, cuesOf(audio, starts));
  return ids.map((id) => {
    const folder = folderOf(kind, id);
    const own = timelines.get(folder) ?? [];
    const parts =
      kind === 'video' ? videoParts(slotsFrom(0, own[0]?.durations ?? []), params, periods) : audioParts(own);
    if (parts.length !== periods.length || parts.some(({ from, to }) => to <= from)) {
      throw cutElsewhere(id, `it has no segments of its own in each of its ${periods.length} key periods`);
    }
    return { id, folder, parts, slots: [], playlists: new Map() };
  });
}

/**
 * Puts together what the packager encrypts in a period. Sound is moved to the beginning, as the packager counts segments of
 * one duration from there; pictures are cut at their groups, and keep their times.
 */
async function layPart(
  { kind }: Kind,
  { id, folder, parts }: Rendition,
  period: number,
  scratch: string,
): Promise<void> {
  const { from, to, start } = parts[period]!;
  const path = join(scratch, PERIOD_IN, id);
  const clear = join(scratch, CLEAR, folder);
  await writeFile(path, await readFile(join(clear, 'init.mp4')));
  const by = BigInt(-start);
  for (let number = from; number < to; number += 1) {
    const segment = join(clear, `${number}.m4s`);
    if (kind === 'video' || start === 0) {
      await pipeline(createReadStream(segment), createWriteStream(path, { flags: 'a' }));
    } else {
      const moved = movedSegment(await readFile(segment), { decoded: by, shown: by });
      await writeFile(path, moved, { flag: 'a' });
    }
  }
}

/** Takes over what the packager made of a rendition in a period: into the title's time, under the title's numbers. */
async function takePart(
  kind: Kind,
  rendition: Rendition,
  durations: readonly number[],
  period: number,
  scratch: string,
): Promise<void> {
  const { folder, parts, slots, playlists } = rendition;
  const { from, start } = parts[period]!;
  const [clear, made, package_] = [CLEAR, PERIOD_OUT, OUTPUT_FOLDER].map((name) =>
    join(scratch, name, folder),
  );
  await mkdir(package_!, { recursive: true });
  const init = await readFile(join(made!, 'init.mp4'));
  const psshs = psshBoxes(init).map(({ bytes }) => bytes);
  const title = await readFile(join(clear!, 'init.mp4'));
  await writeFile(join(package_!, initName(period)), periodInit(title, init, psshs));

  const decodedAt = decodeTime(await readFile(join(clear!, `${from}.m4s`)));
  const by = { decoded: 0n, shown: kind.kind === 'audio' ? BigInt(start) : 0n };
  for (const index of durations.keys()) {
    const segment = await readFile(join(made!, `${index + 1}.m4s`));
    if (index === 0) by.decoded = decodedAt - decodeTime(segment);
    await writeFile(join(package_!, `${slots.length + index + 1}.m4s`), movedSegment(segment, by));
  }
  slots.push(...slotsFrom(start, durations));
  for (const name of kind.playlists) {
    const text = await readFile(join(made!, name), 'utf8');
    playlists.set(name, [...(playlists.get(name) ?? []), text]);
  }
}

/** Encrypts one key period of a kind. Gives its MPD and its master playlist. */
async function encryptPeriod(
  kind: Kind,
  renditions: readonly Rendition[],
  params: PackageParams,
  protection: Protection,
  context: StageContext,
): Promise<{ mpd: string; master: string }> {
  const { scratch } = context;
  const { index } = protection.period;
  await mkdir(join(scratch, PERIOD_IN));
  for (const rendition of renditions) await layPart(kind, rendition, index, scratch);
  const { encryption } = protection;
  const args = kind.args({ ...params, encryption }, { input: PERIOD_IN, output: PERIOD_OUT });
  await runPackager(context, args, params.videos[0]!.frames, protection, renditions);
  const read = (name: string): Promise<string> => readFile(join(scratch, PERIOD_OUT, name), 'utf8');
  const [mpd, master] = [await read(kind.mpd), await read(kind.master)];
  const timelines = timelinesByFolder(mpd);
  for (const rendition of renditions) {
    const durations = timelines.get(rendition.folder)?.[0]?.durations ?? [];
    if (durations.length === 0) throw cutElsewhere(rendition.id, `it has no segments in key period ${index}`);
    await takePart(kind, rendition, durations, index, scratch);
  }
  for (const name of [PERIOD_IN, PERIOD_OUT]) await rm(join(scratch, name), { recursive: true });
  return { mpd, master };
}

/**
 * Packages a title whose keys change: cut once in the clear, then encrypted period by period, each under its own keys, so that
 * the cost does not grow with the number of periods. What comes to lie in the package is what one run of the packager would
 * have written, with an initialisation segment for every period (docs/decisions/0025). Throws PACKAGE_SEGMENTS, PACKAGE_INIT
 * and PACKAGE_MANIFEST.
 */
export async function packageByPeriods(
  params: PackageParams,
  protections: readonly Protection[],
  context: StageContext,
): Promise<void> {
  const { scratch } = context;
  const root = join(scratch, OUTPUT_FOLDER);
  const periods = protections.map(({ period }) => period);
  for (const kind of kindsOf(params)) {
    const renditions = await cutInClear(kind, params, periods, context);
    const made: { mpd: string; master: string }[] = [];
    for (const protection of protections) {
      made.push(await encryptPeriod(kind, renditions, params, protection, context));
    }
    const slots = new Map(renditions.map((one) => [one.folder, one.slots]));
    await writeFile(join(root, kind.mpd), joinedMpd(made[0]!.mpd, slots));
    await writeFile(join(root, kind.master), made[0]!.master);
    for (const { folder, playlists } of renditions) {
      for (const [name, parts] of playlists) await writeFile(join(root, folder, name), joinedPlaylist(parts));
    }
    await rm(join(scratch, CLEAR), { recursive: true });
  }
}
