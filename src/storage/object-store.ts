import { HullcastError, badUsage } from '../errors.js';

export interface StoredObject {
  key: string;
  bytes: number;
}

export interface PutOptions {
  /** The source may be consumed: where it lies on the store's own file system it is renamed instead of copied. */
  move?: boolean;
}

/**
 * Bytes under a key. What exists under a key is always complete: a put that fails or is killed leaves what was there
 * before. Every method throws OBJECT_KEY for a bad key, and DISK_FULL (transient) where there is no room.
 */
export interface ObjectStore {
  /** Stores a local file's bytes under `key`, replacing what was there. */
  putFile(key: string, path: string, options?: PutOptions): Promise<StoredObject>;
  /** Stores small data under `key`, replacing what was there. Strings are UTF-8. */
  put(key: string, data: Uint8Array | string): Promise<StoredObject>;
  /** The whole object. Throws OBJECT_MISSING. */
  read(key: string): Promise<Buffer>;
  /** A local file with the object's bytes, to read only; may have to download it. Throws OBJECT_MISSING. */
  localPath(key: string): Promise<string>;
  /** Size of the object; undefined where there is none. */
  stat(key: string): Promise<StoredObject | undefined>;
  /** Removes the object; it is no error where there is none. */
  delete(key: string): Promise<void>;
  /** Every object whose key begins with `prefix` (any text, e.g. `blobs/a`), ascending by the bytes of the key. */
  list(prefix: string): AsyncIterable<StoredObject>;
}

const MAX_KEY_BYTES = 1024;

/**
 * Throws OBJECT_KEY unless `key` is a relative path of printable ASCII whose segments are neither empty nor begin with
 * a dot: so it can neither leave the store nor meet its temporary files, and means the same in every store.
 */
export function checkKey(key: string): void {
  const printable = /^[\x20-\x7e]+$/.test(key) && !key.includes('\\');
  const segments = key.split('/');
  if (
    !printable ||
    key.length > MAX_KEY_BYTES ||
    segments.some((part) => part === '' || part.startsWith('.'))
  ) {
    throw badUsage(
      'OBJECT_KEY',
      `not a valid object key: ${JSON.stringify(key)}`,
      'Use a relative path of printable ASCII, at most 1024 bytes, no segment empty or beginning with a dot.',
    );
  }
}

export function objectMissing(key: string): HullcastError {
  return new HullcastError('OBJECT_MISSING', `there is no object ${key} in the store`);
}
