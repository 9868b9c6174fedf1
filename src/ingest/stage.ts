import { join } from 'node:path';
import { frameSeconds } from '../media/index.js';
import type { Stage, StageContext } from '../pipeline/index.js';
import { type Assessment, assess, streamBitrate } from './assess.js';
import { damageLog, damagedRanges } from './corruption.js';
import { finding, rangeFindings } from './findings.js';
import { framesMemory } from './frame-bytes.js';
import { slots } from './frame-rate.js';
import { makeMezzanine } from './mezzanine.js';
import { type Survey, survey } from './survey.js';
import { audioTracks, textTracks } from './tracks.js';
import type { Finding, IngestParams, IngestResult, NormalisedPicture } from './types.js';
import { masterVideo } from './video-facts.js';

/** The place of every decoded frame in the normalised picture. */
function placesOf(found: Survey, judged: Assessment): number[] {
  const { times } = found.decode;
  if (judged.mezzanine !== 'resample') return times.pts.map((_, index) => index);
  return slots({ ...times, pts: times.pts.toSorted((a, b) => a - b) }, judged.timing.fps).slots;
}

/** The finding `corrupt-packets`, once a damaged range; without one where no frame can be named. */
async function damageFindings(context: StageContext, found: Survey, judged: Assessment): Promise<Finding[]> {
  if (!judged.damaged) return [];
  const { stream } = found.chosen;
  const log = await damageLog(context.run, context.tools.ffprobe, {
    path: found.path,
    demuxer: found.found.container.demuxer,
    streamIndex: stream.index,
    delay: stream.has_b_frames ?? 0,
    bytes: found.bytes,
    frames: found.decode.times.pts.length,
    signal: context.signal,
  });
  // Another decoder may drop other frames; then its indices say nothing about these.
  const known = log.frames === found.decode.times.pts.length;
  const ranges = known ? damagedRanges(log, placesOf(found, judged), judged.timing.gaps, judged.frames) : [];
  // The decoder's own words stay out of it: threads race for their order, and results are the same every time.
  if (ranges.length === 0) {
    return [finding('corrupt-packets', 'some packets are damaged: frames that do not decode are concealed')];
  }
  return rangeFindings('corrupt-packets', ranges, ({ start, end }) => {
    return `damaged packets: up to ${end - start} frames are concealed or show faults`;
  });
}

async function normalise(
  params: IngestParams,
  context: StageContext,
  found: Survey,
  judged: Assessment,
): Promise<NormalisedPicture> {
  const { plan, timing } = judged;
  const { width, height, pixelFormat, bitDepth, colour } = plan;
  const hdr = plan.hdr ? { hdr: plan.hdr } : {};
  const common = { fps: timing.fps, width, height, pixelFormat, bitDepth, colour, ...hdr };
  const { demuxer } = found.found.container;
  const { videoStream } = found.chosen;
  if (judged.mezzanine === undefined) {
    return { blob: params.source, demuxer, videoStream, frames: judged.frames, ...common };
  }
  const out = join(context.scratch, 'mezzanine.mp4');
  const decoded = found.decode.times.pts.length;
  const total = decoded + judged.frames;
  const frames = await makeMezzanine(
    { ...context, onFrame: (done) => context.progress(Math.min(decoded + done, total), total) },
    {
      source: { path: found.path, demuxer, videoStream },
      stored: found.picture,
      plan,
      fps: timing.fps,
      timing: judged.mezzanine,
      frames: judged.frames,
      sizeChanges: found.decode.sizeChanges > 0,
      maxPixels: params.limits.maxPixels,
      out,
    },
  );
  return { blob: await context.keep(out), demuxer: 'mov', videoStream: 0, frames, ...common };
}

async function run(params: IngestParams, context: StageContext): Promise<IngestResult> {
  const found = await survey(params, context);
  const judged = assess(found, params.limits, params.name);
  const { audio, findings } = audioTracks(found.found.streams, found.packets, judged.videoStart);
  const damage = await damageFindings(context, found, judged);
  const picture = await normalise(params, context, found, judged);
  return {
    name: params.name,
    source: params.source,
    container: found.found.container.name,
    demuxer: found.found.container.demuxer,
    durationSeconds: frameSeconds(picture.frames, picture.fps),
    video: masterVideo(
      found.picture,
      { fps: judged.timing.fps, variable: judged.timing.kind === 'variable' },
      streamBitrate(found, judged.timing.fps),
    ),
    audio,
    text: textTracks(
      found.found.streams,
      judged.videoStart,
      found.decode.captioned ? found.chosen.stream.index : undefined,
    ),
    picture,
    findings: [...damage, ...judged.findings, ...findings],
  };
}

/**
 * Pixels and frames of the picture that a run is taken to have to normalise, and to hold while it does so: how large a master
 * is shows only when it is read.
 */
const USUAL_PIXELS = 3840 * 2160;
const HELD_FRAMES = 31;

/**
 * Takes a stored master apart and makes it uniform: facts, findings, and a picture that is progressive, upright,
 * square, even, limited range and of constant rate. Throws MASTER_… (exit code 3) for a master that cannot be used.
 */
export const ingestStage: Stage<IngestParams, IngestResult> = {
  name: 'ingest',
  version: 5,
  uses: ['ffmpeg', 'ffprobe'],
  memory({ limits }) {
    const pixels = Math.min(USUAL_PIXELS, limits.maxPixels);
    return framesMemory({ width: pixels, height: 1, pixelFormat: 'yuv420p10le' }, HELD_FRAMES);
  },
  run,
};
