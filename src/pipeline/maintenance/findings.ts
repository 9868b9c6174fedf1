/**
 * - `record-corrupt`: a record that is no record, or another's.
 * - `blob-missing`, `blob-corrupt`: a record names a blob that is not there, or has other bytes.
 * - `refs-corrupt`, `refs-broken`: a title's references cannot be read, or name what is not there.
 * - `file-missing`, `file-corrupt`: a published file is not there, or has other bytes than were published.
 * - `files-unlisted`: what was published of a title is not known, so that its files cannot be checked.
 * - `orphan`: a blob that nothing refers to. Harmless, but takes room.
 * - `stray`: an object where only records or blobs should be.
 */
export type Problem =
  | 'record-corrupt'
  | 'blob-missing'
  | 'blob-corrupt'
  | 'refs-corrupt'
  | 'refs-broken'
  | 'file-missing'
  | 'file-corrupt'
  | 'files-unlisted'
  | 'orphan'
  | 'stray';

export interface FsckFinding {
  problem: Problem;
  /** Of the object that is concerned. */
  key: string;
  /** What is wrong, in plain words. */
  message: string;
  /** How it can be repaired. */
  repair: string;
  /** False for what only takes room, or cannot be checked. */
  damage: boolean;
  repaired: boolean;
}

export interface FsckOptions {
  /** Reads every blob and published file and compares its digest, instead of its size only. */
  deep?: boolean;
  /**
   * Removes records that cannot be used and corrupt blobs, so that they are computed again, and orphans; copies published
   * files from their blobs.
   */
  repair?: boolean;
  /** Orphans that are younger are left alone: they may belong to work under way. Milliseconds. */
  minAgeMs: number;
  nowMs?: number;
  signal?: AbortSignal;
}
