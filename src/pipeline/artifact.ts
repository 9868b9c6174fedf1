import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { Logger } from 'pino';
import { z } from 'zod';
import { HullcastError } from '../errors.js';
import type { ToolName } from '../media/index.js';
import type { ObjectStore } from '../storage/index.js';
import { canonicalJson } from './canonical.js';
import type { BlobRef, Stage } from './stage.js';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const recordSchema = z.object({
  key: sha256,
  stage: z.string(),
  version: z.number(),
  result: z.json(),
  blobs: z.array(z.object({ sha256, bytes: z.number().int().nonnegative() })),
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
    const name = recordKey(stage, key);
    if (!(await this.store.stat(name))) return undefined;
    const record = parseRecord((await this.store.read(name)).toString('utf8'));
    if (record?.key !== key || record.stage !== stage) {
      this.log.warn({ stage, key }, 'an artifact record is corrupt: it is computed again');
      return undefined;
    }
    for (const blob of record.blobs) {
      const found = await this.store.stat(blobKey(blob));
      if (found?.bytes === blob.bytes) continue;
      this.log.warn(
        { stage, key, blob, found: found?.bytes },
        'a blob is missing or cut short: it is computed again',
      );
      return undefined;
    }
    return record;
  }

  /** Takes a file into the store under the digest of its bytes; `move` lets the file itself go there. */
  async keep(path: string, options: { move: boolean }): Promise<BlobRef> {
    const blob = await digestFile(path);
    const existing = await this.store.stat(blobKey(blob));
    if (existing?.bytes !== blob.bytes) await this.store.putFile(blobKey(blob), path, options);
    return blob;
  }

  /** Local path of a blob, to read only. Throws BLOB_MISSING. */
  async path(blob: BlobRef): Promise<string> {
    const found = await this.store.stat(blobKey(blob));
    if (found?.bytes !== blob.bytes) {
      const state = found ? `has ${found.bytes} bytes instead of ${blob.bytes}` : 'is not in the store';
      throw new HullcastError('BLOB_MISSING', `blob ${blob.sha256} ${state}`, {
        hint: 'Run the same command again: what is missing is computed again.',
      });
    }
    return this.store.localPath(blobKey(blob));
  }

  /** Marks the run as finished. Everything the record names must be in the store already. */
  async commit(record: ArtifactRecord): Promise<void> {
    await this.store.put(recordKey(record.stage, record.key), canonicalJson(record));
  }
}

function parseRecord(text: string): ArtifactRecord | undefined {
  try {
    return recordSchema.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // no JSON at all: corrupt, as find() reports
  }
}

async function digestFile(path: string): Promise<BlobRef> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) {
    hash.update(chunk as Buffer);
    bytes += (chunk as Buffer).length;
  }
  return { sha256: hash.digest('hex'), bytes };
}
