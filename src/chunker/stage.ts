import { masterRejected } from '../errors.js';
import { type NormalisedPicture, framesMemory } from '../ingest/index.js';
import type { Stage, StageContext } from '../pipeline/index.js';
import { complexityOf } from './complexity.js';
import { CUTS_AT_A_TIME, cutAll } from './cut-all.js';
import { cutSource } from './cut-source.js';
import { digestOfHashes } from './frame-hashes.js';
import { planShots } from './plan-shots.js';
import { type Scan, scan } from './scan.js';
import type { Chunk, ChunkParams, ChunkResult, Shot } from './types.js';

/** Frames in each process that decodes what was cut; the one that scans has fewer than these have together. */
const HELD_FRAMES = 18;

/**
 * Finds the shots of a picture and cuts each into a chunk that decodes to exactly its frames. Progress counts frames
 * twice: once scanned, once cut and verified.
 *
 * Throws SHOT_LIMITS, MASTER_FRAME_COUNT, CHUNK_INEXACT, and what running ffmpeg throws.
 */
export const chunkStage: Stage<ChunkParams, ChunkResult> = {
  name: 'chunk',
  version: 2,
  uses: ['ffmpeg'],
  memory: ({ picture }) => CUTS_AT_A_TIME * framesMemory(picture, HELD_FRAMES),
  async run(params, context) {
    const { picture } = params;
    planShots([], picture.frames, params); // refuses bad limits before the work, not after it
    const path = await context.path(picture.blob);
    const total = 2 * picture.frames;
    const scanned = await scan(context, picture, path, (done) => context.progress(done, total));
    checkFrames(picture, scanned);
    const shots = planShots(scanned.detection.cuts, picture.frames, params).map((span, index): Shot => ({
      index,
      ...span,
      complexity: complexityOf(span, scanned.detection),
    }));
    const chunks = await chunksOf(context, picture, path, scanned, shots);
    context.progress(total, total);
    return {
      shots,
      chunks,
      fps: picture.fps,
      frames: picture.frames,
      framesSha256: digestOfHashes(scanned.hashes),
    };
  },
};

function checkFrames(picture: NormalisedPicture, { hashes }: Scan): void {
  if (hashes.length === picture.frames) return;
  throw masterRejected(
    'MASTER_FRAME_COUNT',
    `the picture was said to have ${picture.frames} frames, but ${hashes.length} could be decoded`,
    'The file is damaged or cut off: export it again.',
  );
}

async function chunksOf(
  context: StageContext,
  picture: NormalisedPicture,
  path: string,
  scanned: Scan,
  shots: readonly Shot[],
): Promise<Chunk[]> {
  const only = shots.length === 1 ? shots[0] : undefined;
  if (only) return [wholePicture(picture, only)];
  const source = await cutSource(context, picture, path, scanned);
  let done = picture.frames;
  return await cutAll(context, source, shots, (shot) => {
    done += shot.endFrame - shot.startFrame;
    context.progress(done, 2 * picture.frames);
  });
}

/** The picture as the chunk of its only shot: the scan has decoded it as later stages do, so it is exact as it is. */
function wholePicture(picture: NormalisedPicture, { index, startFrame, endFrame }: Shot): Chunk {
  const { blob, demuxer, videoStream } = picture;
  return { shot: index, startFrame, endFrame, blob, demuxer, videoStream, skipFrames: 0, cut: 'copy' };
}
