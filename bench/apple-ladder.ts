import { mkdir, rm } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  APPLE_H264,
  type FixedLadderRequest,
  encodeFixedLadder,
  rungsFor,
  twoPassArgs,
} from './baseline/index.js';
import { type JudgedRung, type Reference, everyFrame } from './judge.js';
import { kept } from './kept.js';
import { type BenchSetting, say } from './setting.js';

export interface AppleLadder {
  /** Empty where the master is smaller than the least rung. */
  rungs: JudgedRung[];
  /** CPU of both passes of every rung, seconds; scoring is not in it. */
  cpuSeconds: number;
}

/** Apple's fixed ladder of an item, encoded from the same pictures that the pipeline encodes; made once and kept. */
export async function appleLadder(
  setting: BenchSetting,
  folder: string,
  reference: Reference,
): Promise<AppleLadder> {
  const { tools, run, preset } = setting;
  const rungs = rungsFor(APPLE_H264, reference.size);
  const scratch = join(folder, 'apple');
  const settings = { source: { ...reference.source, path: '' }, sourceSize: reference.size, preset };
  const from = {
    reference: reference.sha256,
    ffmpeg: tools.ffmpeg.version,
    args: rungs.map((rung) => twoPassArgs(2, { ...settings, rung, passlog: '', output: '' })),
  };
  return kept(join(folder, 'apple.json'), from, async () => {
    if (rungs.length === 0) return { rungs: [], cpuSeconds: 0 };
    say(`Apple’s fixed ladder, two passes, ${rungs.length} rungs`);
    await rm(scratch, { recursive: true, force: true });
    await mkdir(scratch, { recursive: true });
    const request: FixedLadderRequest = {
      ...{ tools, run, scratch, preset, rungs },
      master: reference.source,
      masterSize: reference.size,
      concurrency: availableParallelism(),
      score: (encode) => everyFrame(setting, folder, reference, encode),
      onRung: ({ rung: { resolution, bitrate }, score: { pooled } }) =>
        say(`  ${resolution.height}p ${bitrate / 1000} kbit/s: VMAF ${pooled.mean.toFixed(2)}`),
    };
    const made = await encodeFixedLadder(request);
    await rm(scratch, { recursive: true });
    return {
      rungs: made.map(({ rung: { resolution }, averageBitrate, peakBitrate, score: { pooled } }) => ({
        ...{ codec: 'h264', ...resolution, averageBitrate, peakBitrate },
        vmaf: pooled.mean,
      })),
      cpuSeconds: made.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0),
    };
  });
}
