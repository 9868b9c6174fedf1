import type { ObjectStore } from '../../storage/index.js';
import { keyMissing, keyText } from '../missing.js';
import { checkRequest } from '../request.js';
import type { ContentKey, KeyRequest, KeyService, WantedKey } from '../types.js';
import { SETTLE_MS, findRecord, keepRecord } from './first-record.js';
import type { MasterKeys } from './masters.js';
import { type KeyRecord, checkFacts, makeRecord, openRecord } from './record.js';

const NAME = 'built in';

export interface BuiltInOptions {
  store: ObjectStore;
  masters: MasterKeys;
  /** How long two may take to make a key at the same moment, milliseconds; 2000 unless given. */
  settleMs?: number;
}

/**
 * Random content keys, kept in the store encrypted: the first that is stored for a key id is the key for good. Players'
 * signalling is left to the packager. Throws what KeyService says, and KEY_MASTER_… errors.
 */
export function builtInKeyService(options: BuiltInOptions): KeyService {
  return {
    name: NAME,
    async obtain(request, signal) {
      checkRequest(request);
      signal?.throwIfAborted();
      const records = await recordsOf(options, request, signal);
      const masters = await options.masters.read();
      const open = (record: KeyRecord, wanted: WantedKey): ContentKey => {
        checkFacts(record, request.contentId, wanted);
        return { ...wanted, key: openRecord(record, masters, options.masters.place) };
      };
      return { keys: records.map((record, i) => open(record, request.keys[i]!)), signalling: [] };
    },
  };
}

/** The record of every key, in order; made where there is none and it is time to. */
async function recordsOf(
  options: BuiltInOptions,
  { keys, contentId, use }: KeyRequest,
  signal: AbortSignal | undefined,
): Promise<KeyRecord[]> {
  const { store, settleMs = SETTLE_MS } = options;
  const found = await Promise.all(keys.map(({ kid }) => findRecord(store, kid, settleMs)));
  const absent = keys.filter((_, i) => found[i] === undefined);
  if (absent.length > 0 && use.purpose !== 'package') {
    throw keyMissing(
      NAME,
      absent.map(keyText),
      'Nothing was packaged with it in this store; check HULLCAST_STORE, and package the title again.',
    );
  }
  signal?.throwIfAborted();
  return Promise.all(keys.map(async (wanted, i) => found[i] ?? (await make(options, contentId, wanted))));
}

/** What counts is what the store then has, whoever made it. */
async function make(
  { store, masters, settleMs = SETTLE_MS }: BuiltInOptions,
  contentId: string,
  wanted: WantedKey,
): Promise<KeyRecord> {
  return keepRecord(store, makeRecord(contentId, wanted, await masters.current()), settleMs);
}
