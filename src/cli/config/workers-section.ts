import { z } from 'zod';
import { readBytes } from '../store/units.js';

/** How much of the machine stage runs may use. */
export const workers = z.strictObject({
  concurrency: z
    .union([z.literal('auto'), z.number().int().min(1).max(1024)])
    .meta({ allowed: 'auto, or a whole number from 1 to 1024' })
    .default('auto')
    .describe('stage runs at a time; auto is the number of cores'),
  memory: z
    .union([z.literal('auto'), z.string().regex(/^(?=.*[1-9])\d{1,6}(\.\d{1,3})?[MGT]$/)])
    .meta({ allowed: 'auto, or a size such as 8G or 1500M' })
    .default('auto')
    .describe(
      "memory that stage runs may need together; auto is 80% of the machine's or, where that is less, of the container's",
    ),
});

type Workers = z.output<typeof workers>;

/** Stage runs at a time; undefined for the number of cores. */
export function slotsOf({ concurrency }: Workers): number | undefined {
  return concurrency === 'auto' ? undefined : concurrency;
}

/** Bytes that stage runs may need together; undefined for most of what the machine has. */
export function memoryOf({ memory }: Workers): number | undefined {
  return memory === 'auto' ? undefined : readBytes(memory);
}
