import type { BlobRef, Stage } from '../pipeline/index.js';

/** Where a submitted master lies: an object of the own store, or one of another bucket as it was when submitted. */
export type MasterReference =
  | { kind: 'upload'; key: string; bytes: number }
  | { kind: 's3'; bucket: string; key: string; bytes: number; etag: string };

export interface FetchParams {
  source: MasterReference;
}

/** Gets the bytes behind a reference. */
export interface MasterReader {
  /** Local file with an object of the own store, to read only. Throws OBJECT_MISSING. */
  localPath(key: string): Promise<string>;
  /**
   * Copies an object of another bucket into the file `to`, checking that it is still the one that was submitted.
   * Throws MASTER_NOT_FOUND, MASTER_CHANGED.
   */
  download(
    source: Extract<MasterReference, { kind: 's3' }>,
    to: string,
    options: DownloadOptions,
  ): Promise<void>;
}

export interface DownloadOptions {
  signal: AbortSignal;
  /** Bytes so far. */
  onProgress: (bytes: number) => void;
}

/** Takes a submitted master into the store under the digest of its bytes. Progress counts bytes. */
export function fetchStage(reader: MasterReader): Stage<FetchParams, BlobRef> {
  return {
    name: 'fetch',
    version: 1,
    uses: [],
    async run({ source }, context) {
      if (source.kind === 'upload') return context.keep(await reader.localPath(source.key));
      const path = `${context.scratch}/master`;
      const onProgress = (bytes: number): void => context.progress(bytes, source.bytes);
      await reader.download(source, path, { signal: context.signal, onProgress });
      return context.keep(path);
    },
  };
}
