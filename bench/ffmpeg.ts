import { type Run, type Tools, timeLimitMs } from '../src/media/index.js';

/** Where a benchmark makes its clips. */
export interface ClipSetting {
  run: Run;
  tools: Tools;
  folder: string;
}

/** Runs ffmpeg in the folder, over about so many frames. */
export async function ffmpegIn(
  { run, tools, folder }: ClipSetting,
  frames: number,
  args: readonly string[],
): Promise<void> {
  await run({
    file: tools.ffmpeg.path,
    args: ['-v', 'error', '-nostdin', '-y', ...args],
    cwd: folder,
    timeoutMs: timeLimitMs(frames),
    signal: new AbortController().signal,
  });
}
