import { createHash } from 'node:crypto';
import { type FrameSource, ffmpeg, sourceArgs, sourceFilter, sourceStream } from '../media/index.js';
import type { StageContext } from '../pipeline/index.js';

/**
 * Output options that hash decoded frames, one line each. Murmur3's 128 bits tell frames apart by accident, not by
 * malice, which is all that is asked of them, and cost a quarter of the decoding where MD5 costs as much as decoding.
 */
export const HASH_OUTPUT = [
  '-fps_mode',
  'passthrough',
  '-c:v',
  'rawvideo',
  '-f',
  'framehash',
  '-hash',
  'murmur3',
];

/** The hashes that ffmpeg's framehash muxer wrote, in order; comment lines are left out. */
export function parseFrameHashes(text: string): string[] {
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return lines.map((line) => line.slice(line.lastIndexOf(',') + 1).trim());
}

/** One digest for all frames: SHA-256 over the hashes, one a line, each line ended. */
export function digestOfHashes(hashes: readonly string[]): string {
  const digest = createHash('sha256');
  for (const hash of hashes) digest.update(`${hash}\n`);
  return digest.digest('hex');
}

export function hashArgs(source: FrameSource): string[] {
  return [
    ...sourceArgs(source),
    '-map',
    sourceStream(source),
    '-vf',
    sourceFilter(source),
    ...HASH_OUTPUT,
    '-',
  ];
}

/** Decodes a source as every later stage does, and hashes its frames. Throws as Run does. */
export async function hashFrames(context: StageContext, source: FrameSource): Promise<string[]> {
  const result = await ffmpeg(context.run, context.tools.ffmpeg, {
    args: hashArgs(source),
    frames: (source.skipFrames ?? 0) + source.frames,
    signal: context.signal,
  });
  return parseFrameHashes(result.stdout.toString('utf8'));
}
