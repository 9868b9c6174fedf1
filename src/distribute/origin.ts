import pLimit from 'p-limit';
import type { ObjectStore } from '../storage/index.js';

/** A file of a title at the origin: an object of the same store, or text. */
export interface OriginFile {
  /** Relative path with forward slashes. */
  path: string;
  from: { key: string } | { text: string };
}

/** Copies within the store at a time. */
const COPIES = 16;
/** What players ask for first, and so what is written last: before that, nobody finds the title. */
const ENTRY = /\.(m3u8|mpd)$/;
/** Says what was published, as long as it is there. */
const REFERENCES = 'refs.json';

/** Key under which the files of a title lie at the origin. */
export function originPrefix(titleId: string): string {
  return `titles/${titleId}/`;
}

/**
 * Writes a title to the origin, the store's `titles/<id>/`: everything that manifests name first, then the manifests, so
 * that no player finds a part of a title. May be repeated. Files of an earlier publication that are no longer part of
 * the title are removed at the end.
 */
export async function publishToOrigin(
  store: ObjectStore,
  titleId: string,
  files: readonly OriginFile[],
): Promise<void> {
  const prefix = originPrefix(titleId);
  const limit = pLimit(COPIES);
  const write = ({ path, from }: OriginFile): Promise<unknown> =>
    limit(async () => {
      if ('text' in from) await store.put(prefix + path, from.text);
      else await store.copy(from.key, prefix + path);
    });
  await all(files.filter(({ path }) => !ENTRY.test(path)).map(write));
  await all(files.filter(({ path }) => ENTRY.test(path)).map(write));
  const current = new Set(files.map(({ path }) => prefix + path));
  for await (const { key } of store.list(prefix)) if (!current.has(key)) await store.delete(key);
}

/** Removes a title from the origin: first what says that it is published, then its manifests, then the rest. */
export async function removeFromOrigin(store: ObjectStore, titleId: string): Promise<void> {
  const prefix = originPrefix(titleId);
  const keys: string[] = [];
  for await (const { key } of store.list(prefix)) keys.push(key);
  const limit = pLimit(COPIES);
  const remove = (key: string): Promise<void> => limit(() => store.delete(key));
  await all(keys.filter((key) => key === prefix + REFERENCES).map(remove));
  await all(keys.filter((key) => ENTRY.test(key)).map(remove));
  await all(keys.filter((key) => !ENTRY.test(key)).map(remove));
}

/** Waits for all, so that nothing goes on behind the caller's back, and then throws the first failure. */
async function all(work: readonly Promise<unknown>[]): Promise<void> {
  const failed = (await Promise.allSettled(work)).find((one) => one.status === 'rejected');
  if (failed) throw failed.reason as Error;
}
