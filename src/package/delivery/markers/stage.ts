import { HullcastError } from '../../../errors.js';
import { ffmpeg, ffprobe, openArgs } from '../../../media/index.js';
import type { Stage, StageContext } from '../../../pipeline/index.js';
import type { MarkersParams, MarkersResult } from '../types.js';
import { detectMarkers } from './detect.js';
import { BLOCK_SECONDS, LevelLog, RATE } from './sound.js';
import { SPLICE_STREAMS, SPLICE_PACKETS, splicesOf, spliceStart } from './probe-splices.js';
import { spliceMarkers } from './splices.js';

/** Decodes a track to mono at 8 kHz, from the title's start on, and prints the level of every block. */
export function levelArgs(
  path: string,
  demuxer: string,
  { track, offsetSeconds }: NonNullable<MarkersParams['audio']>,
): string[] {
  const late = Math.round(offsetSeconds * RATE);
  const filters = [
    'asetpts=PTS-STARTPTS',
    `aresample=${RATE}:async=1`,
    'aformat=channel_layouts=mono',
    // Sound that begins after the picture is silence until then; what comes before it is not in the title.
    ...(late > 0 ? [`adelay=delays=${late}S`] : []),
    ...(late < 0 ? [`atrim=start_sample=${-late}`, 'asetpts=PTS-STARTPTS'] : []),
    `asetnsamples=n=${Math.round(RATE * BLOCK_SECONDS)}:p=0`,
    'astats=metadata=1:reset=1:measure_perchannel=none:measure_overall=RMS_level',
    'ametadata=mode=print:key=lavfi.astats.Overall.RMS_level:file=-',
  ];
  return [
    ...openArgs(path, demuxer, { threads: 1 }),
    ...['-map', `0:a:${track}`, '-af', filters.join(','), '-f', 'null', '-'],
  ];
}

async function levelsOf(params: MarkersParams, context: StageContext): Promise<number[]> {
  const { source, demuxer, audio, frames } = params;
  if (!audio) return [];
  const log = new LevelLog();
  try {
    await ffmpeg(context.run, context.tools.ffmpeg, {
      args: levelArgs(await context.path(source), demuxer, audio),
      frames,
      signal: context.signal,
      onStdout: (chunk) => log.push(chunk),
    });
  } catch (cause) {
    if (!(cause instanceof HullcastError) || cause.code !== 'PROCESS_FAILED' || cause.transient) throw cause;
    // Inspection reports that the track does not decode; guesses are then made of the picture alone.
    context.log.warn({ track: audio.track, cause: cause.message }, 'audio track does not decode');
    return [];
  }
  return log.end();
}

async function splices(
  params: MarkersParams,
  context: StageContext,
): Promise<Omit<MarkersResult, 'detected'>> {
  if (!params.splices) return { splices: [], findings: [] };
  const { frames, fps, demuxer } = params;
  const path = await context.path(params.source);
  const probe = (show: readonly string[]): Promise<unknown> =>
    ffprobe(context.run, context.tools.ffprobe, { path, demuxer, show, signal: context.signal });
  const streams = spliceStart(await probe(SPLICE_STREAMS));
  if (!streams) return { splices: [], findings: [] };
  const found = splicesOf(await probe(SPLICE_PACKETS), streams.indexes);
  const { markers, findings } = spliceMarkers(found, { start: streams.start, frames, fps });
  return { splices: markers, findings };
}

async function run(params: MarkersParams, context: StageContext): Promise<MarkersResult> {
  const said = await splices(params, context);
  const detected = detectMarkers(params, { levels: await levelsOf(params, context) });
  context.progress(params.frames, params.frames);
  return { ...said, detected };
}

/** Looks for ad breaks that the master's SCTE-35 messages announce, and guesses at intro, credits and breaks. */
export const markersStage: Stage<MarkersParams, MarkersResult> = {
  name: 'markers',
  version: 1,
  uses: ['ffmpeg', 'ffprobe'],
  run,
};
