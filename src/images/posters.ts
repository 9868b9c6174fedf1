import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { HullcastError } from '../errors.js';
import { ffmpeg } from '../media/index.js';
import { IMAGE_FOLDER } from '../package/index.js';
import type { StageContext } from '../pipeline/index.js';
import { posterFiles } from './encoder.js';
import { sourceOf } from './frame-source.js';
import type { Judged } from './judge.js';
import type { Pixels } from './pixels.js';
import { rounded } from './rounded.js';
import { frameArgs } from './scan-args.js';
import { type Size, posterSizes } from './sizes.js';
import type { ImageFile, ImagesParams, Poster } from './types.js';

/** Reads one frame of the title in its largest poster size. Throws IMAGES_FRAMES. */
async function readFrame(
  frame: number,
  size: Size,
  params: ImagesParams,
  pixels: Pixels,
  context: StageContext,
): Promise<Uint8Array> {
  const { chunks, picture } = params;
  const piece = { startFrame: frame, endFrame: frame + 1 };
  const source = await sourceOf(piece, { chunks, fps: picture.fps }, context);
  const { stdout } = await ffmpeg(context.run, context.tools.ffmpeg, {
    args: frameArgs(source, pixels, size),
    frames: (source.skipFrames ?? 0) + 1,
    signal: context.signal,
    cwd: context.scratch,
  });
  if (stdout.length !== size.width * size.height * 3) {
    throw new HullcastError('IMAGES_FRAMES', `frame ${frame} could not be read from its chunk`, {
      hint: 'The chunk does not have the frames it was found to have: encode the title again.',
    });
  }
  return stdout;
}

/** Writes the posters of the chosen frames into `folder`, poster 1 the first. */
export async function makePosters(
  chosen: readonly Judged[],
  params: ImagesParams,
  pixels: Pixels,
  folder: string,
  context: StageContext,
): Promise<Poster[]> {
  const sizes = posterSizes(params.picture);
  const posters: Poster[] = [];
  for (const [index, { frame, shot, score, faults, merits }] of chosen.entries()) {
    const [largest] = sizes as [Size, ...Size[]];
    const data = await readFrame(frame, largest, params, pixels, context);
    const files: ImageFile[] = [];
    for (const size of sizes) {
      const name = `poster-${index + 1}-${Math.max(size.width, size.height)}`;
      const [jpeg, webp] = [`${name}.jpg`, `${name}.webp`];
      await posterFiles({ data, ...largest }, size, { jpeg: join(folder, jpeg), webp: join(folder, webp) });
      for (const file of [jpeg, webp]) {
        const { size: bytes } = await stat(join(folder, file));
        files.push({ path: `${IMAGE_FOLDER}/${file}`, ...size, bytes });
      }
    }
    const good = faults.length === 0;
    posters.push({ frame, shot, score: rounded(score), good, faults, merits: rounded(merits), files });
  }
  return posters;
}
