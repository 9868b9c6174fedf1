import { HullcastError } from '../../errors.js';
import type { FoundObject, ObjectStore } from '../../storage/index.js';
import { DigestTable } from './digest-table.js';
import { type GcPolicy, UseHistogram, cutoffOf } from './gc-policy.js';
import { inOrder } from './in-order.js';
import { scanRefs } from './refs.js';
import {
  type FoundBlob,
  type FoundRecord,
  blobsOf,
  readRecord,
  recordName,
  scanBlobs,
  scanRecords,
} from './scan.js';

/** Something that goes. */
export interface Garbage {
  kind: 'record' | 'blob';
  key: string;
  bytes: number;
  /** When it was last written or of use, milliseconds since 1970. */
  lastUsedMs: number;
}

export interface GcOptions {
  nowMs?: number;
  /** Only says what would go. */
  dryRun?: boolean;
  signal?: AbortSignal;
}

/** What is in a store, and what of it is to go. */
export interface GcPlan {
  /** What was last used then or earlier goes; -Infinity where nothing has to. */
  cutoffMs: number;
  records: number;
  blobs: number;
  bytes: number;
  /** Published or unfinished titles whose references were read. */
  titles: number;
  /** When the store was looked at. */
  nowMs: number;
  /** Records that titles refer to, by the artifact's key. */
  pinned: DigestTable;
  /** Last use of blobs that somebody refers to; Infinity for what titles do. */
  uses: DigestTable;
}

/** Records that are this much younger than the plan may have changed since: clocks differ. */
const CLOCKS_MS = 10 * 60 * 1000;
/** Objects at a time. */
const AT_ONCE = 16;
/** Parts of objects that are older than this belong to no process any more. */
const LEFT_MS = 24 * 3600 * 1000;
const SWEPT = ['blobs/', 'records/', 'titles/'];

/**
 * Looks at the whole store and decides what may go: records and blobs that no title refers to, by age, and by size with
 * the longest unused first. A blob was last of use when a record that names it was, or when it was written: then it may
 * be for a record that is still to come. Throws REFS_INVALID where a title's references cannot be read: nothing is guessed.
 */
export async function planGc(
  store: ObjectStore,
  policy: GcPolicy,
  { nowMs = Date.now(), signal }: GcOptions = {},
): Promise<GcPlan> {
  const [pinned, uses, histogram] = [new DigestTable(), new DigestTable(), new UseHistogram()];
  let [titles, records, blobs] = [0, 0, 0];
  for await (const { key, refs } of scanRefs(store)) {
    signal?.throwIfAborted();
    if (!refs) throw refsInvalid(key);
    titles += 1;
    for (const record of refs.records) pinned.set(record.key, 1);
    for (const sha256 of refs.blobs) uses.set(sha256, Infinity);
  }
  for await (const found of scanRecords(store)) {
    signal?.throwIfAborted();
    records += 1;
    const lastUsedMs = pinned.has(found.artifact) ? Infinity : found.modifiedMs;
    histogram.add(lastUsedMs, found.bytes);
    for (const sha256 of blobsOf(found.record)) uses.raise(sha256, lastUsedMs);
  }
  for await (const { sha256, bytes, modifiedMs } of scanBlobs(store)) {
    signal?.throwIfAborted();
    blobs += 1;
    histogram.add(lastUse(uses, sha256, modifiedMs), bytes);
  }
  const counts = { titles, records, blobs, bytes: histogram.totalBytes };
  return { cutoffMs: cutoffOf(policy, nowMs, histogram), ...counts, nowMs, pinned, uses };
}

/**
 * Removes what the plan says, records before blobs, and tells of each when it is gone. Others may use the store
 * meanwhile: what they have written or used since the plan was made is left, and what it needs.
 */
