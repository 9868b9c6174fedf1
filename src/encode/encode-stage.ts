import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../errors.js';
import { type FrameSource, ffmpeg } from '../media/index.js';
import type { Stage, StageContext } from '../pipeline/index.js';
import { scoreFiles } from '../vmaf/index.js';
import { deriveKeys, keyIdOf, otherKey, patternFrames, readWatermarkKey } from '../watermark/index.js';
import { chunkArgs, passesOf } from './chunk-args.js';
import { gopStarts } from './gop.js';
import { encodeMemory } from './memory.js';
import { groupsOf, readPackets } from './packets.js';
import type { EncodedChunk, EncodeParams } from './types.js';

/**
 * Encodes one chunk with its final settings and scores the file that came out: a probe and a deliverable at once, so
 * a probe that a rung takes is never encoded again.
 */
export const encodeStage: Stage<EncodeParams, EncodedChunk> = {
  name: 'encode',
  version: 1,
  uses: ['ffmpeg', 'ffprobe'],
  memory: encodeMemory,
  async run(params, context) {
    const source: FrameSource = {
      path: await context.path(params.source.blob),
      demuxer: params.source.demuxer,
      videoStream: params.source.videoStream,
      skipFrames: params.source.skipFrames,
      frames: params.source.frames,
      fps: params.source.fps,
    };
    const output = join(context.scratch, 'chunk.mp4');
    const passes = passesOf(params.codec, join(context.scratch, 'pass'));
    const patterns = await writePatterns(params, context);
    let encodeSeconds = 0;
    for (const [index, pass] of passes.entries()) {
      const { usage } = await ffmpeg(context.run, context.tools.ffmpeg, {
        args: chunkArgs(params, source, output, pass, patterns),
        frames: source.frames,
        signal: context.signal,
        // Encoding is the first half of the work, scoring the second.
        onProgress: ({ frame }) =>
          context.progress((index * source.frames + frame) / (2 * passes.length), source.frames),
      });
      encodeSeconds += usage.cpuSeconds;
    }
    const checked = await checkEncode(params, context, output);
    let scoreSeconds = 0;
    const { pixelFormat: referencePixelFormat, ...referenceSize } = params.reference;
    const score = await scoreFiles(
      {
        ...context,
        run: async (request) => {
          const result = await context.run(request);
          scoreSeconds += result.usage.cpuSeconds;
          return result;
        },
      },
      {
        encode: { path: output, demuxer: 'mov', frames: source.frames, fps: source.fps },
        reference: source,
        ...{
          referenceSize,
          referencePixelFormat,
          model: params.model,
          subsample: params.subsample,
          threads: 1,
        },
        onFrames: (frames) => context.progress((source.frames + frames) / 2, source.frames),
      },
    );
    return {
      blob: await context.keep(output),
      frames: source.frames,
      ...checked,
      score,
      cpuSeconds: { encode: encodeSeconds, score: scoreSeconds },
    };
  },
};

/** The same stage in a queue, and on a line of the display, of its own: what the search asks for to look. */
export const probeStage: Stage<EncodeParams, EncodedChunk> = {
  ...encodeStage,
  name: 'probe',
  artifact: encodeStage.name,
};

/**
 * Writes the patterns of a chunk that is to be marked, made with the master key that this process has; gives their file.
 * Throws WATERMARK_KEY and WATERMARK_KEY_OTHER.
 */
async function writePatterns(
  { watermark, source, gopFrames }: EncodeParams,
  { scratch }: StageContext,
): Promise<string | undefined> {
  if (!watermark) return undefined;
  const master = await readWatermarkKey(process.env);
  const { variant, keyId, salt, firstSegment } = watermark;
  if (keyIdOf(master) !== keyId) throw otherKey(keyId, master);
  const segments = gopStarts(0, source.frames, gopFrames).length;
  const path = join(scratch, 'patterns.yuv');
  await writeFile(path, patternFrames(deriveKeys(master, salt).pattern, variant, firstSegment, segments));
  return path;
}

/** Reads the encode back: every frame is there, key frames lie where they were planned and nowhere else. */
async function checkEncode(
  params: EncodeParams,
  context: StageContext,
  output: string,
): Promise<Pick<EncodedChunk, 'bits' | 'gopBits' | 'parameterSets'>> {
  const read = await readPackets(context, output);
  const { frames } = params.source;
  if (read.packets.length !== frames) {
    throw new HullcastError(
      'ENCODE_FRAME_COUNT',
      `an encode has ${read.packets.length} frames instead of ${frames}`,
    );
  }
  const { starts, bits } = groupsOf(read);
  const planned = gopStarts(0, frames, params.gopFrames);
  if (starts.join() !== planned.join()) {
    throw new HullcastError(
      'ENCODE_KEY_FRAMES',
      `key frames at ${starts.join()} instead of ${planned.join()}`,
    );
  }
  return { bits: bits.reduce((sum, b) => sum + b, 0), gopBits: bits, parameterSets: read.parameterSets };
}
