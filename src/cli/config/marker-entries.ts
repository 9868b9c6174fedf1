import { readFile, stat } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { badUsage } from '../../errors.js';
import type { GivenMarker } from '../../package/index.js';

export const MARKER_KINDS = ['intro', 'recap', 'credits', 'adbreak'] as const;

/** Seconds, or hours, minutes and seconds; frames where an `f` stands before them. */
const TIME = /^(?:f(\d{1,9})|(?:(\d{1,3}):([0-5]\d):)?(\d{1,6}(?:\.\d{1,9})?))$/;

function readTime(text: string): GivenMarker['start'] | undefined {
  const [whole, frame, hours = '0', minutes = '0', seconds] = TIME.exec(text) ?? [];
  if (whole === undefined) return undefined;
  if (frame !== undefined) return { frame: Number(frame) };
  return { seconds: Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds) };
}

const time = z
  .union([z.string(), z.number()])
  .transform(String)
  .refine((text) => readTime(text) !== undefined);
const frame = z.number().int().min(0).max(1e9);
/** Hexadecimal, with or without 0x, or Base64. */
const section = z
  .string()
  .max(12_000)
  .regex(/^(?:(?:0x)?(?:[0-9a-f]{2})+|[A-Za-z0-9+/]+={0,2})$/i);

/**
 * A marker as hullcast.yaml, or a sidecar, may describe it. Of what markers.json has besides, `inManifests: false` of a guess
 * is read: nobody has confirmed it.
 */
export const markerSchema = z
  .strictObject({
    kind: z.enum(MARKER_KINDS),
    start: time.optional(),
    end: time.optional(),
    startFrame: frame.optional(),
    endFrame: frame.optional(),
    scte35: z
      .union([section, z.strictObject({ out: section.optional(), in: section.optional() })])
      .optional(),
    ...{ id: z.string().optional(), startSeconds: z.number().optional(), endSeconds: z.number().optional() },
    ...{ source: z.string().optional(), confidence: z.number().min(0).max(1).optional() },
    ...{ evidence: z.array(z.string()).optional(), inManifests: z.boolean().optional() },
  })
  .refine(({ start, startFrame }) => (start === undefined) !== (startFrame === undefined), {
    message: 'start or startFrame, one of them',
  })
  .refine(({ end, endFrame }) => end === undefined || endFrame === undefined, { message: 'end or endFrame' });

export type MarkerEntry = z.input<typeof markerSchema>;

const HINT = 'Write KIND:START-END, such as intro:00:00:30-00:01:15 or adbreak:f7200 (docs/delivery.md).';

/** `intro:30-75.5`, `credits:01:40:00-f150000`, `adbreak:00:20:00`; undefined for another form. */
export function readMarker(text: string): MarkerEntry | undefined {
  const [, kind, start, end] = /^([a-z]+):([^-]+)(?:-([^-]+))?$/.exec(text) ?? [];
  const parsed = markerSchema.safeParse({ kind, start, ...(end === undefined ? {} : { end }) });
  return parsed.success ? { ...parsed.data } : undefined;
}

function hexOf(text: string): string {
  const hex = /^(?:0x)?((?:[0-9a-f]{2})+)$/i.exec(text)?.[1];
  return (hex ?? Buffer.from(text, 'base64').toString('hex')).toLowerCase();
}

function sectionsOf(given: z.output<typeof markerSchema>['scte35']): GivenMarker['scte35'] {
  const { out, in: back } = typeof given === 'string' ? { out: given } : (given ?? {});
  if (out === undefined && back === undefined) return undefined;
  return {
    ...(out === undefined ? {} : { out: hexOf(out) }),
    ...(back === undefined ? {} : { in: hexOf(back) }),
  };
}

function guessOf({
  source,
  inManifests,
  confidence = 0,
  evidence,
}: z.output<typeof markerSchema>): GivenMarker['guess'] {
  if (source !== 'detected' || inManifests !== false) return undefined;
  return { confidence, ...(evidence ? { evidence } : {}) };
}

function givenOf(entry: string | MarkerEntry): GivenMarker {
  const read = typeof entry === 'string' ? readMarker(entry) : entry;
  if (!read) throw badUsage('MARKERS_INVALID', `${JSON.stringify(entry)} is no marker`, HINT);
  const parsed = markerSchema.parse(read);
  const { kind, start, end, startFrame, endFrame } = parsed;
  const at = (text: string | undefined, frames: number | undefined): GivenMarker['start'] | undefined =>
    text === undefined ? (frames === undefined ? undefined : { frame: frames }) : readTime(text);
  const first = at(start, startFrame)!;
  const last = at(end, endFrame);
  // markers.json says of a point that it ends where it begins.
  const point = last === undefined || JSON.stringify(first) === JSON.stringify(last);
  const scte35 = sectionsOf(parsed.scte35);
  const guess = guessOf(parsed);
  return {
    ...{ kind, start: first },
    ...(point ? {} : { end: last }),
    ...(scte35 ? { scte35 } : {}),
    ...(guess ? { guess } : {}),
  };
}

/** Entries of the configuration as markers. Throws MARKERS_INVALID. */
export function givenMarkers(entries: readonly (string | MarkerEntry)[]): GivenMarker[] {
  return entries.map(givenOf);
}

const MOST_BYTES = 1 << 20;
const fileSchema = z.union([
  z.array(markerSchema).max(1000),
  z.strictObject({
    schemaVersion: z.literal(1).optional(),
    fps: z.string().optional(),
    frames: z.number().optional(),
    markers: z.array(markerSchema).max(1000),
  }),
]);

/** Reads a sidecar, YAML or JSON: a list of markers, or markers.json of an earlier run. Throws MARKERS_UNREADABLE, MARKERS_INVALID. */
export async function readMarkersFile(path: string): Promise<MarkerEntry[]> {
  const text = await stat(path)
    .then((found) => {
      if (!found.isFile() || found.size > MOST_BYTES) throw new Error('it is no file of at most 1 MiB');
      return readFile(path, 'utf8');
    })
    .catch((cause: Error) => {
      throw badUsage(
        'MARKERS_UNREADABLE',
        `${path} cannot be read: ${cause.message}`,
        'Check the path given with --markers.',
      );
    });
  const document = parseDocument(text, { prettyErrors: false });
  const [broken] = document.errors;
  if (broken) throw badUsage('MARKERS_INVALID', `${path} is neither YAML nor JSON: ${broken.message}`, HINT);
  const parsed = fileSchema.safeParse(document.toJS({ maxAliasCount: 0 }));
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    throw badUsage(
      'MARKERS_INVALID',
      `${path} is no list of markers: ${issue?.message ?? ''} ${wherein(parsed.error)}`,
      HINT,
    );
  }
  return Array.isArray(parsed.data) ? parsed.data : parsed.data.markers;
}

/** Path of the first mistake, also within the forms of a union. */
function wherein(error: z.ZodError): string {
  const deepest = error.issues
    .flatMap((issue) => (issue.code === 'invalid_union' ? issue.errors.flat() : [issue]))
    .sort((a, b) => b.path.length - a.path.length)[0];
  return deepest && deepest.path.length > 0 ? `(${deepest.path.join('.')}: ${deepest.message})` : '';
}
