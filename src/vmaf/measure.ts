import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { ffmpeg } from '../media/index.js';
import { checkFingerprints } from './fingerprint.js';
import { FILES, type GraphInput, scoreGraph, scoreOutputs, thinning } from './graph.js';
import { parseVmafLog } from './log.js';
import { probePixelFormat, scoringFormat } from './pixel-format.js';
import { pool } from './pool.js';
import { type ScoreContext, type ScoreSettings, checkSettings, frameCountError } from './request.js';
import type { Score } from './types.js';

export interface Measurement {
  /** ffmpeg arguments that go before the graph: inputs, and for the loopback the encode itself. */
  before: string[];
  encode: GraphInput;
  reference: GraphInput;
  settings: ScoreSettings;
}

/** ffmpeg arguments of a measurement, to be run in a folder that takes its files. */
export function measureArgs(measurement: Measurement, pixelFormat: string): string[] {
  const { before, encode, reference, settings } = measurement;
  const graph = scoreGraph({
    encode,
    reference,
    pixelFormat,
    size: settings.referenceSize,
    model: settings.model,
    subsample: settings.subsample,
    threads: settings.threads,
  });
  return [
    ...before,
    ...['-filter_complex_threads', String(settings.threads), '-filter_complex', graph],
    ...scoreOutputs(),
  ];
}

/**
 * Runs a measurement and reads its result. Nothing is believed that was not checked: frames of both sides, whether they
 * run in step, and which frames libvmaf scored.
 */
export async function measure(context: ScoreContext, measurement: Measurement): Promise<Score> {
  const { encode, reference, settings } = measurement;
  checkSettings(settings);
  const frames = reference.source.frames;
  if (encode.source.frames !== frames) {
    throw frameCountError(`the encode has ${encode.source.frames} frames`, frames);
  }
  const pixelFormat = scoringFormat(
    settings.referencePixelFormat ?? (await probePixelFormat(context, reference.source)),
  );
  const folder = await mkdtemp(join(context.scratch, 'vmaf-'));
  try {
    await ffmpeg(context.run, context.tools.ffmpeg, {
      args: measureArgs(measurement, pixelFormat),
      frames,
      signal: context.signal,
      cwd: folder, // file names within the filter graph would need escaping otherwise
      onProgress: (progress) => settings.onFrames?.(progress.frame),
    });
    await checkFingerprints({
      encode: join(folder, FILES.encodePrint),
      reference: join(folder, FILES.referencePrint),
      frames,
    });
    return await readScore(join(folder, FILES.log), frames, settings);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function readScore(path: string, frames: number, settings: ScoreSettings): Promise<Score> {
  const { model, subsample } = settings;
  const count = Math.ceil(frames / subsample);
  const log = parseVmafLog(await readFile(path, 'utf8'), count, thinning(subsample).factor);
  return {
    model,
    subsample,
    frames,
    frameScores: log.frameScores,
    pooled: pool(log.frameScores),
    libvmafVersion: log.libvmafVersion,
  };
}
