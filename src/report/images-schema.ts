import { z } from 'zod';
import type { Fault, ImageFile, Poster, Preview, TitleImages } from '../images/index.js';

const count = (what: string) => z.int().nonnegative().describe(what);
const pixels = (what: string) => z.int().positive().describe(what);
const share = (what: string) => z.number().min(0).max(1).describe(what);
const path = (what: string) => z.string().min(1).describe(what);

const fileShape = {
  path: path("Path in the title's folder."),
  width: pixels('Width, pixels.'),
  height: pixels('Height, pixels.'),
  bytes: count('Size, bytes.'),
};
const file: z.ZodType<ImageFile> = z.strictObject(fileShape);

const FAULTS = ['dark', 'bright', 'plain', 'bars', 'fade', 'cut'] as const satisfies readonly Fault[];

const poster: z.ZodType<Poster> = z.strictObject({
  frame: count('Frame of the title.'),
  shot: count('Shot that the frame is in.'),
  score: share('How good a poster the frame makes; see docs/images.md.'),
  good: z.boolean().describe('False where no frame of the title is without faults.'),
  faults: z.array(z.enum(FAULTS)).describe('What is wrong with the frame.'),
  merits: z
    .strictObject({
      light: share('Neither too dark nor too bright, with contrast.'),
      sharpness: share('Sharpness.'),
      texture: share('Share of the picture that has detail.'),
      colour: share('Colourfulness.'),
      skin: share('Pixels of the colours of skin: a guess at people.'),
    })
    .describe('What the score was made of.'),
  files: z.array(file).min(1).describe('Each size as JPEG and as WebP, the largest first.'),
});

const preview: z.ZodType<Preview> = z.strictObject({
  pieces: z
    .array(
      z.strictObject({
        startFrame: count('First frame of the piece.'),
        endFrame: pixels('Frame after its last one.'),
      }),
    )
    .min(1)
    .describe('What the preview was cut from, in order.'),
  clip: z
    .strictObject({ ...fileShape, frames: pixels('Number of frames.') })
    .describe('H.264 without sound, at the frame rate of the title.'),
  animation: z
    .strictObject({
      ...fileShape,
      frames: pixels('Number of pictures.'),
      frameMs: pixels('Time that each is shown, milliseconds.'),
    })
    .describe('Animated WebP that repeats.'),
});

/** What report.json says of a title's images. */
export const imagesSchema: z.ZodType<TitleImages> = z.strictObject({
  thumbnails: z
    .strictObject({
      width: pixels('Width of a thumbnail, pixels.'),
      height: pixels('Height of a thumbnail, pixels.'),
      columns: pixels('Thumbnails in a row of a sheet.'),
      rows: pixels('Rows of a sheet.'),
      intervalSeconds: z.number().positive().describe('Time from one thumbnail to the next, seconds.'),
      count: pixels('Number of thumbnails.'),
      sheets: z.array(path('Path of a sheet.')).min(1).describe('Sheets in order.'),
      bytes: count('Size of all sheets, bytes.'),
      storyboard: path('Path of the WebVTT storyboard.'),
      playlist: path('Path of the HLS image playlist.'),
    })
    .describe('Thumbnails; absent where none were asked for.')
    .exactOptional(),
  posters: z.array(poster).describe('Candidates for a poster, the best first.'),
  preview: preview.describe('What shows the title in motion.'),
});
