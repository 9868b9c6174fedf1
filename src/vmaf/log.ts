import { z } from 'zod';
import { HullcastError } from '../errors.js';

const LOG = z.object({
  version: z.string().min(1),
  frames: z.array(
    z.object({ frameNum: z.number().int(), metrics: z.object({ vmaf: z.number().min(0).max(100) }) }),
  ),
});

export interface VmafLog {
  libvmafVersion: string;
  /** One score a scored frame, in order. */
  frameScores: number[];
}

/**
 * Reads libvmaf's JSON log of a run that was given frames 0, 1, 2 … and scored every `factor`th. Throws SCORE_LOG where
 * it is no such log, or has not exactly `count` scores at 0, factor, 2 factor …
 */
export function parseVmafLog(text: string, count: number, factor: number): VmafLog {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (cause) {
    throw new HullcastError('SCORE_LOG', "libvmaf's log is no JSON", { cause });
  }
  const parsed = LOG.safeParse(json);
  if (!parsed.success) {
    throw new HullcastError(
      'SCORE_LOG',
      `libvmaf's log is not as expected: ${z.prettifyError(parsed.error)}`,
    );
  }
  const { version, frames } = parsed.data;
  if (frames.length !== count || frames.some((frame, index) => frame.frameNum !== index * factor)) {
    const found = frames.map((frame) => frame.frameNum);
    const last = found.at(-1) ?? 'none';
    throw new HullcastError(
      'SCORE_LOG',
      `libvmaf scored ${found.length} frames, the last number ${last}, instead of ${count} in steps of ${factor}`,
    );
  }
  return { libvmafVersion: version, frameScores: frames.map((frame) => frame.metrics.vmaf) };
}
