import { resolve } from 'node:path';
import { z } from 'zod';
import { badUsage } from '../../errors.js';
import { type Rational, parseRational } from '../../media/index.js';
import { languageTag } from '../../package/index.js';
import { isEncoding } from '../../text/index.js';
import type { TextFile } from '../../title/index.js';

/** Rates that people write as decimals. */
const DECIMALS: Readonly<Record<string, string>> = {
  '23.976': '24000/1001',
  '23.98': '24000/1001',
  '29.97': '30000/1001',
  '47.952': '48000/1001',
  '59.94': '60000/1001',
};

function rateOf(text: string): Rational | undefined {
  const rate = parseRational(DECIMALS[text] ?? text);
  return rate && rate.num > 0 && rate.num / rate.den <= 240 ? rate : undefined;
}

const isLanguage = (text: string): boolean => text === 'und' || languageTag(text) !== 'und';

/** A text file as hullcast.yaml may describe it. */
export const textFileSchema = z.strictObject({
  file: z.string().min(1),
  lang: z.string().refine(isLanguage).optional(),
  name: z.string().min(1).max(200).optional(),
  sdh: z.boolean().optional(),
  forced: z.boolean().optional(),
  default: z.boolean().optional(),
  encoding: z.string().refine(isEncoding).optional(),
  start: z.string().min(1).max(40).optional(),
  fps: z
    .union([z.string(), z.number()])
    .transform(String)
    .refine((text) => rateOf(text) !== undefined)
    .optional(),
});

export type TextFileEntry = z.output<typeof textFileSchema>;

const VALUES = ['lang', 'name', 'encoding', 'start', 'fps'] as const;
const SWITCHES = ['sdh', 'forced', 'default'] as const;
type Options = Omit<TextFileEntry, 'file'>;

const isOneOf = <T extends string>(names: readonly T[], name: string): name is T =>
  (names as readonly string[]).includes(name);

/** What one option says; undefined where it is none. */
function readOption(text: string): Options | undefined {
  if (isOneOf(SWITCHES, text)) return { [text]: true };
  const at = text.indexOf('=');
  const name = text.slice(0, Math.max(0, at));
  return isOneOf(VALUES, name) && at + 1 < text.length ? { [name]: text.slice(at + 1) } : undefined;
}

function refused(entry: string, why: string): Error {
  return badUsage(
    'TEXT_OPTION',
    `${JSON.stringify(entry)} ${why}`,
    'Write FILE:lang=fr,name=…,sdh,forced,default,encoding=…,start=01:00:00:00,fps=25 (docs/text.md).',
  );
}

/**
 * Reads `FILE[:option[,option…]]`. A name may have colons: options begin behind the last colon that only options follow.
 * Throws TEXT_OPTION where some of what follows is an option and some is not.
 */
export function parseTextEntry(entry: string): TextFileEntry {
  const tails = entry
    .split('')
    .flatMap((character, colon) => (character === ':' && colon > 0 ? [colon] : []));
  let partly: string | undefined;
  for (const colon of tails.reverse()) {
    const words = entry.slice(colon + 1).split(',');
    const options = words.map(readOption);
    const wrong = words.filter((_, index) => options[index] === undefined);
    if (wrong.length === 0) {
      return checked(entry, {
        file: entry.slice(0, colon),
        ...Object.assign({}, ...options),
      } as TextFileEntry);
    }
    if (wrong.length < words.length) partly ??= wrong.join(', ');
  }
  if (partly !== undefined) throw refused(entry, `has options that are none: ${partly}`);
  return checked(entry, { file: entry });
}

function checked(entry: string, described: TextFileEntry): TextFileEntry {
  const parsed = textFileSchema.safeParse(described);
  if (parsed.success) return parsed.data;
  const wrong = [...new Set(parsed.error.issues.map(({ path }) => String(path[0])))];
  throw refused(entry, `has values that are not allowed: ${wrong.join(', ')}`);
}

/** Entries of the configuration with absolute paths; relative ones are meant from `folder`. Throws TEXT_OPTION. */
export function resolveTextFiles(
  entries: readonly (string | z.input<typeof textFileSchema>)[],
  folder: string,
): TextFileEntry[] {
  return entries.map((entry) => {
    const read = typeof entry === 'string' ? parseTextEntry(entry) : textFileSchema.parse(entry);
    return { ...read, file: resolve(folder, read.file) };
  });
}

/** What a title is made with. */
export function textFileOf({
  file,
  lang = 'und',
  name,
  sdh,
  forced,
  encoding,
  start,
  fps,
  ...rest
}: TextFileEntry): TextFile {
  const rate = fps === undefined ? undefined : rateOf(fps);
  return {
    path: file,
    labels: {
      ...{ language: lang, kind: sdh === true ? 'captions' : 'subtitles', forced: forced === true },
      ...{ default: rest.default === true },
      ...(name === undefined ? {} : { name }),
    },
    hints: {
      ...(encoding === undefined ? {} : { encoding }),
      ...(start === undefined ? {} : { start }),
      ...(rate ? { fps: rate } : {}),
    },
  };
}

const CHANNEL = /^(cc[1-4])=(.+)$/i;

/** True for `cc1=en` and the like. */
export function isCaptionLanguage(text: string): boolean {
  const match = CHANNEL.exec(text);
  return match !== null && isLanguage(match[2] ?? '');
}

/** Languages by caption channel, of entries such as `cc1=en`. */
export function captionLanguages(entries: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    entries.map((entry) => {
      const [, channel = '', language = ''] = CHANNEL.exec(entry) ?? [];
      return [channel.toUpperCase(), language];
    }),
  );
}
