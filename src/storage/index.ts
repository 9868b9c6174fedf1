export { digestStream } from './digest.js';
export { asDiskError } from './disk-error.js';
export { FileStore } from './file-store.js';
export { openForeignObjects } from './foreign-object.js';
export { Lease } from './lease.js';
export {
  type ByteRange,
  type FoundObject,
  type ObjectStore,
  type OpenObject,
  type PutIfAbsentOptions,
  type PutOptions,
  type StoredObject,
  checkKey,
  isKey,
} from './object-store.js';
export { type StoreCall, type StoreObserver, type StoreOperation, observeStore } from './observed-store.js';
export { type OpenStoreOptions, type StoreEvent, openStore } from './open-store.js';
export type { FetchOptions, ForeignObjects, PinnedObject, S3Options, Timing } from './s3/index.js';
export { asStoreError, isNotImplemented, statusOf } from './s3/errors.js';
export { s3Config, s3Limits } from './s3-config.js';
export { parseObjectUri, parseS3Uri } from './s3-uri.js';
