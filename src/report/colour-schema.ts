import { z } from 'zod';
import type { Chromaticity, HdrMetadata } from '../ingest/index.js';

const count = (what: string) => z.int().nonnegative().describe(what);
const positive = (what: string) => z.int().positive().describe(what);
const text = (what: string) => z.string().min(1).describe(what);

/** How the pictures of a master or a rendition are to be shown. */
export const colour = z.strictObject({
  primaries: text("Colour primaries, ffmpeg's name; absent where the master has no tag.").exactOptional(),
  transfer: text(
    "Transfer characteristics, ffmpeg's name; absent where the master has no tag.",
  ).exactOptional(),
  matrix: text("Matrix coefficients, ffmpeg's name; absent where the master has no tag.").exactOptional(),
  range: z.enum(['tv', 'pc']).describe('`tv`: limited range; `pc`: full range.'),
});

// Two numbers as an array: JSON schema's tuples are written differently in each of its drafts.
const chromaticity = (what: string) =>
  z.array(z.int().nonnegative()).length(2).describe(what) as unknown as z.ZodType<Chromaticity>;

/** Static metadata of an HDR picture. */
export const hdr: z.ZodType<HdrMetadata> = z.strictObject({
  masteringDisplay: z
    .strictObject({
      red: chromaticity('Red primary, CIE x and y in steps of 0.00002.'),
      green: chromaticity('Green primary.'),
      blue: chromaticity('Blue primary.'),
      white: chromaticity('White point.'),
      minLuminance: count('Black, steps of 0.0001 cd/m²; 0 where it is not known.'),
      maxLuminance: positive('Peak, steps of 0.0001 cd/m².'),
    })
    .describe('Display that the picture was graded on (SMPTE ST 2086).')
    .exactOptional(),
  contentLight: z
    .strictObject({
      maxCll: count('Brightest pixel, MaxCLL, cd/m²; 0 where it is not known.'),
      maxFall: count('Brightest frame on average, MaxFALL, cd/m²; 0 where it is not known.'),
    })
    .describe('Content light level (CTA-861.3).')
    .exactOptional(),
});
