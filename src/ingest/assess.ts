import { type Rational, frameSeconds, parseRational } from '../media/index.js';
import { checkDuration, checkSize } from './accept.js';
import type { Demuxer } from './container.js';
import { finding } from './findings.js';
import { declaredRates } from './frame-rate.js';
import { judgeInterlace } from './interlace.js';
import { ticksToSeconds } from './packets.js';
import { type PicturePlan, planPicture } from './picture-plan.js';
import type { Survey } from './survey.js';
import { timingFindings } from './timing-findings.js';
import { type Timing, judgeTiming } from './timing.js';
import type { Finding, IngestLimits } from './types.js';

/** What is to be done with a surveyed master. */
export interface Assessment {
  timing: Timing;
  plan: PicturePlan;
  /** How the mezzanine gets its frames; undefined where the master itself is used. */
  mezzanine: 'renumber' | 'resample' | undefined;
  /** Frames of the normalised picture. */
  frames: number;
  /** Time of the first frame on the file's clock, seconds. */
  videoStart: number;
  /** The decoder or the demuxer reported damage. */
  damaged: boolean;
  findings: Finding[];
}

/**
 * Demuxers whose clocks may jump (AVFMT_TS_DISCONT). Of these ffmpeg starts counting at the first of the streams that
 * it reads, here the video; of others at the start of the file.
 */
const JUMPING = new Set<Demuxer>(['mpegts', 'mpeg', 'ogg']);

/** Start of the picture on the file's clock, seconds: frame times of the decode are relative to where ffmpeg began. */
function startOf(found: Survey): number {
  const { pts, timeBase } = found.decode.times;
  const { format, container } = found.found;
  const first = pts.reduce((least, value) => Math.min(least, value), pts[0] ?? 0);
  const own = JUMPING.has(container.demuxer) ? found.chosen.stream.start_time : undefined;
  return ticksToSeconds(first, timeBase) + (own ?? format.start_time ?? 0);
}

function streamFindings(found: Survey, decoded: number): { findings: Finding[]; rewrite: boolean } {
  const { videoPackets, decode, chosen } = found;
  const { discarded, packets } = videoPackets;
  const findings: Finding[] = [];
  if (chosen.others > 0) {
    const count = chosen.others === 1 ? 'one more video stream' : `${chosen.others} more video streams`;
    findings.push(
      finding('extra-video-streams', `${count}: not used, only stream ${chosen.stream.index} is`),
    );
  }
  if (discarded > 0) {
    findings.push(finding('edit-list', `an edit list hides ${discarded} frames: they are left out`));
  }
  const hidden = decode.faults === 0 && packets - discarded !== decoded;
  if (hidden) {
    findings.push(
      finding('hidden-frames', `${packets - discarded} packets give ${decoded} frames: those are used`),
    );
  }
  if (decode.sizeChanges > 0) {
    findings.push(
      finding('size-change', 'the picture changes its size or format on the way: all is scaled to the first'),
    );
  }
  return { findings, rewrite: discarded > 0 || hidden || decode.sizeChanges > 0 };
}

/** Frames at equal times, or without any: there is no clock to follow, only an order. */
function timeless(timing: Timing, decoded: number): boolean {
  return timing.kind === 'unknown' && decoded > 1;
}

/** Judges a survey. Pure. Throws MASTER_TOO_SMALL, MASTER_TOO_LARGE or MASTER_TOO_LONG for what it would become. */
export function assess(found: Survey, limits: IngestLimits, label: string): Assessment {
  const { stream } = found.chosen;
  const decoded = found.decode.times.pts.length;
  const timing = judgeTiming(found.decode.times, stream);
  checkDuration(frameSeconds(timing.frames, timing.fps), limits, label);
  const interlace = judgeInterlace(found.picture.fieldOrder, found.decode.idet);
  const plan = planPicture(found.picture, interlace, timing.fps);
  checkSize(plan.width, plan.height, limits, label);

  const damaged = found.decode.faults > 0 || found.videoPackets.corrupt > 0;
  const streamed = streamFindings(found, decoded);
  const resample = timing.kind === 'variable' || timing.kind === 'gaps';
  const rewrite = plan.filters.length > 0 || streamed.rewrite || damaged || timeless(timing, decoded);
  return {
    timing,
    plan,
    mezzanine: resample ? 'resample' : rewrite ? 'renumber' : undefined,
    frames: timing.frames,
    videoStart: startOf(found),
    damaged,
    findings: [
      ...found.findings,
      ...streamed.findings,
      ...timingFindings(timing, decoded, declaredRates(stream).length > 0),
      ...plan.findings,
    ],
  };
}

/** Average bit rate of the chosen stream, bit/s; undefined where its packets have no times. */
export function streamBitrate(found: Survey, fps: Rational): number | undefined {
  const { start, end, bytes } = found.videoPackets;
  const base = parseRational(found.chosen.stream.time_base);
  const seconds =
    base && start !== undefined && end !== undefined && end > start
      ? ticksToSeconds(end - start, base)
      : frameSeconds(found.decode.times.pts.length, fps);
  return seconds > 0 ? Math.round((bytes * 8) / seconds) : undefined;
}
