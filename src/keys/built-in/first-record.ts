import { HullcastError } from '../../errors.js';
import type { ObjectStore } from '../../storage/index.js';
import { type KeyRecord, parseRecord, recordKey, recordText } from './record.js';

/**
 * Two workers that make a key within the same moment must get the same one. Where the server has no conditional
 * writes, this is how long the moment may be, milliseconds.
 */
export const SETTLE_MS = 2000;
/** A record that was made less than this ago may still be replaced on such a server; leaves room for clocks that differ. */
const YOUNG_MS = 30_000;

/** The record of a key that counts for good; undefined where there is none. Throws KEY_TAMPERED. */
export async function findRecord(
  store: ObjectStore,
  kid: string,
  settleMs: number,
): Promise<KeyRecord | undefined> {
  let text: string;
  try {
    text = (await store.read(recordKey(kid))).toString('utf8');
  } catch (error) {
    if (error instanceof HullcastError && error.code === 'OBJECT_MISSING') return undefined;
    throw error;
  }
  const record = parseRecord(text, kid);
  return isYoung(record) ? first(store, kid, text, settleMs) : record;
}

/** Whether another may still come in the place of this one, on a server without conditional writes. */
export function isYoung({ createdAt }: KeyRecord): boolean {
  return Date.now() - Date.parse(createdAt) < YOUNG_MS;
}

/** Keeps a new record unless there is one; gives the one that counts for good. Throws KEY_TAMPERED. */
export function keepRecord(store: ObjectStore, record: KeyRecord, settleMs: number): Promise<KeyRecord> {
  return first(store, record.kid, recordText(record), settleMs);
}

async function first(store: ObjectStore, kid: string, text: string, settleMs: number): Promise<KeyRecord> {
  const kept = await store.putIfAbsent(recordKey(kid), text, { settleMs });
  return parseRecord(kept.toString('utf8'), kid);
}
