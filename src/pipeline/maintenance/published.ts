import type { FoundObject, ObjectStore } from '../../storage/index.js';
import { blobKey } from '../artifact.js';
import { canonicalJson } from '../canonical.js';
import type { DigestTable } from './digest-table.js';
import type { FsckFinding, FsckOptions } from './findings.js';
import { inOrder } from './in-order.js';
import { type PublishedFile, type ScannedRefs, type TitleRefs, readRefs } from './refs.js';
import { hasDigest } from './scan.js';

const BY_COPY = 'hullcast fsck --repair copies it from its blob';
const BY_HAND =
  'its bytes are nowhere else in the store: put it back from a backup, or submit the master once more, which makes another title';
const AT_ONCE = 16;

interface Fault {
  key: string;
  file: PublishedFile;
  problem: 'file-missing' | 'file-corrupt';
  message: string;
}

/**
 * Compares the published files of a title with the list of them. `blobs` has the size of every blob, NaN of a damaged one.
 * Holds the list of one title in memory.
 */
export async function* checkPublished(
  store: ObjectStore,
  { key, refs }: ScannedRefs & { refs: TitleRefs },
  options: FsckOptions,
  blobs: DigestTable,
): AsyncGenerator<FsckFinding> {
  if (!refs.files) {
    yield {
      ...{ problem: 'files-unlisted', key, damage: false, repaired: false },
      message: 'has no list of the published files, which so cannot be checked',
      repair: 'titles that are published from now on have one; compare these files with their backup',
    };
    return;
  }
  const faults = await faultsOf(store, folderOf(key), refs.files, options);
  // Who publishes the title again or deletes it at this moment changes its references first.
  if (faults.length === 0 || canonicalJson((await readRefs(store, key)) ?? null) !== canonicalJson(refs))
    return;
  for (const { file, ...fault } of faults) {
    options.signal?.throwIfAborted();
    const hasBlob = blobs.get(file.sha256) === file.bytes;
    const repaired = hasBlob && options.repair === true && (await copied(store, file, fault.key));
    const canBe = hasBlob && (repaired || options.repair !== true);
    yield { ...fault, repair: canBe ? BY_COPY : BY_HAND, damage: true, repaired };
  }
}

function folderOf(key: string): string {
  return key.slice(0, key.lastIndexOf('/') + 1);
}

async function faultsOf(
  store: ObjectStore,
  folder: string,
  files: readonly PublishedFile[],
  { deep, signal }: FsckOptions,
): Promise<Fault[]> {
  const missing = new Map(files.map((file) => [folder + file.path, file]));
  const check = async ({ key, bytes }: FoundObject): Promise<Fault | undefined> => {
    signal?.throwIfAborted();
    const file = missing.get(key);
    if (!file) return undefined;
    missing.delete(key);
    const fault = { key, file, problem: 'file-corrupt' as const };
    if (bytes !== file.bytes)
      return { ...fault, message: `is published, and has ${bytes} bytes instead of ${file.bytes}` };
    // (Undefined where it has gone since it was listed: then the title is being deleted.)
    if (deep && (await hasDigest(store, key, file.sha256)) === false)
      return { ...fault, message: 'is published, and has other bytes than were published' };
    return undefined;
  };
  const faults: Fault[] = [];
  for await (const fault of inOrder(store.list(folder), deep ? 2 : AT_ONCE, check))
    if (fault) faults.push(fault);
  for (const [key, file] of missing)
    faults.push({ key, file, problem: 'file-missing', message: 'was published, and is not there' });
  return faults;
}

/** False where its blob is damaged, too: a look without `deep` does not see that. */
async function copied(store: ObjectStore, file: PublishedFile, key: string): Promise<boolean> {
  if (!(await hasDigest(store, blobKey(file), file.sha256))) return false;
  await store.copy(blobKey(file), key);
  return true;
}
