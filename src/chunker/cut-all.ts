import pLimit from 'p-limit';
import type { StageContext } from '../pipeline/index.js';
import { type CutFile, cutShot } from './cut.js';
import type { CutSource } from './cut-source.js';
import type { Chunk, Shot } from './types.js';

/** Chunks cut at once. Each is one copy and one decoding on one thread. */
export const CUTS_AT_A_TIME = 2;

/**
 * Cuts all shots. When one fails the others are ended and awaited, so that nothing writes to the scratch folder
 * afterwards, and its error is thrown.
 */
export async function cutAll(
  context: StageContext,
  source: CutSource,
  shots: readonly Shot[],
  onShot: (shot: Shot) => void,
): Promise<Chunk[]> {
  const stop = new AbortController();
  const own = { ...context, signal: AbortSignal.any([context.signal, stop.signal]) };
  const limit = pLimit(CUTS_AT_A_TIME);
  let failure: { error: unknown } | undefined;
  const cutOne = async (shot: Shot): Promise<Chunk[]> => {
    if (failure) return [];
    try {
      const file = await cutShot(own, source, `shot-${shot.index}`, shot);
      const chunk = await keepChunk(context, shot, file);
      onShot(shot);
      return [chunk];
    } catch (error) {
      failure ??= { error }; // the first one counts: those after it were cancelled because of it
      stop.abort();
      return [];
    }
  };
  const chunks = await Promise.all(shots.map((shot) => limit(cutOne, shot)));
  if (failure) throw failure.error;
  return chunks.flat();
}

async function keepChunk(context: StageContext, shot: Shot, file: CutFile): Promise<Chunk> {
  return {
    shot: shot.index,
    startFrame: shot.startFrame,
    endFrame: shot.endFrame,
    blob: await context.keep(file.path),
    demuxer: 'mov',
    videoStream: 0,
    skipFrames: file.skipFrames,
    cut: file.cut,
  };
}
