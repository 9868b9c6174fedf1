import { z } from 'zod';

const entrySchema = z.object({
  /** When, ISO 8601 in UTC. */
  time: z.iso.datetime(),
  /** Of the machine. */
  host: z.string(),
  /** Of the key service, e.g. `built in`. */
  service: z.string(),
  /** What for; `rotate`: it was wrapped by another master key. */
  purpose: z.enum(['package', 'verify', 'license', 'rotate']),
  /** Who: e.g. a title's id, or a session's. */
  subject: z.string(),
  contentId: z.string(),
  keys: z.array(z.object({ kid: z.string(), label: z.string() })),
});

/** One use of keys. There is no secret in it. */
export type AuditEntry = z.infer<typeof entrySchema>;

/** A line of the trail; undefined where it is damaged. */
export function parseEntry(line: string): AuditEntry | undefined {
  try {
    return entrySchema.safeParse(JSON.parse(line)).data;
  } catch {
    return undefined; // no JSON: damaged, as readTrail() tells
  }
}
