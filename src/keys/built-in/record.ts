import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { HullcastError } from '../../errors.js';
import { SecretKey } from '../secret-key.js';
import type { WantedKey } from '../types.js';
import { AES_KEY_BYTES, seal, sealedSchema, unseal } from './gcm.js';
import type { MasterKey } from './master-key.js';

const CONTENT_KEY_BYTES = 16;

const recordSchema = z.strictObject({
  version: z.literal(1),
  kid: z.string().regex(/^[0-9a-f]{32}$/),
  label: z.enum(['SD', 'HD', 'UHD', 'AUDIO', 'ALL']),
  contentId: z.string(),
  createdAt: z.iso.datetime(),
  /** The master key that wrapped the data key: its fingerprint, and how it was called. */
  master: z.strictObject({ id: z.string(), name: z.string() }),
  /** The data key, by the master key. */
  wrapped: sealedSchema(AES_KEY_BYTES),
  /** The content key, by the data key. */
  sealed: sealedSchema(CONTENT_KEY_BYTES),
});

/**
 * A content key at rest. Each has a data key of its own, which seals it once; only the data key is wrapped by a master
 * key, so that another master key changes nothing else. Both seals are bound to everything that the record says of it.
 */
export type KeyRecord = z.infer<typeof recordSchema>;
type Facts = Pick<KeyRecord, 'version' | 'kid' | 'label' | 'contentId' | 'createdAt'>;

/** What the keys of all records begin with. */
export const RECORDS = 'keys/content/';

export function recordKey(kid: string): string {
  return `${RECORDS}${kid.slice(0, 2)}/${kid}.json`;
}

/** Id in the key of a record's object; undefined for any other key. */
export function kidOfRecordKey(key: string): string | undefined {
  return /^keys\/content\/([0-9a-f]{2})\/(\1[0-9a-f]{30})\.json$/.exec(key)?.[2];
}

function contextOf(what: 'data key' | 'content key', facts: Facts): string {
  const { version, kid, label, contentId, createdAt } = facts;
  return JSON.stringify([`hullcast ${what}`, version, kid, label, contentId, createdAt]);
}

/** A new random content key, wrapped by a master key. */
export function makeRecord(contentId: string, { kid, label }: WantedKey, master: MasterKey): KeyRecord {
  const facts: Facts = { version: 1, kid, label, contentId, createdAt: new Date().toISOString() };
  const [dataKey, key] = [randomBytes(AES_KEY_BYTES), randomBytes(CONTENT_KEY_BYTES)];
  try {
    return {
      ...facts,
      master: { id: master.id, name: master.name },
      wrapped: master.wrap(dataKey, contextOf('data key', facts)),
      sealed: seal(dataKey, key, contextOf('content key', facts)),
    };
  } finally {
    dataKey.fill(0);
    key.fill(0);
  }
}

export function recordText(record: KeyRecord): string {
  return `${JSON.stringify(record)}\n`;
}

/** Throws KEY_TAMPERED for what is no record of that key. */
export function parseRecord(text: string, kid: string): KeyRecord {
  const record = recordSchema.safeParse(jsonOf(text)).data;
  if (!record) throw tampered(kid, 'is no record of a key');
  if (record.kid !== kid) throw tampered(kid, `is one of key ${record.kid}`);
  return record;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // not even JSON: the schema refuses it
  }
}

/** The content key in a record. Throws KEY_TAMPERED, KEY_MASTER_MISSING, KEY_MASTER_WRONG. */
export function openRecord(record: KeyRecord, masters: readonly MasterKey[], place: string): SecretKey {
  const dataKey = dataKeyOf(record, masters, place);
  const bytes = unseal(dataKey, record.sealed, contextOf('content key', record));
  dataKey.fill(0);
  if (!bytes) throw tampered(record.kid, 'is not as it was written');
  const key = new SecretKey(bytes);
  bytes.fill(0);
  return key;
}

/** The same content key, its data key wrapped by another master key. Throws what openRecord() throws. */
export function rewrapRecord(
  record: KeyRecord,
  masters: readonly MasterKey[],
  place: string,
  by: MasterKey,
): KeyRecord {
  const dataKey = dataKeyOf(record, masters, place);
  const wrapped = by.wrap(dataKey, contextOf('data key', record));
  dataKey.fill(0);
  return { ...record, master: { id: by.id, name: by.name }, wrapped };
}

function dataKeyOf(record: KeyRecord, masters: readonly MasterKey[], place: string): Buffer {
  const master = masters.find(({ id }) => id === record.master.id);
  if (!master) throw noMaster(record, masters, place);
  const dataKey = master.unwrap(record.wrapped, contextOf('data key', record));
  if (!dataKey) throw tampered(record.kid, 'is not as it was written');
  return dataKey;
}

function noMaster({ kid, master }: KeyRecord, masters: readonly MasterKey[], place: string): HullcastError {
  const other = masters.find(({ name }) => name === master.name);
  if (other) {
    return new HullcastError(
      'KEY_MASTER_WRONG',
      `key ${kid} was wrapped by a master key ${master.name} of fingerprint ${master.id}; that of ${place} is another (${other.id})`,
      { hint: 'Put the right one into the file under a name of its own, beside the one that is there.' },
    );
  }
  return new HullcastError(
    'KEY_MASTER_MISSING',
    `key ${kid} was wrapped by the master key ${master.name} (${master.id}), which is not in ${place}`,
    { hint: 'Add its line to the file again, below the current one; without it the key cannot be opened.' },
  );
}

function tampered(kid: string, how: string): HullcastError {
  return new HullcastError('KEY_TAMPERED', `the record of key ${kid} ${how}: it was changed or damaged`, {
    hint: 'Find out who can write to the store, and bring the object back from a copy; nobody can repair it.',
  });
}

/** Throws KEY_TAMPERED where a record is of another label or content than its key id was asked for with. */
export function checkFacts(record: KeyRecord, contentId: string, { kid, label }: WantedKey): void {
  if (record.contentId === contentId && record.label === label) return;
  const wanted = `${label} of ${JSON.stringify(contentId)}`;
  throw tampered(kid, `is of ${record.label} of ${JSON.stringify(record.contentId)} instead of ${wanted}`);
}
