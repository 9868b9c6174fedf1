import { z } from 'zod';
import type { Pooled } from '../vmaf/index.js';

/** What marking a rendition cost; `pooled` is the schema of scores. */
export function watermarkSchema<T extends z.ZodType<Pooled>>(pooled: T) {
  const vmaf = pooled.describe('Score over all frames of the title.');
  const bits = z.int().positive().describe('Bits of all packets.');
  const sha256 = z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .describe('SHA-256 of the continuous rendition.');
  const variant = z.strictObject({ vmaf, bits, sha256 });
  return z.strictObject({
    unmarked: z
      .strictObject({ vmaf, bits })
      .describe('The same encodes without marks, as the search measured them; they do not ship.'),
    a: variant.describe('Variant a, which is also what the rendition says of itself.'),
    b: variant.describe('Variant b, which ships beside it.'),
    vmafCost: z.number().describe('VMAF of the encodes without marks, less the mean of both variants.'),
    cpuSeconds: z
      .number()
      .nonnegative()
      .describe('CPU time of encoding both variants and of scoring them, seconds.'),
  });
}