export async function* collectGarbage(
  store: ObjectStore,
  plan: GcPlan,
  { dryRun = false, signal }: GcOptions = {},
): AsyncGenerator<Garbage> {
  if (plan.cutoffMs > -Infinity) {
    const late = await pinnedSince(store, plan);
    yield* collectRecords(store, plan, late, { dryRun, signal });
    yield* collectBlobs(store, plan, { dryRun, signal });
  }
  // Not of uploads by users: those may take days, and end by rules of their own.
  if (!dryRun) for (const prefix of SWEPT) await store.sweep(LEFT_MS, prefix);
}

/** Records that titles refer to since the plan was made; blobs that they do are noted in the plan. */
async function pinnedSince(store: ObjectStore, { pinned, uses }: GcPlan): Promise<DigestTable> {
  const late = new DigestTable();
  for await (const { key, refs } of scanRefs(store)) {
    if (!refs) throw refsInvalid(key);
    for (const record of refs.records) if (!pinned.has(record.key)) late.set(record.key, 1);
    for (const sha256 of refs.blobs) uses.set(sha256, Infinity);
  }
  return late;
}

interface CollectOptions {
  dryRun: boolean;
  signal: AbortSignal | undefined;
}

async function* collectRecords(
  store: ObjectStore,
  plan: GcPlan,
  late: DigestTable,
  { dryRun, signal }: CollectOptions,
): AsyncGenerator<Garbage> {
  const collect = async (found: FoundObject): Promise<Garbage | undefined> => {
    signal?.throwIfAborted();
    const name = recordName(found.key);
    if (!name || plan.pinned.has(name.artifact)) return undefined;
    const { key, bytes, modifiedMs } = found;
    const isLate = late.has(name.artifact);
    const old = modifiedMs <= plan.cutoffMs;
    if (old && !isLate && (dryRun || (await removed(store, found, plan.cutoffMs))))
      return { kind: 'record', key, bytes, lastUsedMs: modifiedMs };
    // New, or of use again: so are the blobs that it names.
    if (old || isLate || modifiedMs > plan.nowMs - CLOCKS_MS)
      await keepBlobs(store, { ...found, ...name }, plan);
    return undefined;
  };
  for await (const garbage of inOrder(store.list('records/'), AT_ONCE, collect)) if (garbage) yield garbage;
}

async function* collectBlobs(
  store: ObjectStore,
  { cutoffMs, uses }: GcPlan,
  { dryRun, signal }: CollectOptions,
): AsyncGenerator<Garbage> {
  const collect = async (found: FoundBlob): Promise<Garbage | undefined> => {
    signal?.throwIfAborted();
    const { key, bytes, sha256, modifiedMs } = found;
    const lastUsedMs = lastUse(uses, sha256, modifiedMs);
    if (lastUsedMs > cutoffMs) return undefined;
    const goes = dryRun || (await removed(store, found, cutoffMs));
    return goes ? { kind: 'blob', key, bytes, lastUsedMs } : undefined;
  };
  for await (const garbage of inOrder(scanBlobs(store), AT_ONCE, collect)) if (garbage) yield garbage;
}

function lastUse(uses: DigestTable, sha256: string, modifiedMs: number): number {
  return Math.max(uses.get(sha256) ?? -Infinity, modifiedMs);
}

/** Removes an object unless somebody has used it since it was listed. */
async function removed(store: ObjectStore, { key }: FoundObject, cutoffMs: number): Promise<boolean> {
  const now = await store.stat(key);
  if (!now || now.modifiedMs > cutoffMs) return false;
  await store.delete(key);
  return true;
}

async function keepBlobs(
  store: ObjectStore,
  found: Omit<FoundRecord, 'record'>,
  { uses }: GcPlan,
): Promise<void> {
  const now = await readRecord(store, found);
  for (const sha256 of blobsOf(now?.record)) uses.set(sha256, Infinity);
}

function refsInvalid(key: string): HullcastError {
  return new HullcastError(
    'REFS_INVALID',
    `${key} is not of its form, so what that title needs is not known`,
    {
      hint: 'Put it back from a backup, or delete the title; hullcast fsck lists all such.',
    },
  );
}
