import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import pLimit from 'p-limit';
import type { Logger } from 'pino';
import { z } from 'zod';
import { HullcastError } from '../errors.js';
import type { ToolName } from '../media/index.js';
import { type FoundObject, type Lease, type ObjectStore, digestStream } from '../storage/index.js';
import { canonicalJson } from './canonical.js';
import type { BlobRef, Stage } from './stage.js';

/** SHA-256 in lower-case hex. */
export const sha256Schema = z.string().regex(/^[0-9a-f]{64}$/);

const recordSchema = z.object({
  key: sha256Schema,
  stage: z.string(),
  version: z.number(),
  result: z.json(),
  blobs: z.array(z.object({ sha256: sha256Schema, bytes: z.number().int().nonnegative() })),
  cost: z.object({
    /** User plus system CPU of the child processes, seconds. */
    cpuSeconds: z.number().nonnegative(),
    wallSeconds: z.number().nonnegative(),
    /** Child processes run. */
    processes: z.number().int().nonnegative(),
  }),
});

/** What one finished stage run left: its presence in the store means that the run is finished. */
export type ArtifactRecord = z.infer<typeof recordSchema>;
export type Cost = ArtifactRecord['cost'];
export type ToolVersions = Readonly<Record<ToolName, { version: string }>>;

/** Name under which a stage's artifacts are kept. */
export function artifactName(stage: Pick<Stage, 'name' | 'artifact'>): string {
  return stage.artifact ?? stage.name;
}

/**
 * Name of the work `stage` does on `params`: lower-case hex SHA-256 over the stage's name and version, the versions of
 * the tools it uses and its parameters. Throws NOT_JSON for parameters that are no plain JSON.
 */
export function artifactKey(
  stage: Pick<Stage, 'name' | 'artifact' | 'version' | 'uses'>,
  tools: ToolVersions,
  params: unknown,
): string {
  const versions = Object.fromEntries(stage.uses.map((name) => [name, tools[name].version]));
  const text = canonicalJson({ stage: artifactName(stage), version: stage.version, tools: versions, params });
  return createHash('sha256').update(text).digest('hex');
}

export function blobKey(blob: Pick<BlobRef, 'sha256'>): string {
  return `blobs/${blob.sha256.slice(0, 2)}/${blob.sha256}`;
}

export function recordKey(stage: string, key: string): string {
  return `records/${stage}/${key}.json`;
}

/**
 * What is used again after this long is refreshed, milliseconds (a day): so in a store that many share, age says how
 * long ago something was last of use, give or take a day, and clean-ups may go by it.
 */
export const REFRESH_AFTER_MS = 24 * 3600 * 1000;
/** Questions to the store at a time for one record. */
const LOOKUPS = 16;

type Examined =
  { record: ArtifactRecord } | { record?: undefined; fault: string; detail?: Record<string, unknown> };

/** Records and blobs of finished stage runs in an object store. */
export class ArtifactStore {
  constructor(
    private readonly store: ObjectStore,
    private readonly log: Logger,
  ) {}

  /**
   * The record of a finished run whose blobs are all there in their size; undefined where the work has to be done.
   * A record that cannot be used is reported to the log, and the next run of the stage replaces it.
   */
  async find(stage: string, key: string): Promise<ArtifactRecord | undefined> {
    const found = await this.store.stat(recordKey(stage, key));
    if (!found) return undefined;
    const text = await this.store.read(found.key).catch((error: unknown) => {
      if (error instanceof HullcastError && error.code === 'OBJECT_MISSING') return undefined; // removed meanwhile
      throw error;
    });
    const seen = text && (await this.examine(text, stage, key));
    if (seen?.record) return (await this.refresh(found)) ? seen.record : undefined;
    if (seen) this.log.warn({ stage, key, ...seen.detail }, `${seen.fault}: it is computed again`);
    return undefined;
  }

  /** Takes a file into the store under the digest of its bytes; `move` lets the file itself go there. */
  async keep(path: string, { move }: { move: boolean }): Promise<BlobRef> {
    const blob = await digestFile(path);
    const existing = await this.store.stat(blobKey(blob));
    const kept = existing?.bytes === blob.bytes && (await this.refresh(existing));
    if (!kept) await this.store.putFile(blobKey(blob), path, { move, sha256: blob.sha256 });
    return blob;
  }

  /** Local path of a blob, to read only; it stays until `lease` ends, or the process does. Throws BLOB_MISSING. */
  async path(blob: BlobRef, lease?: Lease): Promise<string> {
    let path: string;
    try {
      path = await this.store.localPath(blobKey(blob), lease);
    } catch (error) {
      if (error instanceof HullcastError && error.code === 'OBJECT_MISSING') {
        throw blobMissing(blob, 'is not in the store');
      }
      throw error;
    }
    const { size } = await stat(path);
    if (size !== blob.bytes) throw blobMissing(blob, `has ${size} bytes instead of ${blob.bytes}`);
    return path;
  }

  /**
   * Marks the run as finished. Everything the record names must be in the store already. Gives the record that counts:
   * the first that was committed and can be used, whoever did the work, so that nobody's result changes afterwards.
   */
  async commit(record: ArtifactRecord): Promise<ArtifactRecord> {
    const key = recordKey(record.stage, record.key);
    const own = Buffer.from(canonicalJson(record));
    const kept = await this.store.putIfAbsent(key, own);
    if (kept.equals(own)) return record;
    const first = await this.examine(kept, record.stage, record.key);
    if (first.record) return first.record;
    await this.store.put(key, own);
    return record;
  }

  /** A record's text: the record if it and everything it names is in order, else what is wrong. */
  private async examine(text: Buffer, stage: string, key: string): Promise<Examined> {
    const record = parseRecord(text.toString('utf8'));
    if (record?.key !== key || record.stage !== stage) return { fault: 'an artifact record is corrupt' };
    const limit = pLimit(LOOKUPS);
    const sizes = await Promise.all(
      record.blobs.map((blob) => limit(async () => (await this.store.stat(blobKey(blob)))?.bytes)),
    );
    const wrong = record.blobs.findIndex((blob, i) => sizes[i] !== blob.bytes);
    if (wrong < 0) return { record };
    const detail = { blob: record.blobs[wrong], found: sizes[wrong] };
    return { fault: 'a blob is missing or cut short', detail };
  }

  /** False where the object is gone. */
  private async refresh({ key, modifiedMs }: FoundObject): Promise<boolean> {
    return modifiedMs > Date.now() - REFRESH_AFTER_MS || this.store.refresh(key);
  }
}

function blobMissing({ sha256 }: BlobRef, state: string): HullcastError {
  return new HullcastError('BLOB_MISSING', `blob ${sha256} ${state}`, {
    hint: 'Run the same command again: what is missing is computed again.',
  });
}

/** A record's text as an object; undefined where it is none. */
export function parseRecord(text: string): ArtifactRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // no JSON at all: corrupt, as find() reports
  }
}

function digestFile(path: string): Promise<BlobRef> {
  return digestStream(createReadStream(path, { highWaterMark: 1 << 20 }));
}
