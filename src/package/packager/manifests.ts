import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../../errors.js';
import type { VideoRange } from '../../ingest/index.js';
import { type CodePoints, codePointsOf, rangeOfTransfer } from '../cicp.js';
import { textAdaptationSet, textPlaylistPath } from '../text/manifests.js';
import type { WrittenText } from '../text/write.js';
import type { PackageParams, VideoInput } from '../types.js';
import { AUDIO_MANIFEST, IFRAME_PLAYLIST, MANIFEST, MASTER_PLAYLIST, MEDIA_PLAYLIST } from './args.js';
import {
  type Bandwidth,
  type SegmentSize,
  bandwidthOf,
  channelBandwidth,
  targetDuration,
} from './bandwidth.js';
import { segmentFrames } from './boundaries.js';
import { titleMpd } from './dash.js';
import { byteRanges, exactDurations, titleMaster } from './hls.js';
import { audioGroups, folderOf, trackNames } from './names.js';
import { type Timeline, readTimelines } from './timeline.js';

export interface TextFiles {
  read(path: string): Promise<string>;
  write(path: string, text: string): Promise<void>;
}

function wrongSegments(id: string, message: string): HullcastError {
  return new HullcastError('PACKAGE_SEGMENTS', `rendition ${id}: ${message}`, {
    hint: 'The key frames of the rendition are not where its segment starts say: it was assembled wrongly.',
  });
}

/** Checks that segment n begins with frame segmentStarts[n], by time, for every n. Throws PACKAGE_SEGMENTS. */
export function checkVideoTimeline(timeline: Timeline, video: VideoInput): void {
  const expected = segmentFrames(video.segmentStarts, video.frames);
  const { durations, timescale, start } = timeline;
  if (start !== 0) throw wrongSegments(video.id, `it starts at ${start}/${timescale} s instead of 0`);
  if (durations.length !== expected.length) {
    throw wrongSegments(video.id, `the packager made ${durations.length} segments, not ${expected.length}`);
  }
  for (const [index, frames] of expected.entries()) {
    const ticks = durations[index] ?? 0;
    const off = Math.abs(ticks * video.fps.num - frames * video.fps.den * timescale);
    // Within a tick: a timescale may not hold a whole number of ticks a frame.
    if (off > video.fps.num) {
      throw wrongSegments(
        video.id,
        `segment ${index + 1} lasts ${ticks}/${timescale} s, not ${frames} frames`,
      );
    }
  }
}

function timelineOf(timelines: readonly Timeline[], kind: 'video' | 'audio', id: string): Timeline {
  const found = timelines.find(({ folder }) => folder === folderOf(kind, id));
  if (!found) throw wrongSegments(id, 'it is not in the manifest that the packager wrote');
  return found;
}

async function segmentSizes(
  root: string,
  { folder, durations, timescale }: Timeline,
): Promise<SegmentSize[]> {
  return Promise.all(
    durations.map(async (ticks, index) => ({
      bytes: (await stat(join(root, folder, `${index + 1}.m4s`))).size,
      seconds: ticks / timescale,
    })),
  );
}

/** Sets exact durations in a playlist, and its target duration, and gives its bit rates. */
async function correctPlaylist(
  files: TextFiles,
  path: string,
  sizes: readonly SegmentSize[],
  target: number,
): Promise<Bandwidth> {
  const seconds = sizes.map((segment) => segment.seconds);
  await files.write(path, exactDurations(await files.read(path), seconds, target));
  return bandwidthOf(sizes, target);
}

/** As correctPlaylist, for an I-frame playlist: one key frame a segment, which is shown as long as that lasts. */
async function correctIframes(
  files: TextFiles,
  path: string,
  sizes: readonly SegmentSize[],
  target: number,
): Promise<Bandwidth> {
  const ranges = byteRanges(await files.read(path));
  if (ranges.length !== sizes.length) {
    throw wrongSegments(path, `${ranges.length} key frames are listed for ${sizes.length} segments`);
  }
  const frames = sizes.map(({ seconds }, index) => ({ seconds, bytes: ranges[index] ?? 0 }));
  return correctPlaylist(files, path, frames, target);
}

