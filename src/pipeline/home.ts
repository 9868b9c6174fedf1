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
    const lock = join(root, 'lock');
    const release = await takeLock(
      lock,
      (who) =>
        new HullcastError('HOME_BUSY', `${who} this home (lock file ${lock})`, {
          hint: 'Wait for it to end, or set HULLCAST_HOME to another folder.',
        }),
    );
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
