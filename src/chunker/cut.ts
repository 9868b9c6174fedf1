import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../errors.js';
import { type FrameSource, ffmpeg } from '../media/index.js';
import type { StageContext } from '../pipeline/index.js';
import { type CopyPlan, planCopy } from './copy-plan.js';
import { copyArgs, losslessArgs } from './cut-args.js';
import type { CutSource } from './cut-source.js';
import { frameWindow } from './frame-window.js';
import { hashFrames } from './frame-hashes.js';
import type { Span } from './plan-shots.js';
import type { Chunk } from './types.js';

/** A file that holds a shot, found to hold exactly its frames. */
export interface CutFile {
  path: string;
  skipFrames: number;
  cut: Chunk['cut'];
}

interface Attempt {
  cut: Chunk['cut'];
  /** Frames to skip that may be right, the likeliest first. */
  skips: number[];
  args: (to: string) => string[];
  /** Frames or packets that it works through. */
  work: number;
}

/**
 * Cuts one shot and proves it: the file is decoded as later stages do, and its frames must have the hashes that the
 * master's have. First the master's packets are copied, from the nearest key frame, then from the one before; then the
 * frames are encoded without loss, decoded from a seek on, and at last from the master's beginning. Throws
 * CHUNK_INEXACT where nothing gives the shot's frames.
 */
export async function cutShot(
  context: StageContext,
  source: CutSource,
  name: string,
  span: Span,
): Promise<CutFile> {
  const problems: string[] = [];
  for (const [n, attempt] of attempts(source, span).entries()) {
    const path = join(context.scratch, `${name}-${n}.mov`);
    const skipFrames = await cutAndVerify(context, source, span, attempt, path);
    if (typeof skipFrames === 'number') return { path, skipFrames, cut: attempt.cut };
    await rm(path, { force: true });
    problems.push(`${attempt.cut}: ${skipFrames.problem}`);
    context.log.debug({ span, attempt: n, ...skipFrames }, 'cut is not exact');
  }
  throw new HullcastError(
    'CHUNK_INEXACT',
    `frames ${span.startFrame} to ${span.endFrame - 1} could not be cut exactly (${problems.join('; ')})`,
    { hint: 'Run again with --verbose; convert the master to ProRes or FFV1 if it persists.' },
  );
}

function attempts(source: CutSource, span: Span): Attempt[] {
  const { material, picture, index } = source;
  const window = frameWindow(index, span);
  const copies = [0, 1].flatMap((keysBack) => planCopy(index, span, keysBack) ?? []);
  return [
    ...copies.map((plan) => ({
      cut: source.copied,
      skips: likelySkips(plan),
      args: (to: string) => copyArgs(material, plan, index, to),
      work: plan.packets,
    })),
    ...[window, { ...window, seekSeconds: undefined }].map((from) => ({
      cut: 'lossless' as const,
      skips: [0],
      args: (to: string) => losslessArgs(material, picture, from, span, to),
      work: span.endFrame,
    })),
  ];
}

/**
 * Decoders drop an open group's leading pictures after a jump, since what they refer to is missing; were one to give
 * them, they would have to be skipped too.
 */
function likelySkips(plan: CopyPlan): number[] {
  return [...new Set([plan.skipFrames - plan.leadingFrames, plan.skipFrames])];
}

/** Gives the frames to skip, or why the attempt failed. What concerns more than this attempt is thrown. */
async function cutAndVerify(
  context: StageContext,
  source: CutSource,
  span: Span,
  attempt: Attempt,
  path: string,
): Promise<number | { problem: string }> {
  const { run, tools, signal } = context;
  try {
    await ffmpeg(run, tools.ffmpeg, { args: attempt.args(path), frames: attempt.work, signal });
    return (await exactSkip(context, source, span, attempt, path)) ?? { problem: 'other frames' };
  } catch (error) {
    // Packets that the chunk's container cannot hold, or that do not decode: the next attempt does without them.
    const own = error instanceof HullcastError && error.code === 'PROCESS_FAILED' && !error.transient;
    if (own) return { problem: error.message.split('\n').at(-1) ?? error.code };
    throw error;
  }
}

async function exactSkip(
  context: StageContext,
  { picture, hashes }: CutSource,
  span: Span,
  attempt: Attempt,
  path: string,
): Promise<number | undefined> {
  const frames = span.endFrame - span.startFrame;
  for (const skipFrames of attempt.skips) {
    const chunk: FrameSource = { path, demuxer: 'mov', skipFrames, frames, fps: picture.fps };
    const found = await hashFrames(context, chunk);
    const equal = found.every((hash, i) => hash === hashes[span.startFrame + i]);
    if (found.length === frames && equal) return skipFrames;
  }
  return undefined;
}
