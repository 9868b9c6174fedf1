import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../errors.js';
import { type FrameSource, ffmpeg } from '../media/index.js';
import { IMAGE_FOLDER } from '../package/index.js';
import type { StageContext } from '../pipeline/index.js';
import { animatedWebp } from './encoder.js';
import { sourceOf } from './frame-source.js';
import type { Pixels } from './pixels.js';
import { pieceArgs, pieceSource, previewArgs, stillsOf } from './preview-args.js';
import { type Size, fitted, fittedEven } from './sizes.js';
import type { ImagesParams, Piece, Preview } from './types.js';

/** Longer sides, pixels. */
const CLIP = 640;
const ANIMATION = 320;

/** The frames of a piece in the size of the clip. One at a time: decoders of large pictures take much memory. */
async function shrink(
  source: FrameSource,
  size: Size,
  pixels: Pixels,
  path: string,
  context: StageContext,
): Promise<FrameSource> {
  await ffmpeg(context.run, context.tools.ffmpeg, {
    args: pieceArgs(source, pixels, size, path),
    frames: source.frames + (source.skipFrames ?? 0),
    signal: context.signal,
    cwd: context.scratch,
  });
  return pieceSource(source, path);
}

/** Writes preview.mp4 and preview.webp of the pieces into `folder`. Throws IMAGES_FRAMES. */
export async function makePreview(
  pieces: readonly Piece[],
  { picture, chunks }: ImagesParams,
  pixels: Pixels,
  folder: string,
  context: StageContext,
): Promise<Preview> {
  const { fps } = picture;
  const clip = fittedEven(picture, CLIP);
  const sources: FrameSource[] = [];
  for (const piece of pieces) {
    const source = await sourceOf(piece, { chunks, fps }, context);
    sources.push(
      await shrink(source, clip, pixels, join(context.scratch, `piece-${sources.length}`), context),
    );
  }
  const frames = sources.reduce((sum, source) => sum + source.frames, 0);
  const stills = stillsOf(pieces, fps);
  const animation = fitted(clip, ANIMATION);
  const [mp4, webp] = [join(folder, 'preview.mp4'), join(folder, 'preview.webp')];
  const { stdout } = await ffmpeg(context.run, context.tools.ffmpeg, {
    args: previewArgs(sources, stills, animation, mp4),
    frames,
    signal: context.signal,
    cwd: context.scratch,
  });
  const height = animation.height * stills.frames.length;
  if (stdout.length !== animation.width * height * 3) {
    throw new HullcastError(
      'IMAGES_FRAMES',
      'the preview does not have the frames that it was planned with',
      {
        hint: 'The chunks do not have the frames they were found to have: encode the title again.',
      },
    );
  }
  await animatedWebp(
    { data: stdout, width: animation.width, height },
    animation.height,
    stills.frameMs,
    webp,
  );
  return {
    pieces: [...pieces],
    clip: { path: `${IMAGE_FOLDER}/preview.mp4`, ...clip, bytes: (await stat(mp4)).size, frames },
    animation: {
      ...{ path: `${IMAGE_FOLDER}/preview.webp`, ...animation, bytes: (await stat(webp)).size },
      ...{ frames: stills.frames.length, frameMs: stills.frameMs },
    },
  };
}
