import { z } from 'zod';
import { type AudioTrackSetting, languageTag } from '../../package/index.js';

const ROLES = ['main', 'commentary', 'description', 'clear-speech'] as const;

/** What hullcast.yaml may say of a track of the master. */
const mapping = z.strictObject({
  track: z.number().int().min(0).max(9999),
  role: z.enum(ROLES).optional(),
  lang: z
    .string()
    .refine((text) => text === 'und' || languageTag(text) !== 'und')
    .optional(),
  name: z.string().min(1).max(200).optional(),
});

const OPTIONS = ['role', 'lang', 'name'];

/** Reads `1:role=commentary,lang=en`; undefined where it is nothing of the kind. */
function parseEntry(entry: string): z.output<typeof mapping> | undefined {
  const [, track, rest] = /^(\d{1,4}):(.+)$/.exec(entry) ?? [];
  if (track === undefined || rest === undefined) return undefined;
  const pairs = rest.split(',').map((pair) => {
    const at = pair.indexOf('=');
    return [pair.slice(0, Math.max(0, at)), pair.slice(at + 1)] as const;
  });
  if (pairs.some(([name]) => !OPTIONS.includes(name))) return undefined;
  return mapping.safeParse({ track: Number(track), ...Object.fromEntries(pairs) }).data;
}

export const audioTrackSchema = z.union([
  z.string().refine((text) => parseEntry(text) !== undefined),
  mapping,
]);

/** What an entry of the configuration says of a track. */
export function audioTrackOf(entry: z.input<typeof audioTrackSchema>): AudioTrackSetting {
  const read = typeof entry === 'string' ? parseEntry(entry) : mapping.parse(entry);
  if (!read) throw new RangeError(`${entry as string} was not checked`); // the schema refuses it
  const { track, role, lang, name } = read;
  return {
    track,
    ...(role === undefined ? {} : { role }),
    ...(lang === undefined ? {} : { language: lang }),
    ...(name === undefined ? {} : { name }),
  };
}
