import { createHash } from 'node:crypto';
import { blobKey, recordKey } from '../../../src/pipeline/artifact.js';
import type { ArtifactRecord, TitleRefs } from '../../../src/pipeline/index.js';

export const HOUR = 3600 * 1000;
export const DAY = 24 * HOUR;

export const digest = (text: string): string => createHash('sha256').update(text).digest('hex');

/** Content of the blob that is called `name`; the longer the name, the larger. */
export const contentOf = (name: string): string => name.repeat(10);
export const blobOf = (name: string) => ({ sha256: digest(contentOf(name)), bytes: contentOf(name).length });
export const keyOfBlob = (name: string): string => blobKey(blobOf(name));

/** Key of the artifact that is called `name`. */
export const artifactOf = (name: string): string => digest(`artifact ${name}`);
export const keyOfRecord = (name: string, stage = 'encode'): string => recordKey(stage, artifactOf(name));

export function recordOf(
  name: string,
  {
    blobs = [],
    mentions = [],
    stage = 'encode',
  }: { blobs?: string[]; mentions?: string[]; stage?: string } = {},
): ArtifactRecord {
  return {
    ...{ key: artifactOf(name), stage, version: 1 },
    result: { name, nested: [{ deep: mentions.map(blobOf) }] },
    blobs: blobs.map(blobOf),
    cost: { cpuSeconds: 1, wallSeconds: 1, processes: 1 },
  };
}

/** References of a title whose published files are copies of the blobs `files`, each under the blob's name. */
export function refsOf(
  title: string,
  records: string[],
  blobs: string[] = [],
  files: string[] = [],
): TitleRefs {
  return {
    ...{ schemaVersion: 1, title },
    records: records.map((name) => ({ stage: 'encode', key: artifactOf(name) })),
    blobs: blobs.map((name) => blobOf(name).sha256),
    files: files.map((path) => ({ path, ...blobOf(path) })),
  };
}

export async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}
