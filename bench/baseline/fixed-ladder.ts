import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { type RdPoint, type Resolution, gopStarts, groupsOf, readPackets } from '../../src/encode/index.js';
import { HullcastError } from '../../src/errors.js';
import { type FrameSource, type Run, type Tools, ffmpeg, toNumber } from '../../src/media/index.js';
import type { Score } from '../../src/vmaf/index.js';
import type { FixedRung } from './apple.js';
import { fixedGopFrames, twoPassArgs } from './two-pass.js';

export interface FixedLadderRequest {
  tools: Pick<Tools, 'ffmpeg' | 'ffprobe'>;
  run: Run;
  /** Folder for encodes and statistics; must exist. */
  scratch: string;
  master: FrameSource;
  masterSize: Resolution;
  /** From rungsFor, at least one. */
  rungs: readonly FixedRung[];
  /** x264 preset. */
  preset: string;
  /** Encodes at a time, each on one thread. */
  concurrency: number;
  /** Scores an encode against the master, every frame. */
  score(encode: FrameSource, rung: FixedRung): Promise<Score>;
  signal?: AbortSignal;
  /** Told after every rung. */
  onRung?: (rendition: FixedRendition) => void;
}

/** One rung as encoded and measured. */
export interface FixedRendition {
  rung: FixedRung;
  /** The encode, in scratch. */
  encode: FrameSource;
  /** Bits of all packets. */
  bits: number;
  /** Bits of every group of pictures, in order: each is a segment. */
  segmentBits: number[];
  /** bit/s over the title, and of its largest segment. */
  averageBitrate: number;
  peakBitrate: number;
  /** CPU of both passes, seconds; scoring is not in it. */
  cpuSeconds: number;
  score: Score;
}

/**
 * Encodes every rung of a fixed ladder and scores it: the baseline. Bits are those of the packets, not of the file,
 * the encoder's own SEI included. Results are in the order of the rungs. Throws BENCH_FRAMES or BENCH_KEY_FRAMES
 * where an encode is not what was asked for, and as `run` and `score` do.
 */
export async function encodeFixedLadder(request: FixedLadderRequest): Promise<FixedRendition[]> {
  if (request.rungs.length === 0) {
    const { width, height } = request.masterSize;
    throw new HullcastError(
      'BENCH_NO_RUNGS',
      `no rung of the fixed ladder is as small as ${width}×${height}`,
      {
        hint: 'Compare on a larger master.',
      },
    );
  }
  const limit = pLimit(request.concurrency);
  return Promise.all(
    request.rungs.map((rung, index) =>
      limit(async () => {
        const rendition = await encodeRung(request, rung, index);
        request.onRung?.(rendition);
        return rendition;
      }),
    ),
  );
}

async function encodeRung(
  request: FixedLadderRequest,
  rung: FixedRung,
  index: number,
): Promise<FixedRendition> {
  const { master, run, tools, signal } = request;
  const folder = join(request.scratch, `rung-${index}`);
  await mkdir(folder);
  const output = join(folder, 'encode.mp4');
  const settings = { source: master, sourceSize: request.masterSize, rung, preset: request.preset };
  let cpuSeconds = 0;
  for (const pass of [1, 2] as const) {
    const args = twoPassArgs(pass, { ...settings, passlog: join(folder, 'x264'), output });
    const { usage } = await ffmpeg(run, tools.ffmpeg, { args, frames: master.frames, signal });
    cpuSeconds += usage.cpuSeconds;
  }
  const segmentBits = await readSegments(request, output);
  const encode: FrameSource = { path: output, demuxer: 'mov', frames: master.frames, fps: master.fps };
  const bits = segmentBits.reduce((sum, b) => sum + b, 0);
  return {
    ...{ rung, encode, bits, segmentBits, cpuSeconds },
    averageBitrate: (bits * toNumber(master.fps)) / master.frames,
    peakBitrate: peakOf(segmentBits, master),
    score: await request.score(encode, rung),
  };
}

/** Bits of every group of pictures; checks that all frames are there and that key frames are on the grid alone. */
async function readSegments(request: FixedLadderRequest, path: string): Promise<number[]> {
  const { frames, fps } = request.master;
  const read = await readPackets(request, path);
  if (read.packets.length !== frames) {
    throw new HullcastError(
      'BENCH_FRAMES',
      `a baseline encode has ${read.packets.length} frames, not ${frames}`,
    );
  }
  const { starts, bits } = groupsOf(read);
  const planned = gopStarts(0, frames, fixedGopFrames(fps));
  if (starts.join() !== planned.join()) {
    throw new HullcastError(
      'BENCH_KEY_FRAMES',
      `a baseline encode has key frames at ${starts.join()} instead of ${planned.join()}`,
    );
  }
  return bits;
}

/** Bit rate of the largest segment, bit/s; the last one may be shorter. */
function peakOf(segmentBits: readonly number[], { frames, fps }: FrameSource): number {
  const gop = fixedGopFrames(fps);
  return Math.max(...segmentBits.map((bits, i) => (bits * toNumber(fps)) / Math.min(gop, frames - i * gop)));
}

/** The ladder as a rate-distortion curve: average bit rate in bit/s and mean VMAF over all frames. */
export function ladderPoints(renditions: readonly FixedRendition[]): RdPoint[] {
  return renditions.map(({ averageBitrate, score }) => ({
    rate: averageBitrate,
    quality: score.pooled.mean,
  }));
}
