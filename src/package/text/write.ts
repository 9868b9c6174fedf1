import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { StageContext } from '../../pipeline/index.js';
import { parseCues } from '../../text/index.js';
import { MEDIA_PLAYLIST } from '../packager/args.js';
import {
  type Bandwidth,
  type SegmentSize,
  bandwidthOf,
  channelBandwidth,
  targetDuration,
} from '../packager/bandwidth.js';
import { checkPackageInput } from '../packager/boundaries.js';
import { folderOf } from '../packager/names.js';
import type { PackageParams, TextTrack } from '../types.js';
import { TEXT_TIMESCALE, type TextSegment, textSegments, titleMs } from './segments.js';
import { textPlaylist, webvttName, webvttSegment } from './webvtt.js';
import { wvttInit } from './wvtt-init.js';
import { wvttSegment } from './wvtt.js';

/** A track whose segments are written, with what manifests say of them. */
export interface WrittenText {
  track: TextTrack;
  /** Durations of the segments, ticks of TEXT_TIMESCALE. */
  durations: number[];
  /** Bit rates of the WebVTT files. */
  hls: Bandwidth;
  /** bit/s, for the MPD: no player waits (ISO/IEC 23009-1, 5.3.5.2). */
  dash: number;
}

async function writeTrack(
  folder: string,
  track: TextTrack,
  segments: readonly TextSegment[],
  bufferSeconds: number,
): Promise<WrittenText> {
  await mkdir(folder, { recursive: true });
  const sources = new Map(
    [...new Set(segments.flatMap(({ cues }) => cues))].map((cue, index) => [cue, index]),
  );
  const hls: SegmentSize[] = [];
  const dash: SegmentSize[] = [];
  for (const [index, segment] of segments.entries()) {
    const seconds = (segment.end - segment.start) / TEXT_TIMESCALE;
    const text = Buffer.from(webvttSegment(segment), 'utf8');
    const media = wvttSegment(segment, index, sources);
    await writeFile(join(folder, webvttName(index)), text);
    await writeFile(join(folder, `${index + 1}.m4s`), media);
    hls.push({ bytes: text.length, seconds });
    dash.push({ bytes: media.length, seconds });
  }
  await writeFile(join(folder, 'init.mp4'), wvttInit(track.language));
  await writeFile(join(folder, MEDIA_PLAYLIST), textPlaylist(segments));
  const durations = segments.map(({ start, end }) => end - start);
  return {
    ...{ track, durations, hls: bandwidthOf(hls, targetDuration(hls)) },
    dash: Math.max(bandwidthOf(dash, targetDuration(dash)).peak, channelBandwidth(dash, bufferSeconds)),
  };
}

/** Writes the segments of all text tracks, for HLS and for DASH, as long as the title, and their media playlists. */
export async function writeTexts(
  params: PackageParams,
  root: string,
  context: StageContext,
): Promise<WrittenText[]> {
  const { frames, fps } = checkPackageInput(params);
  const length = titleMs(frames, fps);
  const written: WrittenText[] = [];
  for (const track of params.texts ?? []) {
    const cues = parseCues(await readFile(await context.path(track.blob), 'utf8'));
    const segments = textSegments(cues, length, params.segmentSeconds);
    const folder = join(root, folderOf('text', track.id));
    // segmentSeconds is the MPD's minBufferTime.
    written.push(await writeTrack(folder, track, segments, params.segmentSeconds));
  }
  return written;
}
