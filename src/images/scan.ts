import { FrameReader } from '../chunker/index.js';
import { HullcastError } from '../errors.js';
import { type FrameSource, ffmpeg } from '../media/index.js';
import type { StageContext } from '../pipeline/index.js';
import { type Grid, frameAt, timesIn } from './grid.js';
import type { Sample } from './judge.js';
import { lookOf } from './likeness.js';
import { measure } from './measure.js';
import type { Pixels } from './pixels.js';
import { scanArgs } from './scan-args.js';
import type { SheetWriter } from './sheets.js';
import type { Size } from './sizes.js';

/**
 * Decodes the picture once: every frame of the grid is measured, and those of thumbnails go to `sheets`. Frames are
 * looked at as they come, and not kept. Throws IMAGES_FRAMES and as ffmpeg does.
 */
export async function scan(
  source: FrameSource,
  grid: Grid,
  pixels: Pixels,
  tile: Size,
  sheets: SheetWriter | undefined,
  context: StageContext,
): Promise<Sample[]> {
  const { frames, fps } = source;
  const { width, height } = tile;
  const samples: Sample[] = [];
  const reader = new FrameReader(width * height * 3, (rgb) => {
    const time = samples.length;
    const frame = frameAt(time, grid, fps);
    samples.push({ frame, measures: measure(rgb, width, height), look: lookOf(rgb, width, height) });
    if (time % grid.divisions === 0) sheets?.push(rgb);
    context.progress(Math.min(frame, frames), frames);
  });
  await ffmpeg(context.run, context.tools.ffmpeg, {
    args: scanArgs(source, grid, pixels, tile),
    frames,
    signal: context.signal,
    cwd: context.scratch,
    onStdout: (data) => reader.push(data),
  });
  const expected = timesIn(frames, grid, fps);
  if (samples.length !== expected) {
    throw new HullcastError(
      'IMAGES_FRAMES',
      `${samples.length} frames came for the images instead of ${expected}`,
      {
        hint: 'The normalised picture does not have the frames it was found to have: encode the title again.',
      },
    );
  }
  return samples;
}
