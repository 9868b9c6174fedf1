import type { Logger } from 'pino';
import type { KeyService } from '../keys/index.js';
import type { Run, Tools } from '../media/index.js';

/** Anything that survives JSON. */
export type Json =
  null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/** A file in the object store, named by its content. */
export interface BlobRef {
  /** Lower-case hex SHA-256 of the bytes. */
  sha256: string;
  bytes: number;
}

/** What a stage may use while it runs. */
export interface StageContext {
  tools: Tools;
  /** Runs child processes; their CPU is charged to this stage, and they end when `signal` aborts. */
  run: Run;
  /** An empty folder of this run's own, removed afterwards. */
  scratch: string;
  signal: AbortSignal;
  log: Logger;
  /** Reports work done, in the stage's own unit (frames where it has frames). */
  progress(done: number, total: number): void;
  /** Local path of a blob, to read only. Throws BLOB_MISSING. */
  path(blob: BlobRef): Promise<string>;
  /** Takes a finished file out of `scratch` into the store. */
  keep(path: string): Promise<BlobRef>;
  /** Where content keys come from; undefined where this process has no key service. */
  keys?: KeyService | undefined;
}

/**
 * One idempotent step of the pipeline: parameters in, result out, both JSON, files by reference. The artifact key is
 * a digest of name, version, the versions of `uses` and the parameters (which name every input by its SHA-256), so
 * the same work is never done twice; see artifact.ts.
 */
export interface Stage<P = unknown, R = unknown> {
  readonly name: string;
  /** Name under which its artifacts are kept; its own unless given. Stages that do the same work share one. */
  readonly artifact?: string;
  /** Raise when the same parameters give another result. */
  readonly version: number;
  /** Tools whose version is part of the key. */
  readonly uses: readonly (keyof Tools)[];
  /** Bytes of memory that a run needs, about, where that is much: a run waits until its machine has them. */
  memory?(params: P): number;
  run(params: P, context: StageContext): Promise<R>;
}
