export { asDiskError } from './disk-error.js';
export { FileStore } from './file-store.js';
export { type ObjectStore, type PutOptions, type StoredObject, checkKey } from './object-store.js';
export { type StoreEvent, type StoreObserver, type StoreOperation, observeStore } from './observed-store.js';
