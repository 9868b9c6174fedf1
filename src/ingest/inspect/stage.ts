import { HullcastError } from '../../errors.js';
import { type FrameSource, ffmpeg } from '../../media/index.js';
import type { Stage, StageContext } from '../../pipeline/index.js';
import { finding } from '../findings.js';
import { framesMemory } from '../frame-bytes.js';
import type { Finding, InspectParams, InspectResult, MasterAudio, TrackLoudness } from '../types.js';
import { AudioDetectorLog, audioDetectorArgs, audioFindings, loudnessOf } from './audio-detectors.js';
import { DetailLog, detailFindings } from './detail.js';
import { syncFindings } from './sync.js';
import { VideoDetectorLog, videoDetectorArgs, videoFindings } from './video-detectors.js';

async function inspectVideo({ ingest }: InspectParams, context: StageContext): Promise<Finding[]> {
  const { picture } = ingest;
  const source: FrameSource = {
    path: await context.path(picture.blob),
    demuxer: picture.demuxer,
    videoStream: picture.videoStream,
    frames: picture.frames,
    fps: picture.fps,
  };
  const log = new VideoDetectorLog();
  const detail = new DetailLog();
  await ffmpeg(context.run, context.tools.ffmpeg, {
    args: videoDetectorArgs(source, picture),
    frames: picture.frames,
    signal: context.signal,
    onStderrLine: (line) => {
      log.push(line);
      detail.push(line);
    },
    onProgress: ({ frame }) => context.progress(Math.min(frame, picture.frames), picture.frames),
  });
  log.end(picture.frames);
  return [...videoFindings(log, picture, picture.frames), ...detailFindings(detail, picture)];
}

interface InspectedTrack {
  loudness: TrackLoudness;
  findings: Finding[];
}

async function inspectTrack(
  { ingest }: InspectParams,
  context: StageContext,
  audio: MasterAudio,
): Promise<InspectedTrack> {
  const path = await context.path(ingest.source);
  const log = new AudioDetectorLog();
  try {
    await ffmpeg(context.run, context.tools.ffmpeg, {
      args: audioDetectorArgs(path, ingest.demuxer, audio.track),
      frames: ingest.picture.frames,
      signal: context.signal,
      onStderrLine: (line) => log.push(line),
    });
  } catch (cause) {
    if (!(cause instanceof HullcastError) || cause.code !== 'PROCESS_FAILED' || cause.transient) throw cause;
    // A track that does not decode is a defect of the master to report; its picture may still be all right.
    context.log.warn({ track: audio.track, cause: cause.message }, 'audio track does not decode');
    const message = `audio track ${audio.track} (${audio.codec}) cannot be decoded`;
    return { loudness: { track: audio.track }, findings: [finding('audio-undecodable', message)] };
  }
  log.end();
  return { loudness: loudnessOf(audio.track, log), findings: audioFindings(audio, log, ingest.picture) };
}

async function run(params: InspectParams, context: StageContext): Promise<InspectResult> {
  const { audio, picture } = params.ingest;
  const findings = [...(await inspectVideo(params, context)), ...syncFindings(params.ingest)];
  const loudness: TrackLoudness[] = [];
  for (const track of audio) {
    const inspected = await inspectTrack(params, context, track);
    loudness.push(inspected.loudness);
    findings.push(...inspected.findings);
  }
  context.progress(picture.frames, picture.frames);
  return { findings, loudness };
}

/** Frames in the process of the picture: its detectors, and its copies in other sizes. */
const HELD_FRAMES = 30;

/** Looks for defects in an accepted master: one decode of the normalised picture, one of every audio track. */
export const inspectStage: Stage<InspectParams, InspectResult> = {
  name: 'inspect',
  version: 2,
  uses: ['ffmpeg'],
  memory: ({ ingest }) => framesMemory(ingest.picture, HELD_FRAMES),
  run,
};
