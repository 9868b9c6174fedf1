import type { FoundObject, ObjectStore } from '../../storage/index.js';
import { type ArtifactRecord, blobKey } from '../artifact.js';
import { DigestTable } from './digest-table.js';
import type { FsckFinding, FsckOptions, Problem } from './findings.js';
import { inOrder } from './in-order.js';
import { checkPublished } from './published.js';
import { scanRefs } from './refs.js';
import { type FoundBlob, blobName, blobsOf, hasDigest, recordName, scanBlobs, scanRecords } from './scan.js';

const BY_REPAIR = 'hullcast fsck --repair removes it; then it is computed again when it is needed';
const AT_ONCE = 16;
/** Listings and single objects tell times of different precision. */
const CLOCK_MS = 1000;

/** What a look at the store has found so far. */
interface Seen {
  /** Size of every blob; NaN of those with other bytes than their name says. */
  blobs: DigestTable;
  /** Records in order, by the artifact's key. */
  records: DigestTable;
  /** Blobs that somebody refers to. */
  used: DigestTable;
  /** Objects of blobs that are corrupt; to be removed after the records that name them. */
  corrupt: FoundBlob[];
}

/** Compares what records and titles name, and what was published, with what is there, and tells of everything that does not agree. */
export async function* checkStore(store: ObjectStore, options: FsckOptions): AsyncGenerator<FsckFinding> {
  const seen: Seen = {
    ...{ blobs: new DigestTable(), records: new DigestTable(), used: new DigestTable() },
    corrupt: [],
  };
  yield* checkBlobs(store, options, seen);
  yield* checkRecords(store, options, seen);
  for (const blob of seen.corrupt) {
    const { key, sha256, bytes } = blob;
    if (options.repair) await removeUnchanged(store, blob);
    const message = `has ${bytes} bytes that do not give its digest`;
    if (!seen.used.has(sha256)) yield finding('blob-corrupt', key, message, options.repair);
  }
  yield* checkRefs(store, options, seen);
  yield* findOrphans(store, options, seen);
}

function finding(problem: Problem, key: string, message: string, repaired = false): FsckFinding {
  return { problem, key, message, repair: BY_REPAIR, damage: true, repaired };
}

function stray(key: string): FsckFinding {
  const message = 'is neither a record nor a blob';
  const repair = 'remove it by hand if it is of no use to anybody';
  return { problem: 'stray', key, message, repair, damage: false, repaired: false };
}

async function* checkBlobs(
  store: ObjectStore,
  { deep, signal }: FsckOptions,
  { blobs, corrupt }: Seen,
): AsyncGenerator<FsckFinding> {
  const check = async (found: FoundObject): Promise<FsckFinding | undefined> => {
    signal?.throwIfAborted();
    const sha256 = blobName(found.key);
    if (sha256 === undefined) return stray(found.key);
    const sound = !deep || (await hasDigest(store, found.key, sha256));
    if (sound === undefined) return undefined;
    if (!sound) corrupt.push({ ...found, sha256 });
    blobs.set(sha256, sound ? found.bytes : NaN);
    return undefined;
  };
  // Reading whole blobs, one at a time keeps a disk or a network busy already.
  for await (const problem of inOrder(store.list('blobs/'), deep ? 2 : AT_ONCE, check))
    if (problem) yield problem;
}

/** Removes an object unless somebody has put another one in its place meanwhile. */
async function removeUnchanged(store: ObjectStore, { key, modifiedMs }: FoundObject): Promise<void> {
  const now = await store.stat(key);
  if (now && now.modifiedMs < modifiedMs + CLOCK_MS) await store.delete(key);
}

