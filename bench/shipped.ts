import { createReadStream, createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';
import { HullcastError } from '../src/errors.js';
import { type FrameSource, ffprobe, frameSeconds } from '../src/media/index.js';
import type { ScoreContext } from '../src/vmaf/index.js';

/** A rendition read back from its segments, without believing the report. */
export interface ShippedRendition {
  source: FrameSource;
  /** bit/s over the title and of the largest segment, from the packets. */
  averageBitrate: number;
  peakBitrate: number;
}

const Packets = z.object({ packets: z.array(z.object({ size: z.string(), flags: z.string() })) });

/** Joins init and media segments of the folder of one rendition into `to`, and counts its packets. Throws BENCH_FRAMES. */
export async function readShipped(
  { run, tools }: Pick<ScoreContext, 'run' | 'tools'>,
  folder: string,
  reference: FrameSource,
  to: string,
): Promise<ShippedRendition> {
  const segments = (await readdir(folder))
    .filter((name) => name.endsWith('.m4s'))
    .sort((a, b) => parseInt(a, 10) - parseInt(b, 10));
  for (const [i, name] of ['init.mp4', ...segments].entries()) {
    await pipeline(
      createReadStream(join(folder, name)),
      createWriteStream(to, { flags: i === 0 ? 'w' : 'a' }),
    );
  }
  const show = ['-select_streams', 'v:0', '-show_entries', 'packet=size,flags'];
  const { packets } = Packets.parse(await ffprobe(run, tools.ffprobe, { path: to, demuxer: 'mov', show }));
  if (packets.length !== reference.frames) {
    throw new HullcastError(
      'BENCH_FRAMES',
      `${folder} has ${packets.length} frames instead of ${reference.frames}`,
    );
  }
  const groups: { bits: number; frames: number }[] = [];
  for (const { size, flags } of packets) {
    if (flags.startsWith('K') || groups.length === 0) groups.push({ bits: 0, frames: 0 });
    const group = groups[groups.length - 1]!;
    group.bits += Number(size) * 8;
    group.frames += 1;
  }
  const rate = (bits: number, frames: number): number => bits / frameSeconds(frames, reference.fps);
  return {
    source: { ...reference, path: to, demuxer: 'mov' },
    averageBitrate: rate(
      groups.reduce((sum, { bits }) => sum + bits, 0),
      packets.length,
    ),
    peakBitrate: Math.max(...groups.map(({ bits, frames }) => rate(bits, frames))),
  };
}
