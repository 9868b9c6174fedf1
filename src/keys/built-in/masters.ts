import { join, resolve } from 'node:path';
import { HullcastError, badUsage } from '../../errors.js';
import type { ObjectStore } from '../../storage/index.js';
import { readSecretFile, readSecretFileIfThere } from '../secret-file.js';
import { makeMasterFile } from './master-file.js';
import { type MasterKey, parseMasterKeys } from './master-key.js';
import { RECORDS } from './record.js';

/** The master keys; read anew each time, so that a changed file counts at once and none stays in memory. */
export interface MasterKeys {
  /** For people: where they are. */
  readonly place: string;
  /** All of them, the current one first; none where they would be made on first use. */
  read(): Promise<readonly MasterKey[]>;
  /** The one that wraps from now on; made where nothing was configured, and nothing is wrapped yet. */
  current(): Promise<MasterKey>;
}

const WHAT = 'the master keys';
/** Name in the home of the file that is made where none is configured. */
const HOME_FILE = 'master-keys';

/** The file of the master keys: HULLCAST_MASTER_KEY_FILE, or one in the home. */
export function masterKeyFile(env: NodeJS.ProcessEnv, home: string): string {
  const named = env['HULLCAST_MASTER_KEY_FILE'];
  return named ? resolve(named) : join(home, HOME_FILE);
}

/**
 * The master keys of HULLCAST_MASTER_KEY_FILE; without it those of a file in the home, which is made when the first is
 * needed, unless others share the store. Reading throws KEY_MASTER_FILE, KEY_MASTER_UNSET, KEY_MASTER_MISSING and what
 * readSecretFile() throws.
 */
export function openMasterKeys(
  env: NodeJS.ProcessEnv,
  { store, home }: { store: ObjectStore; home: string },
): MasterKeys {
  const place = masterKeyFile(env, home);
  if (env['HULLCAST_MASTER_KEY_FILE']) return configured(place);
  if (env['HULLCAST_STORE']) return { place, read: unset, current: unset };
  return inHome(place, store);
}

function configured(place: string): MasterKeys {
  const read = async (): Promise<MasterKey[]> => parseMasterKeys(await readSecretFile(place, WHAT), place);
  return { place, read, current: async () => (await read())[0]! };
}

function unset(): Promise<never> {
  return Promise.reject(
    badUsage(
      'KEY_MASTER_UNSET',
      'the store is shared (HULLCAST_STORE), and HULLCAST_MASTER_KEY_FILE does not say with which master keys',
      'Make a file with `hullcast keys new-master --file <path>`, and give it to every process: see docs/keys.md.',
    ),
  );
}

function inHome(place: string, store: ObjectStore): MasterKeys {
  const read = async (): Promise<MasterKey[]> => {
    const text = await readSecretFileIfThere(place, WHAT);
    return text === undefined ? [] : parseMasterKeys(text, place);
  };
  return {
    place,
    read,
    async current() {
      const [first] = await read();
      if (first) return first;
      if (await hasRecords(store)) {
        // Somebody else may have made the file since, and wrapped the first key with it.
        const [made] = await read();
        if (made) return made;
        throw lost(place);
      }
      await makeMasterFile(place);
      return (await read())[0]!;
    },
  };
}

async function hasRecords(store: ObjectStore): Promise<boolean> {
  for await (const _ of store.list(RECORDS)) return true;
  return false;
}

/** Another master key in the place of a lost one would hide the loss, until somebody wants to play an older title. */
function lost(place: string): HullcastError {
  return new HullcastError(
    'KEY_MASTER_MISSING',
    `there is no ${place}, though the store holds content keys that its keys wrapped`,
    {
      hint: 'Bring it back from its copy. Without it the titles that are encrypted cannot be opened any more.',
    },
  );
}
