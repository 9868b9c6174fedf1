import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../../errors.js';
import { type FrameFormat, framesMemory } from '../../ingest/index.js';
import { type FrameSource, type Rational, ffmpeg } from '../../media/index.js';
import type { Stage } from '../../pipeline/index.js';
import { hashFrames } from '../frame-hashes.js';
import type { Chunk } from '../types.js';
import { TABLE, scaleMatrix, toneMapArgs } from './args.js';
import { type ToneMapping, cubeFile } from './lut.js';

export interface ToneMapParams {
  chunk: Pick<Chunk, 'blob' | 'demuxer' | 'videoStream' | 'skipFrames'>;
  frames: number;
  fps: Rational;
  /** ffmpeg's name of the HDR picture's matrix. */
  matrix: string;
  mapping: ToneMapping;
  /** The HDR picture's frames, by which a run says how much memory it needs; jobs of earlier versions have none. */
  picture?: FrameFormat;
}

/** An SDR chunk of the same frames, BT.709 in 8 bits, without loss. */
export type ToneMapped = Pick<Chunk, 'blob' | 'demuxer' | 'videoStream' | 'skipFrames' | 'cut'>;

/** Frames in a process that maps, of the HDR picture's size: some of them have more bits on the way. */
const HELD_FRAMES = 22;

/** The table that was made last: all chunks of a title have the same, and making it takes most of a second. */
let last: { key: string; table: string } | undefined;

/** The file of a mapping's table, for ffmpeg's filter lut3d. */
export function tableOf(mapping: ToneMapping): string {
  const key = `${mapping.range} ${mapping.primaries} ${mapping.peak}`;
  if (last?.key !== key) last = { key, table: cubeFile(mapping) };
  return last.table;
}

/**
 * Makes an SDR chunk of an HDR one, so that codecs without HDR get the same shots of the same frames. Every frame is mapped
 * alike, whatever its own light: a map that followed the picture would pump. Throws TONE_MAP_MATRIX,
 * TONE_MAP_FRAMES and as ffmpeg does.
 */
export const toneMapStage: Stage<ToneMapParams, ToneMapped> = {
  name: 'tone-map',
  version: 1,
  uses: ['ffmpeg'],
  memory: ({ picture }) => (picture ? framesMemory(picture, HELD_FRAMES) : 0),
  async run({ chunk, frames, fps, matrix, mapping }, context) {
    const scaler = scaleMatrix(matrix);
    if (scaler === undefined) {
      throw new HullcastError('TONE_MAP_MATRIX', `HDR with the matrix ${matrix} cannot be tone-mapped`, {
        hint: 'Export it with BT.2020 non-constant luminance, or encode with --codecs hevc,av1 alone.',
      });
    }
    const { demuxer, videoStream, skipFrames } = chunk;
    const path = await context.path(chunk.blob);
    const source: FrameSource = { path, demuxer, videoStream, skipFrames, frames, fps };
    const output = join(context.scratch, 'sdr.mp4');
    await writeFile(join(context.scratch, TABLE), tableOf(mapping));
    await ffmpeg(context.run, context.tools.ffmpeg, {
      args: toneMapArgs(source, scaler, output),
      frames,
      signal: context.signal,
      cwd: context.scratch,
      onProgress: ({ frame }) => context.progress(frame, frames),
    });
    const hashes = await hashFrames(context, { path: output, demuxer: 'mov', frames: frames + 1, fps });
    if (hashes.length !== frames) {
      throw new HullcastError(
        'TONE_MAP_FRAMES',
        `a tone-mapped chunk has ${hashes.length} frames instead of ${frames}`,
      );
    }
    return {
      blob: await context.keep(output),
      demuxer: 'mov',
      videoStream: 0,
      skipFrames: 0,
      cut: 'lossless',
    };
  },
};
