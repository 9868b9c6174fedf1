import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { HullcastError } from '../errors.js';
import { takeLock } from '../lock.js';
import { FileStore, asDiskError } from '../storage/index.js';

/** A folder with all state of the embedded pipeline, held by this process alone. */
export interface Home {
  root: string;
  /** Artifacts: records and blobs. */
  store: FileStore;
  /** Folder for the scratch folders of stage runs. */
  scratch: string;
  /** Folder of the queue's database. */
  queue: string;
  /** Lets other processes use the home. */
  release(): Promise<void>;
}

/** Where state lives: HULLCAST_HOME, or `.hullcast` in the working directory. Absolute. */
export function homeFolder(env: NodeJS.ProcessEnv = process.env): string {
  return resolve(env['HULLCAST_HOME'] || '.hullcast');
}

/**
 * Opens a home, making it where it is not there, and removes what killed processes left half done.
 * Throws HOME_BUSY where another process, or another open home of this one, uses it.
 */
export async function openHome(root: string): Promise<Home> {
  const scratch = join(root, 'scratch');
  try {
    await mkdir(root, { recursive: true });
    const release = await lockFolder(root);
    try {
      const store = new FileStore(join(root, 'store'));
      await Promise.all([store.sweep(0), rm(scratch, { recursive: true, force: true })]);
      await mkdir(scratch);
      return { root, store, scratch, queue: join(root, 'queue'), release };
    } catch (error) {
      await release();
      throw error;
    }
  } catch (error) {
    throw asDiskError(error, root);
  }
}

function lockFolder(root: string): Promise<() => Promise<void>> {
  const lock = join(root, 'lock');
  return takeLock(
    lock,
    (who) =>
      new HullcastError('HOME_BUSY', `${who} this home (lock file ${lock})`, {
        hint: 'Wait for it to end, or set HULLCAST_HOME to another folder.',
      }),
  );
}

/** A folder of one process of a fleet: for its scratch files and its cache. */
export interface NodeHome {
  root: string;
  scratch: string;
  /** Lets another process have it, with the cache in it. */
  release(): Promise<void>;
}

/** Processes of a fleet that share a home at a time. */
const MAX_NODES = 256;

/**
 * Opens a folder of its own for one of several processes that share a home: the first of `node-0`, `node-1`, … that
 * nobody holds, so that who is started again finds its cache. Throws HOME_BUSY where all are held.
 */
export async function openNodeHome(home: string): Promise<NodeHome> {
  for (let n = 0; ; n += 1) {
    const root = join(home, `node-${n}`);
    try {
      await mkdir(root, { recursive: true });
      const release = await lockFolder(root);
      const scratch = join(root, 'scratch');
      await rm(scratch, { recursive: true, force: true });
      await mkdir(scratch);
      return { root, scratch, release };
    } catch (error) {
      const held = error instanceof HullcastError && error.code === 'HOME_BUSY';
      if (!held || n + 1 >= MAX_NODES) throw asDiskError(error, root);
    }
  }
}
