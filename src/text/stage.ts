import { readFile, stat, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../errors.js';
import { ffmpeg, frameSeconds } from '../media/index.js';
import type { Stage, StageContext } from '../pipeline/index.js';
import { decodeCaptions } from './cea608/decode.js';
import { Notes } from './findings.js';
import { fitCues } from './fit.js';
import { checkSize, readTextFile, refuseEmpty } from './read/index.js';
import { readSrt } from './read/srt.js';
import { readWebVtt } from './read/webvtt.js';
import {
  CLOCK_SHIFT,
  LINKED_MASTER,
  extractCaptionsArgs,
  extractTextArgs,
  pictureCaptionsArgs,
} from './stream/args.js';
import { skippedBecause, streamKind } from './stream/codecs.js';
import { readFramecrc } from './stream/framecrc.js';
import { captionPairs } from './stream/pairs.js';
import type {
  CaptionChannel,
  ReadCue,
  TextCues,
  TextFileSource,
  TextParams,
  TextResult,
  TextStreamSource,
} from './types.js';
import { formatCues } from './webvtt-file.js';

/** Cues on a clock of their own. */
interface Track {
  channel?: CaptionChannel;
  cues: ReadCue[];
  /** Time of the cues that is the title's first frame, milliseconds. */
  startMs: number;
}

/** Length of the title, milliseconds. */
function titleMsOf({ frames, fps }: TextParams): number {
  return Math.round(frameSeconds(frames, fps) * 1000);
}

async function fileTrack(
  source: TextFileSource,
  params: TextParams,
  context: StageContext,
  notes: Notes,
): Promise<Track> {
  checkSize(source.blob.bytes, source.name);
  const bytes = await readFile(await context.path(source.blob));
  return readTextFile(bytes, { titleMs: titleMsOf(params), fps: params.fps }, source, notes);
}

/** A text stream, by way of a file that ffmpeg makes of it. */
async function streamTrack(
  { blob, demuxer, text }: TextStreamSource,
  { frames }: TextParams,
  context: StageContext,
  notes: Notes,
): Promise<Track> {
  const output = join(context.scratch, 'text');
  await ffmpeg(context.run, context.tools.ffmpeg, {
    args: extractTextArgs(await context.path(blob), { demuxer, ...text }, output),
    frames,
    signal: context.signal,
  });
  checkSize((await stat(output)).size, notes.name);
  const content = await readFile(output, 'utf8');
  const read = text.codec === 'webvtt' ? readWebVtt : readSrt;
  return { cues: read(content, notes), startMs: Math.round((text.pictureStart + CLOCK_SHIFT) * 1000) };
}

/** Captions of a stream of their own, or of the pictures. */
async function captionTracks(
  { blob, demuxer, text }: TextStreamSource,
  { frames }: TextParams,
  context: StageContext,
  notes: Notes,
): Promise<Track[]> {
  const at = (name: string): string => join(context.scratch, name);
  const files = { bytes: at('captions'), packets: at('packets'), first: at('first') };
  const master = await context.path(blob);
  if (text.inPicture) await symlink(master, at(LINKED_MASTER));
  await ffmpeg(context.run, context.tools.ffmpeg, {
    args: text.inPicture
      ? pictureCaptionsArgs({ demuxer, stream: text.track }, files)
      : extractCaptionsArgs(master, { demuxer, track: text.track }, files),
    cwd: context.scratch,
    frames,
    signal: context.signal,
    onProgress: ({ frame }) => context.progress(Math.min(frames, frame), frames),
  });
  const read = async (path: string): Promise<string> => readFile(path, 'latin1');
  const start = text.inPicture
    ? ([...readFramecrc(await read(files.first))][0]?.time ?? 0)
    : text.pictureStart + CLOCK_SHIFT;
  const pairs = captionPairs(await readFile(files.bytes), readFramecrc(await read(files.packets)), start);
  const channels = decodeCaptions(pairs, { wrongParity: 'drop', notes });
  return [...channels].map(([channel, cues]) => ({ channel, cues, startMs: 0 }));
}

/** Puts a track's cues into the title's time and into the store. Undefined where nothing is left of it. */
async function kept(
  { channel, cues, startMs }: Track,
  params: TextParams,
  context: StageContext,
  notes: Notes,
): Promise<TextCues | undefined> {
  const fitted = fitCues(cues, { titleMs: titleMsOf(params), startMs }, notes);
  if (fitted.length === 0) {
    if (params.source.kind === 'file') refuseEmpty(params.source.name, ' within the title');
    notes.add(
      'text-empty',
      0,
      `${channel ? `${channel} has` : 'there is'} no text within the title: the track is left out`,
    );
    return undefined;
  }
  const path = join(context.scratch, `${channel ?? 'track'}.vtt`);
  await writeFile(path, formatCues(fitted));
  return { ...(channel ? { channel } : {}), blob: await context.keep(path), cues: fitted.length };
}

function nameOf(source: TextParams['source']): string {
  if (source.kind === 'file') return source.name;
  return source.text.inPicture ? 'captions in the pictures' : `text track ${source.text.track} of the master`;
}

async function tracksOf(params: TextParams, context: StageContext, notes: Notes): Promise<Track[]> {
  const { source } = params;
  if (source.kind === 'file') return [await fileTrack(source, params, context, notes)];
  switch (streamKind(source.text.codec)) {
    case 'text':
      return [await streamTrack(source, params, context, notes)];
    case 'captions':
      return captionTracks(source, params, context, notes);
    case 'other':
      notes.add('text-skipped', 0, `it is left out: ${skippedBecause(source.text.codec)}`);
      return [];
  }
}

async function read(params: TextParams, context: StageContext, notes: Notes): Promise<TextCues[]> {
  const tracks: TextCues[] = [];
  try {
    for (const track of await tracksOf(params, context, notes)) {
      const cues = await kept(track, params, context, notes);
      if (cues) tracks.push(cues);
    }
  } catch (error) {
    // Nobody gave a text of the master by name: a title need not fail for it.
    const refused = error instanceof HullcastError && error.code.startsWith('TEXT_');
    if (params.source.kind === 'file' || !refused) throw error;
    notes.add('text-skipped', 0, `it is left out: ${error.message}`);
  }
  return tracks;
}

async function run(params: TextParams, context: StageContext): Promise<TextResult> {
  const notes = new Notes(nameOf(params.source));
  const tracks = await read(params, context, notes);
  context.progress(params.frames, params.frames);
  return { tracks, findings: notes.list() };
}

/**
 * Makes cues in the title's time of a text file, of a text stream of the master, or of the captions in its pictures. Throws
 * TEXT_… for files that cannot be understood, naming the line.
 */
export const textStage: Stage<TextParams, TextResult> = { name: 'text', version: 3, uses: ['ffmpeg'], run };