/** Colour of the renditions by folder, and their range by playlist. */
function coloursOf(videos: readonly VideoInput[]): {
  colours: Map<string, CodePoints>;
  ranges: Map<string, VideoRange>;
} {
  const colours = new Map<string, CodePoints>();
  const ranges = new Map<string, VideoRange>();
  for (const { id, colour } of videos) {
    if (!colour) continue;
    const folder = folderOf('video', id);
    const points = codePointsOf(colour);
    colours.set(folder, points);
    for (const name of [MEDIA_PLAYLIST, IFRAME_PLAYLIST]) {
      ranges.set(`${folder}/${name}`, rangeOfTransfer(points.transfer));
    }
  }
  return { colours, ranges };
}

/**
 * Checks the packager's segments against the plan and completes its manifests: the two runs are merged, bit rates and
 * durations are those of the segments on disk. The texts are written already.
 */
export async function writeManifests(
  params: PackageParams,
  root: string,
  files: TextFiles,
  texts: readonly WrittenText[],
): Promise<void> {
  const { videos, audios } = params;
  const videoMpd = await files.read(MANIFEST);
  const audioMpd = audios.length > 0 ? await files.read(AUDIO_MANIFEST) : undefined;
  const timelines = [videoMpd, audioMpd ?? ''].flatMap(readTimelines);
  const bandwidths = new Map<string, Bandwidth>();
  for (const video of videos) checkVideoTimeline(timelineOf(timelines, 'video', video.id), video);
  const sizes = new Map<string, SegmentSize[]>();
  for (const timeline of timelines) sizes.set(timeline.folder, await segmentSizes(root, timeline));
  // One for all (RFC 8216, 6.2.4); the packager knows those of a run only.
  const target = Math.max(...[...sizes.values()].map(targetDuration));

  for (const { id } of videos) {
    const { folder } = timelineOf(timelines, 'video', id);
    const own = sizes.get(folder) ?? [];
    const [playlist, iframes] = [`${folder}/${MEDIA_PLAYLIST}`, `${folder}/${IFRAME_PLAYLIST}`];
    bandwidths.set(playlist, await correctPlaylist(files, playlist, own, target));
    bandwidths.set(iframes, await correctIframes(files, iframes, own, target));
  }
  for (const { id } of audios) {
    const { folder } = timelineOf(timelines, 'audio', id);
    const playlist = `${folder}/${MEDIA_PLAYLIST}`;
    bandwidths.set(playlist, await correctPlaylist(files, playlist, sizes.get(folder) ?? [], target));
  }

  for (const { track, hls } of texts) bandwidths.set(textPlaylistPath(track), hls);

  const peaks = new Map(
    timelines.map(({ folder }) => {
      const peak = bandwidths.get(`${folder}/${MEDIA_PLAYLIST}`)?.peak ?? 0;
      // segmentSeconds is the MPD's minBufferTime.
      return [folder, Math.max(peak, channelBandwidth(sizes.get(folder) ?? [], params.segmentSeconds))];
    }),
  );
  const [first] = videos;
  if (!first) return;
  const { colours, ranges } = coloursOf(videos);
  const { frames, fps } = first;
  const textSets = texts.map(textAdaptationSet);
  await files.write(MANIFEST, titleMpd(videoMpd, audioMpd, { frames, fps, peaks, colours, textSets }));
  await files.write(
    MASTER_PLAYLIST,
    titleMaster(await files.read(MASTER_PLAYLIST), {
      ...{ bandwidths, ranges },
      groups: audioGroups(audios),
      names: trackNames(audios),
      texts: texts.map(({ track }) => track),
    }),
  );
}
