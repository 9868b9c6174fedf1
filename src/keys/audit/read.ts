import { HullcastError } from '../../errors.js';
import type { ObjectStore } from '../../storage/index.js';
import { type AuditEntry, parseEntry } from './entry.js';
import { TRAIL, timeOfTrailKey } from './trail.js';

/** Which entries; all conditions that are given hold. */
export interface AuditFilter {
  kid?: string | undefined;
  /** The content id of the keys, or the subject of the use. */
  title?: string | undefined;
  /** Uses at that time or later, milliseconds since 1970. */
  sinceMs?: number | undefined;
}

export type AuditFinding =
  | { entry: AuditEntry; damaged?: undefined }
  /** Key of an object of the trail that has lines which cannot be read. */
  | { entry?: undefined; damaged: string };

const READS = 16;

/** The trail in the order of time (to the moment that a write takes), and what of it is damaged. */
export async function* readTrail(
  store: ObjectStore,
  filter: AuditFilter = {},
  signal?: AbortSignal,
): AsyncGenerator<AuditFinding> {
  for await (const keys of inGroups(namesOf(store, filter.sinceMs ?? -Infinity), READS)) {
    signal?.throwIfAborted();
    for (const found of await Promise.all(keys.map((key) => readLines(store, key))))
      yield* found.filter(({ entry }) => entry === undefined || matches(entry, filter));
  }
}

async function* namesOf(store: ObjectStore, sinceMs: number): AsyncGenerator<string> {
  for await (const { key } of store.list(TRAIL)) if (!(timeOfTrailKey(key) < sinceMs)) yield key;
}

async function* inGroups<T>(items: AsyncIterable<T>, size: number): AsyncGenerator<T[]> {
  let group: T[] = [];
  for await (const item of items) {
    group.push(item);
    if (group.length < size) continue;
    yield group;
    group = [];
  }
  if (group.length > 0) yield group;
}

async function readLines(store: ObjectStore, key: string): Promise<AuditFinding[]> {
  const text = await store.read(key).catch((error: unknown) => {
    // Taken away since it was listed, as by a rule that lets old ones expire.
    if (error instanceof HullcastError && error.code === 'OBJECT_MISSING') return '';
    throw error;
  });
  const lines = text.toString().split('\n');
  const entries = lines.filter((line) => line !== '').map(parseEntry);
  const sound = entries.filter((entry) => entry !== undefined).map((entry) => ({ entry }));
  return sound.length === entries.length ? sound : [...sound, { damaged: key }];
}

function matches(entry: AuditEntry, { kid, title, sinceMs }: AuditFilter): boolean {
  if (kid !== undefined && !entry.keys.some((key) => key.kid === kid)) return false;
  if (title !== undefined && entry.contentId !== title && entry.subject !== title) return false;
  return sinceMs === undefined || Date.parse(entry.time) >= sinceMs;
}
