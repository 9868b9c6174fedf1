import { createReadStream, createWriteStream } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { type PacketContext, groupsOf, readPackets } from '../src/encode/index.js';
import { HullcastError } from '../src/errors.js';
import { type FrameSource, frameSeconds } from '../src/media/index.js';

/** A rendition read back from its segments, without believing the report. */
export interface ShippedRendition {
  source: FrameSource;
  /** bit/s over the title and of the largest segment, from the packets. */
  averageBitrate: number;
  peakBitrate: number;
}

/** Joins init and media segments of the folder of one rendition into `to`, and counts its packets. Throws BENCH_FRAMES. */
export async function readShipped(
  context: PacketContext,
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
  const read = await readPackets(context, to);
  const frames = read.packets.length;
  if (frames !== reference.frames) {
    throw new HullcastError('BENCH_FRAMES', `${folder} has ${frames} frames instead of ${reference.frames}`);
  }
  const { starts, bits } = groupsOf(read);
  const rate = (bitCount: number, frameCount: number): number =>
    bitCount / frameSeconds(frameCount, reference.fps);
  return {
    source: { ...reference, path: to, demuxer: 'mov' },
    averageBitrate: rate(
      bits.reduce((sum, b) => sum + b, 0),
      frames,
    ),
    peakBitrate: Math.max(...bits.map((b, i) => rate(b, (starts[i + 1] ?? frames) - starts[i]!))),
  };
}
