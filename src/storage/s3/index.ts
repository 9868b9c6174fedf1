export { type S3Access, type S3Options, openS3 } from './client.js';
export { type FetchOptions, ForeignObjects, type PinnedObject } from './foreign-objects.js';
export { type Timing } from './patience.js';
export { S3Store, type S3StoreOptions } from './store.js';
