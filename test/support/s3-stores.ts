import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Timing } from '../../src/storage/index.js';
import { LocalCache } from '../../src/storage/local-cache.js';
import { S3Store, type S3StoreOptions, openS3 } from '../../src/storage/s3/index.js';
import type { TestS3 } from './s3-server.js';

export interface TestStore {
  store: S3Store;
  cache: LocalCache;
  /** Folder of the cache. */
  folder: string;
}

export interface TestStoreOptions extends Partial<S3StoreOptions> {
  /** Of the server, or of a proxy before it. */
  env?: NodeJS.ProcessEnv;
  timing?: Partial<Timing>;
  cacheBytes?: number;
  /** Cache of an earlier store. */
  folder?: string;
}

/** Makes stores in a server, each empty and with a cache of its own. */
export class S3Stores {
  private count = 0;

  private constructor(readonly root: string) {}

  static async open(): Promise<S3Stores> {
    return new S3Stores(await mkdtemp(join(tmpdir(), 'hullcast-s3-store-')));
  }

  make(server: TestS3, options: TestStoreOptions = {}): TestStore {
    this.count += 1;
    const { env = server.env, timing, cacheBytes = 1e8, ...more } = options;
    const folder = options.folder ?? join(this.root, `cache-${this.count}`);
    const cache = new LocalCache(folder, { maxBytes: cacheBytes });
    const place = { bucket: server.bucket, prefix: `stores/${this.count}` };
    return { store: new S3Store(openS3({ env, timing }), { ...place, cache, ...more }), cache, folder };
  }

  cleanUp(): Promise<void> {
    return rm(this.root, { recursive: true });
  }
}
