import { HullcastError } from '../../errors.js';
import type { ObjectStore } from '../../storage/index.js';
import { type KeyRecord, RECORDS, kidOfRecordKey, parseRecord, recordKey } from './record.js';

/** What is told of a key that is kept: everything but the key. */
export type KeyFacts = Pick<KeyRecord, 'kid' | 'label' | 'contentId' | 'createdAt' | 'master'>;

/** A record as it lies in the store. */
export interface StoredRecord {
  kid: string;
  /** Of its object. */
  objectKey: string;
  /** Either the record, or why it is none: KEY_TAMPERED. */
  record: KeyRecord | HullcastError;
}

const READS = 16;

/** Every record of the store, in groups, by key id. */
export async function* storedRecords(
  store: ObjectStore,
  signal?: AbortSignal,
): AsyncGenerator<StoredRecord[]> {
  let kids: string[] = [];
  const read = async (): Promise<StoredRecord[]> => {
    signal?.throwIfAborted();
    const found = await Promise.all(kids.map((kid) => readStored(store, kid)));
    kids = [];
    return found.filter((one) => one !== undefined);
  };
  for await (const { key } of store.list(RECORDS)) {
    const kid = kidOfRecordKey(key);
    if (kid !== undefined) kids.push(kid);
    if (kids.length === READS) yield await read();
  }
  if (kids.length > 0) yield await read();
}

/** Undefined where it is gone. */
async function readStored(store: ObjectStore, kid: string): Promise<StoredRecord | undefined> {
  const objectKey = recordKey(kid);
  try {
    const text = (await store.read(objectKey)).toString('utf8');
    return { kid, objectKey, record: parsed(text, kid) };
  } catch (error) {
    if (error instanceof HullcastError && error.code === 'OBJECT_MISSING') return undefined;
    throw error;
  }
}

function parsed(text: string, kid: string): KeyRecord | HullcastError {
  try {
    return parseRecord(text, kid);
  } catch (error) {
    if (error instanceof HullcastError) return error;
    throw error;
  }
}

/** What is known of every key that is kept, and what is no record any more. */
export async function* listKeys(
  store: ObjectStore,
  signal?: AbortSignal,
): AsyncGenerator<KeyFacts | HullcastError> {
  for await (const group of storedRecords(store, signal))
    for (const { record } of group) yield factsOf(record);
}

function factsOf(record: KeyRecord | HullcastError): KeyFacts | HullcastError {
  if (record instanceof HullcastError) return record;
  const { kid, label, contentId, createdAt, master } = record;
  return { kid, label, contentId, createdAt, master };
}
