import { stat } from 'node:fs/promises';
import type { FoundObject, ObjectStore, OpenObject, StoredObject } from './object-store.js';

export type StoreOperation = Exclude<keyof ObjectStore, 'check' | 'sweep'>;

/** One finished operation on a store. */
export interface StoreCall {
  operation: StoreOperation;
  outcome: 'ok' | 'error';
  /** Wall time, seconds. */
  seconds: number;
  /** Bytes of the object that went into the store, or came out of it; 0 where none did. */
  bytesIn: number;
  bytesOut: number;
}

export type StoreObserver = (event: StoreCall) => void;

/**
 * The same store, with an observer that is told of every operation. `localPath` counts as the whole object coming out:
 * of a store with a cache in front observe the store behind it. The observer must not throw.
 */
export function observeStore(store: ObjectStore, observer: StoreObserver): ObjectStore {
  const stored = ({ bytes }: StoredObject): Moved => ({ bytesIn: bytes });
  return {
    check: () => store.check(),
    sweep: (olderThanMs) => store.sweep(olderThanMs),
    putFile: (...args) => timed(observer, 'putFile', () => store.putFile(...args), stored),
    put: (...args) => timed(observer, 'put', () => store.put(...args), stored),
    putIfAbsent: (...args) =>
      timed(
        observer,
        'putIfAbsent',
        () => store.putIfAbsent(...args),
        (data) => ({ bytesIn: data.length }),
      ),
    copy: (...args) => timed(observer, 'copy', () => store.copy(...args)),
    open: (...args) => timed(observer, 'open', () => store.open(...args), asked),
    refresh: (...args) => timed(observer, 'refresh', () => store.refresh(...args)),
    read: (...args) =>
      timed(
        observer,
        'read',
        () => store.read(...args),
        (data) => ({ bytesOut: data.length }),
      ),
    localPath: (...args) =>
      timed(
        observer,
        'localPath',
        () => store.localPath(...args),
        async (path) => ({ bytesOut: (await stat(path)).size }),
      ),
    stat: (...args) => timed(observer, 'stat', () => store.stat(...args)),
    delete: (...args) => timed(observer, 'delete', () => store.delete(...args)),
    list: (...args) => listed(observer, store.list(...args)),
  };
}

/** What a reader asked for; it may leave before the end. */
const asked = ({ bytes, range }: OpenObject): Moved => ({
  bytesOut: range ? range.end - range.start + 1 : bytes,
});

type Moved = Partial<Pick<StoreCall, 'bytesIn' | 'bytesOut'>>;

async function timed<T>(
  observer: StoreObserver,
  operation: StoreOperation,
  call: () => Promise<T>,
  moved: (value: T) => Moved | Promise<Moved> = () => ({}),
): Promise<T> {
  const started = performance.now();
  const tell = (outcome: StoreCall['outcome'], bytes: Moved): void => {
    const seconds = (performance.now() - started) / 1000;
    observer({ operation, outcome, seconds, bytesIn: 0, bytesOut: 0, ...bytes });
  };
  try {
    const value = await call();
    tell('ok', await moved(value));
    return value;
  } catch (error) {
    tell('error', {});
    throw error;
  }
}

/** A listing is one operation, from its first object asked for to its last, or to where its reader has enough. */
async function* listed(
  observer: StoreObserver,
  objects: AsyncIterable<FoundObject>,
): AsyncGenerator<FoundObject> {
  const started = performance.now();
  let outcome: StoreCall['outcome'] = 'ok';
  try {
    yield* objects;
  } catch (error) {
    outcome = 'error';
    throw error;
  } finally {
    const seconds = (performance.now() - started) / 1000;
    observer({ operation: 'list', outcome, seconds, bytesIn: 0, bytesOut: 0 });
  }
}
