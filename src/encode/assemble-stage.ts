import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../errors.js';
import {
  BITEXACT_OUTPUT,
  type Rational,
  ffmpeg,
  frameSeconds,
  timescaleArgs,
  timescaleOf,
} from '../media/index.js';
import type { BlobRef, Stage } from '../pipeline/index.js';
import { groupsOf, readPackets } from './packets.js';
import { correctVp9Level } from './vp9-level.js';

export interface AssembleParams {
  fps: Rational;
  /** The rung's chunks in order. */
  chunks: { blob: BlobRef; frames: number; bits: number; parameterSets: string }[];
  /** First frames of all segments of the title. */
  segmentStarts: number[];
}

export interface Assembled {
  blob: BlobRef;
  frames: number;
  /** Bits of all packets. */
  bits: number;
  /** Average and largest segment's bit rate, bit/s. */
  averageBitrate: number;
  peakBitrate: number;
}

/**
 * The concat script of a rung. Durations are microseconds there: each is the difference of two rounded ends, so the
 * rounding never adds up over a long title.
 */
export function concatScript(chunks: readonly { file: string; frames: number }[], fps: Rational): string {
  let frames = 0;
  const end = (): number => Math.round(frameSeconds(frames, fps) * 1e6);
  const lines = chunks.map(({ file, frames: own }) => {
    const from = end();
    frames += own;
    return `file 'file:${file.replaceAll("'", `'\\''`)}'\nduration ${end() - from}us\n`;
  });
  return `ffconcat version 1.0\n${lines.join('')}`;
}

/**
 * Joins a rung's chunks into one continuous file without touching a packet, and reads back that it is that. (Without
 * auto_convert=0 ffmpeg would put parameter sets into the first packet of every chunk.)
 */
export const assembleStage: Stage<AssembleParams, Assembled> = {
  name: 'assemble',
  version: 2,
  uses: ['ffmpeg', 'ffprobe'],
  async run(params, context) {
    const { fps, chunks, segmentStarts } = params;
    const sets = new Set(chunks.map((chunk) => chunk.parameterSets));
    if (sets.size !== 1) {
      throw new HullcastError(
        'ASSEMBLE_PARAMETER_SETS',
        `the chunks of a rung have ${sets.size} different headers`,
        {
          hint: 'Another version of the encoder may do that: use the ffmpeg that hullcast brings (unset HULLCAST_FFMPEG).',
        },
      );
    }
    const files = await Promise.all(
      chunks.map(async ({ blob, frames }) => ({ file: await context.path(blob), frames })),
    );
    const script = join(context.scratch, 'chunks.ffconcat');
    const output = join(context.scratch, 'rendition.mp4');
    await writeFile(script, concatScript(files, fps));
    const frames = chunks.reduce((sum, chunk) => sum + chunk.frames, 0);
    const { timescale, frameTicks } = timescaleOf(fps);
    await ffmpeg(context.run, context.tools.ffmpeg, {
      args: [
        ...[
          '-protocol_whitelist',
          'file',
          '-f',
          'concat',
          '-safe',
          '0',
          '-auto_convert',
          '0',
          '-i',
          `file:${script}`,
        ],
        // ffmpeg does not read the place of chroma from VP9's configuration box, and would write another one.
        ...['-map', '0:v:0', '-c', 'copy', '-chroma_sample_location', 'left', ...timescaleArgs(fps)],
        ...BITEXACT_OUTPUT,
        ...['-movflags', '+faststart', '-f', 'mp4', `file:${output}`],
      ],
      frames,
      signal: context.signal,
      onProgress: ({ frame }) => context.progress(frame, frames),
    });

    await correctVp9Level(output, fps);
    const read = await readPackets(context, output);
    const expected = Array.from({ length: frames }, (_, i) => i * frameTicks);
    const ticks = read.packets.map((packet) => packet.pts);
    if (
      read.timescale !== timescale ||
      ticks.length !== frames ||
      ticks.some((pts, i) => pts !== expected[i])
    ) {
      throw new HullcastError(
        'ASSEMBLE_FRAMES',
        `the joined rendition has ${ticks.length} frames, or gaps, instead of ${frames} even ones`,
      );
    }
    const { starts, bits } = groupsOf(read);
    if (starts.join() !== segmentStarts.join() || read.parameterSets !== chunks[0]!.parameterSets) {
      throw new HullcastError(
        'ASSEMBLE_KEY_FRAMES',
        'the joined rendition has other key frames or headers than its chunks',
      );
    }
    const total = bits.reduce((sum, b) => sum + b, 0);
    const expectedBits = chunks.reduce((sum, chunk) => sum + chunk.bits, 0);
    if (total !== expectedBits) {
      throw new HullcastError(
        'ASSEMBLE_PACKETS',
        `the joined rendition has ${total} bits of packets, its chunks have ${expectedBits}`,
      );
    }
    const lengths = segmentStarts.map((start, i) => (segmentStarts[i + 1] ?? frames) - start);
    return {
      blob: await context.keep(output),
      frames,
      bits: total,
      averageBitrate: Math.round(total / frameSeconds(frames, fps)),
      peakBitrate: Math.round(Math.max(...bits.map((b, i) => b / frameSeconds(lengths[i]!, fps)))),
    };
  },
};
