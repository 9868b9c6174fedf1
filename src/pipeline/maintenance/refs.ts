import { z } from 'zod';
import { HullcastError } from '../../errors.js';
import { type ObjectStore, isKey } from '../../storage/index.js';
import { sha256Schema } from '../artifact.js';
import { canonicalJson } from '../canonical.js';
import { inOrder } from './in-order.js';

const fileSchema = z.strictObject({
  /** Relative to the title's folder at the origin, with forward slashes. */
  path: z.string().refine(isKey),
  bytes: z.number().int().nonnegative(),
  sha256: sha256Schema,
});

/** A file of a title as it was published. */
export type PublishedFile = z.infer<typeof fileSchema>;

const refsSchema = z.strictObject({
  schemaVersion: z.literal(1),
  title: z.string().min(1),
  /** Artifacts that the title was made of; with each go the blobs that it names. */
  records: z.array(z.strictObject({ stage: z.string().min(1), key: sha256Schema })),
  /** Further blobs, such as the master, by their SHA-256. */
  blobs: z.array(sha256Schema),
  /**
   * Every published file but this one. Not there until all of them are, nor of titles that earlier versions of the program
   * have published.
   */
  files: z.array(fileSchema).optional(),
});

/**
 * What a title needs of the artifact store, in `titles/<id>/refs.json`. Whoever makes or publishes a title writes it;
 * clean-ups leave what it names for as long as it is there. With the list of its published files it is the last that is
 * written of a title.
 */
export type TitleRefs = z.infer<typeof refsSchema>;

const TITLES = 'titles/';
const REFS = /^titles\/[^/]+\/refs\.json$/;
/** Each may have megabytes: a long title has tens of thousands of files. */
const READS = 4;

export function refsKey(title: string): string {
  return `${TITLES}${title}/refs.json`;
}

export async function writeRefs(store: ObjectStore, refs: TitleRefs): Promise<void> {
  await store.put(refsKey(refs.title), canonicalJson(refsSchema.parse(refs)));
}

/** The references of a title as a scan finds them; `refs` is undefined where the object is not of its form. */
export interface ScannedRefs {
  key: string;
  refs: TitleRefs | undefined;
}

/** Every title's references. */
export async function* scanRefs(store: ObjectStore): AsyncGenerator<ScannedRefs> {
  const read = async ({ key }: { key: string }) => {
    if (!REFS.test(key)) return undefined;
    const text = await readIfThere(store, key);
    return text && { key, refs: parseRefs(text.toString('utf8')) };
  };
  for await (const found of inOrder(store.list(TITLES), READS, read)) if (found) yield found;
}

/** Undefined where the object is gone, or is not of its form. */
export async function readRefs(store: ObjectStore, key: string): Promise<TitleRefs | undefined> {
  const text = await readIfThere(store, key);
  return text && parseRefs(text.toString('utf8'));
}

/** Undefined where the object is gone, as by somebody else meanwhile. */
export async function readIfThere(store: ObjectStore, key: string): Promise<Buffer | undefined> {
  try {
    return await store.read(key);
  } catch (error) {
    if (error instanceof HullcastError && error.code === 'OBJECT_MISSING') return undefined;
    throw error;
  }
}

function parseRefs(text: string): TitleRefs | undefined {
  try {
    return refsSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // no JSON at all: not of its form, as scanRefs() says
  }
}
