import type { Readable } from 'node:stream';
import { EXIT, HullcastError, badUsage } from '../errors.js';
import type { Lease } from './lease.js';

export interface StoredObject {
  key: string;
  bytes: number;
}

/** An object as the store has it. */
export interface FoundObject extends StoredObject {
  /** When it was last written or refreshed, milliseconds since 1970, by the store's clock; may be rounded to seconds. */
  modifiedMs: number;
}

export interface PutOptions {
  /** The source may be consumed: it is renamed into the store, or into the store's local cache, instead of copied. */
  move?: boolean;
  /** SHA-256 of the bytes, lower-case hex, where the caller knows it: saves a store that keeps it from reading twice. */
  sha256?: string;
}

export interface PutIfAbsentOptions {
  /**
   * Of use on a server without conditional writes only: how long is waited for those that write at the same moment,
   * before what is there is taken for the first; milliseconds, 0 unless given, and at least four times what our own read
   * and write took. All whose read and write take no longer than that are told of the same (Fischer's algorithm).
   */
  settleMs?: number;
}

/** Bytes of an object, both ends included. */
export interface ByteRange {
  start: number;
  end: number;
}

/** An object's bytes on their way. Whoever opened it reads `body` to its end or destroys it. */
export interface OpenObject {
  body: Readable;
  /** Size of the whole object. */
  bytes: number;
  /** What `body` gives; undefined where the whole object was asked for. */
  range: ByteRange | undefined;
}

/**
 * Bytes under a key. What exists under a key is always complete: a put that fails or is killed leaves what was there
 * before. Every method throws OBJECT_KEY for a bad key, and DISK_FULL (transient) where there is no room; a store on
 * the network also STORE_UNREACHABLE (transient), STORE_DENIED and BUCKET_MISSING.
 */
export interface ObjectStore {
  /** Throws where the store is not there, or cannot be written. */
  check(): Promise<void>;
  /** Stores a local file's bytes under `key`, replacing what was there. */
  putFile(key: string, path: string, options?: PutOptions): Promise<StoredObject>;
  /** Stores small data under `key`, replacing what was there. Strings are UTF-8. */
  put(key: string, data: Uint8Array | string): Promise<StoredObject>;
  /**
   * Stores small data under `key` unless something is there. Gives what then is there: the first that was stored. (On a
   * server without conditional writes two writers within the same moment may each be told of its own data, and the last
   * one's stays: see `settleMs`.)
   */
  putIfAbsent(key: string, data: Uint8Array | string, options?: PutIfAbsentOptions): Promise<Buffer>;
  /** Makes `to` what `from` is, within the store. Throws OBJECT_MISSING. */
  copy(from: string, to: string): Promise<void>;
  /** The whole object. Throws OBJECT_MISSING. */
  read(key: string): Promise<Buffer>;
  /** The object's bytes, or a range of them, as a stream. Throws OBJECT_MISSING, OBJECT_RANGE. */
  open(key: string, range?: ByteRange): Promise<OpenObject>;
  /**
   * A local file with the object's bytes, to read only; may have to download it. It stays until `lease` ends, or the
   * process does where none is given. Throws OBJECT_MISSING.
   */
  localPath(key: string, lease?: Lease): Promise<string>;
  /** Size and age of the object; undefined where there is none. */
  stat(key: string): Promise<FoundObject | undefined>;
  /** Makes the object count as written now, so that clean-ups by age leave it. False where there is none. */
  refresh(key: string): Promise<boolean>;
  /** Removes the object; it is no error where there is none. */
  delete(key: string): Promise<void>;
  /** Every object whose key begins with `prefix` (any text, e.g. `blobs/a`), ascending by the bytes of the key. */
  list(prefix: string): AsyncIterable<FoundObject>;
  /**
   * Removes what puts of keys with this prefix left behind that were killed, where it is older than `olderThanMs`. (A
   * store on files cannot tell by the prefix, and removes what any put left.)
   */
  sweep(olderThanMs: number, prefix?: string): Promise<void>;
}

const MAX_KEY_BYTES = 1024;

/** Whether `key` can be an object's: see checkKey(). */
export function isKey(key: string): boolean {
  const printable = /^[\x20-\x7e]+$/.test(key) && !key.includes('\\');
  if (!printable || key.length > MAX_KEY_BYTES) return false;
  return key.split('/').every((part) => part !== '' && !part.startsWith('.'));
}

/**
 * Throws OBJECT_KEY unless `key` is a relative path of printable ASCII whose segments are neither empty nor begin with
 * a dot: so it can neither leave the store nor meet its temporary files, and means the same in every store.
 */
export function checkKey(key: string): void {
  if (!isKey(key)) {
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

/** The store, named for people, does not let us in. Not transient: exit code 2. */
export function storeDenied(store: string, cause: unknown, hint?: string): HullcastError {
  const why = cause instanceof Error ? cause.message : String(cause);
  return new HullcastError('STORE_DENIED', `the object store ${store} refuses access: ${why}`, {
    exitCode: EXIT.usage,
    hint: hint ?? 'Check the permissions of the store.',
    cause,
  });
}

export function badRange(key: string, { start, end }: ByteRange, bytes?: number): HullcastError {
  const size = bytes === undefined ? '' : `, which has ${bytes} bytes`;
  return new HullcastError('OBJECT_RANGE', `no bytes ${start}-${end} in object ${key}${size}`);
}
