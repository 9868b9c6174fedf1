import { join } from 'node:path';
import type { BlobRef, Stage } from '../pipeline/index.js';
import { type ForeignObjects, Lease, type ObjectStore } from '../storage/index.js';

/** Where a submitted master lies: an object of the own store, or one of another bucket as it was when submitted. */
export type MasterReference =
  | { kind: 'upload'; key: string; bytes: number }
  | { kind: 's3'; bucket: string; key: string; bytes: number; etag: string };

export interface FetchParams {
  source: MasterReference;
}

/** Where references lead. */
export interface MasterPlaces {
  /** Holds finished uploads. */
  store: ObjectStore;
  /** Opens access to other buckets, when it is first needed. */
  foreign: () => Promise<ForeignObjects>;
}

/**
 * Takes a submitted master into the store under the digest of its bytes. Progress counts bytes. Throws OBJECT_MISSING
 * for an upload that is gone, MASTER_NOT_FOUND and MASTER_CHANGED for an object of another bucket.
 */
export function fetchStage({ store, foreign }: MasterPlaces): Stage<FetchParams, BlobRef> {
  return {
    name: 'fetch',
    version: 1,
    uses: [],
    async run({ source }, context) {
      if (source.kind === 's3') {
        const path = join(context.scratch, 'master');
        let done = 0;
        const onBytes = (bytes: number): void => context.progress((done += bytes), source.bytes);
        await (await foreign()).fetchObject(source, path, { signal: context.signal, onBytes });
        return context.keep(path);
      }
      const lease = new Lease();
      try {
        return await context.keep(await store.localPath(source.key, lease));
      } finally {
        lease.end();
      }
    },
  };
}
