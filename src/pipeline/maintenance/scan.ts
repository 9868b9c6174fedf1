import { HullcastError } from '../../errors.js';
import { type FoundObject, type ObjectStore, digestStream } from '../../storage/index.js';
import { type ArtifactRecord, parseRecord } from '../artifact.js';
import type { Json } from '../stage.js';
import { inOrder } from './in-order.js';
import { readIfThere } from './refs.js';

/** A record as a scan finds it. */
export interface FoundRecord extends FoundObject {
  stage: string;
  /** The artifact's key. */
  artifact: string;
  /** Undefined where it cannot be read. */
  record: ArtifactRecord | undefined;
}

/** A blob as a scan finds it. */
export interface FoundBlob extends FoundObject {
  sha256: string;
}

const RECORD = /^records\/([^/]+)\/([0-9a-f]{64})\.json$/;
const BLOB = /^blobs\/([0-9a-f]{2})\/(\1[0-9a-f]{62})$/;
const READS = 32;

/** Stage and artifact of a record's object; undefined for any other key. */
export function recordName(key: string): { stage: string; artifact: string } | undefined {
  const [, stage, artifact] = RECORD.exec(key) ?? [];
  return stage === undefined || artifact === undefined ? undefined : { stage, artifact };
}

/** Digest of a blob's object; undefined for any other key. */
export function blobName(key: string): string | undefined {
  return BLOB.exec(key)?.[2];
}

/** Every record, read; what else lies among them is left out. */
export async function* scanRecords(store: ObjectStore): AsyncGenerator<FoundRecord> {
  const read = async (found: FoundObject): Promise<FoundRecord | undefined> => {
    const name = recordName(found.key);
    return name && readRecord(store, { ...found, ...name });
  };
  for await (const found of inOrder(store.list('records/'), READS, read)) if (found) yield found;
}

/** Undefined where it is gone. */
export async function readRecord(
  store: ObjectStore,
  found: Omit<FoundRecord, 'record'>,
): Promise<FoundRecord | undefined> {
  const text = await readIfThere(store, found.key);
  if (!text) return undefined;
  const record = parseRecord(text.toString('utf8'));
  const isOwn = record?.key === found.artifact && record.stage === found.stage;
  return { ...found, record: isOwn ? record : undefined };
}

export async function* scanBlobs(store: ObjectStore): AsyncGenerator<FoundBlob> {
  for await (const found of store.list('blobs/')) {
    const sha256 = blobName(found.key);
    if (sha256 !== undefined) yield { ...found, sha256 };
  }
}

/** Undefined where the object is gone, as by somebody else meanwhile. */
export async function hasDigest(
  store: ObjectStore,
  key: string,
  sha256: string,
): Promise<boolean | undefined> {
  try {
    const { body } = await store.open(key);
    return (await digestStream(body)).sha256 === sha256;
  } catch (error) {
    if (error instanceof HullcastError && error.code === 'OBJECT_MISSING') return undefined;
    throw error;
  }
}

/** Digests of the blobs that a record needs: those that the run kept, and those of others that its result names. */
export function blobsOf(record: ArtifactRecord | undefined): Set<string> {
  const found = new Set(record?.blobs.map(({ sha256 }) => sha256));
  if (record) collect(record.result, found);
  return found;
}

function collect(value: Json | undefined, found: Set<string>): void {
  if (typeof value !== 'object' || value === null) return;
  if (!Array.isArray(value)) {
    const { sha256 } = value as { sha256?: unknown };
    if (typeof sha256 === 'string' && /^[0-9a-f]{64}$/.test(sha256)) found.add(sha256);
  }
  for (const item of Object.values(value) as Json[]) collect(item, found);
}
