import { HullcastError } from '../../errors.js';
import type { ObjectStore } from '../../storage/index.js';
import type { AuditTrail } from '../audit/index.js';
import type { SecretKey } from '../secret-key.js';
import { SETTLE_MS, findRecord, isYoung } from './first-record.js';
import { type StoredRecord, storedRecords } from './list.js';
import type { MasterKey } from './master-key.js';
import type { MasterKeys } from './masters.js';
import { type KeyRecord, openRecord, parseRecord, recordText, rewrapRecord } from './record.js';

/** What became of one record. */
export interface Rotated {
  kid: string;
  /** `current`: it was wrapped by the current master key already. `failed`: it is as it was, see `error`. */
  outcome: 'rewrapped' | 'current' | 'failed';
  error?: HullcastError;
}

export interface RotateOptions {
  store: ObjectStore;
  masters: MasterKeys;
  trail: AuditTrail;
  signal?: AbortSignal | undefined;
}

interface Rotation extends RotateOptions {
  keys: readonly MasterKey[];
  current: MasterKey;
}

/**
 * Wraps the data key of every record by the current master key. What it is wrapped by already is left alone, so that it
 * may be interrupted and run again, and may run while others work. A record is replaced only where it opens, and what
 * is stored then is read back and compared. One that fails does not stop the others. Throws what reading the master
 * keys, the store and the trail throw.
 */
export async function* rotateMasterKey(options: RotateOptions): AsyncGenerator<Rotated> {
  const keys = await options.masters.read();
  const [current] = keys;
  if (!current) return; // nothing was ever wrapped in this home
  const rotation: Rotation = { ...options, keys, current };
  for await (const group of storedRecords(options.store, options.signal))
    yield* await Promise.all(group.map((stored) => rotated(rotation, stored)));
}

async function rotated(rotation: Rotation, stored: StoredRecord): Promise<Rotated> {
  const { kid, record } = stored;
  try {
    if (record instanceof HullcastError) throw record;
    if (record.master.id === rotation.current.id) return { kid, outcome: 'current' };
    // What another may still replace is not to be taken for what stays.
    const lasting = isYoung(record) ? await findRecord(rotation.store, kid, SETTLE_MS) : record;
    if (lasting) await rewrap(rotation, stored.objectKey, lasting);
    return { kid, outcome: 'rewrapped' };
  } catch (error) {
    if (error instanceof HullcastError && error.code.startsWith('KEY_'))
      return { kid, outcome: 'failed', error };
    throw error;
  }
}

async function rewrap(rotation: Rotation, objectKey: string, record: KeyRecord): Promise<void> {
  const { store, trail, keys, current, masters } = rotation;
  const key = openRecord(record, keys, masters.place);
  const text = recordText(rewrapRecord(record, keys, masters.place, current));
  await trail.note({
    ...{ service: 'built in', purpose: 'rotate', subject: current.toString() },
    ...{ contentId: record.contentId, keys: [{ kid: record.kid, label: record.label }] },
  });
  await store.put(objectKey, text);
  const kept = keptRecord(rotation, await store.read(objectKey), record.kid, key);
  if (kept?.master.id === current.id) return;
  // Still, or again, of another master key: as somebody else is rotating, or the store has lost what it was given.
  if (!kept) await store.put(objectKey, recordText(record));
  throw notKept(
    record.kid,
    kept ? 'is wrapped by another master key' : 'does not open; the old one was put back',
  );
}

/** What the store gives back, where it is a record of the same key. */
function keptRecord(
  { keys, masters }: Rotation,
  text: Buffer,
  kid: string,
  key: SecretKey,
): KeyRecord | undefined {
  try {
    const record = parseRecord(text.toString('utf8'), kid);
    return openRecord(record, keys, masters.place).reveal().equals(key.reveal()) ? record : undefined;
  } catch (error) {
    if (error instanceof HullcastError) return undefined; // KEY_TAMPERED, or of a master key that we do not have
    throw error;
  }
}

function notKept(kid: string, how: string): HullcastError {
  return new HullcastError('KEY_ROTATION', `the record of key ${kid} that came back from the store ${how}`, {
    hint: 'See that nobody else changes keys/ meanwhile, and that the store is in order; then run it again.',
  });
}
