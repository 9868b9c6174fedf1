import type { Chunk } from '../chunker/index.js';
import type { FrameSource, Rational } from '../media/index.js';
import type { StageContext } from '../pipeline/index.js';
import type { Piece } from './types.js';

/** A run of frames of a title, read from the chunk that holds it. */
export async function sourceOf(
  { startFrame, endFrame }: Piece,
  { chunks, fps }: { chunks: readonly Chunk[]; fps: Rational },
  context: StageContext,
): Promise<FrameSource> {
  const chunk = chunks.find((each) => startFrame >= each.startFrame && endFrame <= each.endFrame);
  if (!chunk) throw new RangeError(`frames ${startFrame} to ${endFrame} are not in one chunk`);
  const { blob, demuxer, videoStream, skipFrames } = chunk;
  return {
    path: await context.path(blob),
    ...{ demuxer, videoStream, fps },
    skipFrames: skipFrames + startFrame - chunk.startFrame,
    frames: endFrame - startFrame,
  };
}
