import { findTools } from '../media/index.js';
import type { TitleOptions, TitleSetting } from '../title/index.js';
import { type Config, subsampleOf } from './config.js';
import type { CommandContext } from './context.js';
import { type Display, createDisplay } from './display.js';
import { HULLCAST_VERSION } from './version.js';

/** What of the configuration decides a title. */
export function titleOptions({ encode, chunk, score, audio, ingest }: Config): TitleOptions {
  const { maxHeight, maxBitrate } = encode;
  return {
    codec: encode.codecs[0]!,
    preset: encode.preset,
    speed: encode.speed,
    allocate: encode.allocate,
    segmentSeconds: encode.segmentSeconds,
    maxChunkSeconds: chunk.maxSeconds,
    ...(maxHeight === undefined ? {} : { maxHeight }),
    ladder: {
      topVmaf: encode.targetVmaf,
      bottomVmaf: encode.minVmaf,
      stepVmaf: encode.stepVmaf,
      stepRatio: encode.stepRatio,
      peakRatio: encode.peakRatio,
      floorDrop: encode.floorDrop,
      ...(maxBitrate === undefined ? {} : { maxBitrate }),
    },
    subsample: subsampleOf(score),
    neg: score.neg,
    ...(audio.normaliseLufs === undefined ? {} : { normaliseLufs: audio.normaliseLufs }),
    limits: ingest,
  };
}

/** Runs work on a title with a display of its stages, which is closed before anything else is printed. */
export async function withDisplay<T>(
  context: CommandContext,
  config: Config,
  work: (setting: TitleSetting) => Promise<T>,
): Promise<T> {
  const tools = await findTools(context.run, context.env);
  const { concurrency } = config.workers;
  const display: Display = createDisplay(context);
  try {
    return await work({
      tools,
      home: config.home,
      ...(concurrency === undefined ? {} : { slots: concurrency }),
      log: context.log,
      signal: context.signal,
      onEvent: (event) => display.event(event),
      hullcastVersion: HULLCAST_VERSION,
    });
  } finally {
    display.close();
  }
}
