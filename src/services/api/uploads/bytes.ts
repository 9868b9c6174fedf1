import type { Readable } from 'node:stream';
import { HullcastError } from '../../../errors.js';

/** What is there of an unfinished upload. */
export interface PartialUpload {
  /** Bytes that have arrived and are kept. */
  offset: number;
  /** What the client said of it when it began. */
  metadata: Record<string, string | null>;
}

/**
 * The bytes of uploads: while they arrive, somewhere beside the object store; when they are complete, its object
 * `uploads/<id>`. Calls for one upload come one after the other (its lock is held).
 */
export interface UploadBytes {
  /** Throws UPLOAD_UNSUPPORTED where uploads cannot be kept here, so that none need be begun. */
  check(): Promise<void>;
  /** Begins an empty upload that will have so many bytes. */
  create(id: string, bytes: number, metadata: Record<string, string | null>): Promise<void>;
  /**
   * Adds what the stream gives from `offset` on, and gives the new offset. The stream may end early: what came is kept.
   * Throws DISK_FULL.
   */
  write(stream: Readable, id: string, offset: number): Promise<number>;
  /** Undefined where nothing is known of it. */
  get(id: string): Promise<PartialUpload | undefined>;
  /** Makes the object of it once all bytes are there; no harm where it is made already. */
  finish(id: string, bytes: number): Promise<void>;
  /** Removes what only an unfinished upload needs. */
  forget(id: string): Promise<void>;
  /** Removes the upload, whatever there is of it. */
  remove(id: string): Promise<void>;
}

/** Key in the object store of a finished upload. */
export function uploadKey(id: string): string {
  return `uploads/${id}`;
}

export function uploadOffset(): HullcastError {
  return new HullcastError('UPLOAD_OFFSET', 'the upload has another offset', {
    hint: 'Ask for its offset with HEAD, and go on from there.',
  });
}