async function* checkRecords(
  store: ObjectStore,
  { repair, signal }: FsckOptions,
  seen: Seen,
): AsyncGenerator<FsckFinding> {
  for await (const found of store.list('records/')) if (!recordName(found.key)) yield stray(found.key);
  for await (const found of scanRecords(store)) {
    signal?.throwIfAborted();
    const { key, artifact, record } = found;
    const faults = record ? await faultsOf(store, key, record, seen) : [corruptRecord(key)];
    if (faults.length === 0) seen.records.set(artifact, 1);
    else if (repair) await removeUnchanged(store, found);
    for (const fault of faults) yield { ...fault, repaired: repair === true };
    for (const sha256 of blobsOf(record)) seen.used.set(sha256, 1);
  }
}

function corruptRecord(key: string): FsckFinding {
  return finding('record-corrupt', key, 'is no record of that artifact');
}

async function faultsOf(
  store: ObjectStore,
  key: string,
  record: ArtifactRecord,
  { blobs, corrupt }: Seen,
): Promise<FsckFinding[]> {
  const faults: FsckFinding[] = [];
  for (const { sha256, bytes } of record.blobs) {
    if (blobs.get(sha256) === bytes) continue;
    // Records that came since the blobs were listed name blobs that came since.
    const now = await store.stat(blobKey({ sha256 }));
    if (!now) {
      faults.push(finding('blob-missing', key, `names the blob ${sha256}, which is not there`));
    } else if (now.bytes !== bytes) {
      faults.push(
        finding(
          'blob-corrupt',
          key,
          `names the blob ${sha256}, which has ${now.bytes} bytes instead of ${bytes}`,
        ),
      );
      if (!corrupt.some((blob) => blob.sha256 === sha256)) corrupt.push({ ...now, sha256 });
    } else if (Number.isNaN(blobs.get(sha256))) {
      faults.push(finding('blob-corrupt', key, `names the blob ${sha256}, which has other bytes`));
    }
  }
  return faults;
}

/** After the records: what these have lost, a title has lost. */
async function* checkRefs(
  store: ObjectStore,
  options: FsckOptions,
  { records, blobs, used }: Seen,
): AsyncGenerator<FsckFinding> {
  for await (const { key, refs } of scanRefs(store)) {
    options.signal?.throwIfAborted();
    if (!refs) {
      const message = 'is not of its form: what that title needs is not known, and gc stops at it';
      yield {
        ...finding('refs-corrupt', key, message),
        repair: 'put it back from a backup, or delete the title',
      };
      continue;
    }
    const lost = refs.records.filter((record) => !records.has(record.key));
    const gone = refs.blobs.filter((sha256) => !blobs.has(sha256) || Number.isNaN(blobs.get(sha256)));
    for (const sha256 of refs.blobs) used.set(sha256, 1);
    if (lost.length + gone.length > 0) {
      const message = `names ${lost.length} records and ${gone.length} blobs that are not there or damaged, such as ${lost[0]?.key ?? gone[0]}`;
      const repair = 'to have its artifacts again, submit the master once more; players do not need them';
      yield { ...finding('refs-broken', key, message), repair };
    }
    yield* checkPublished(store, { key, refs }, options, blobs);
  }
}

async function* findOrphans(
  store: ObjectStore,
  { repair = false, minAgeMs, nowMs = Date.now(), signal }: FsckOptions,
  { used }: Seen,
): AsyncGenerator<FsckFinding> {
  const youngest = nowMs - minAgeMs;
  const check = async (found: FoundBlob): Promise<FsckFinding | undefined> => {
    signal?.throwIfAborted();
    const { key, bytes, sha256, modifiedMs } = found;
    if (used.has(sha256) || modifiedMs > youngest) return undefined;
    const now = repair ? await store.stat(key) : undefined;
    const repaired = now !== undefined && now.modifiedMs <= youngest;
    if (repaired) await store.delete(key);
    else if (repair) return undefined; // of use again, or gone, since it was listed
    const message = `is a blob of ${bytes} bytes that nothing refers to`;
    return {
      ...finding('orphan', key, message, repaired),
      repair: 'hullcast fsck --repair removes it',
      damage: false,
    };
  };
  for await (const problem of inOrder(scanBlobs(store), AT_ONCE, check)) if (problem) yield problem;
}
