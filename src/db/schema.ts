import { bigint, boolean, integer, pgSchema, smallint } from 'drizzle-orm/pg-core';
import { NOW, json, text, time } from './columns.js';
import type {
  DeliveryState,
  EventType,
  MasterSource,
  Scope,
  Title,
  TitleError,
  TitleResult,
  TitleState,
} from './types.js';

/** The tables as the newest migration (migrations.ts) leaves them; a test compares the two. */

/** Everything is in a schema of its own, so that a database can be shared. */
const hullcast = pgSchema('hullcast');

export const uploads = hullcast.table('upload', {
  id: text().primaryKey(),
  name: text().notNull(),
  bytes: bigint({ mode: 'number' }).notNull(),
  tokenId: text('token_id').notNull(),
  createdAt: time('created_at').notNull().default(NOW),
  expiresAt: time('expires_at').notNull(),
  finishedAt: time('finished_at'),
});

/**
 * Uploads that are removed, until their bytes are gone as well. (In a table of their own, so that no title can name one.)
 */
export const removedUploads = hullcast.table('removed_upload', {
  id: text().primaryKey(),
  /** When their bytes were last to be removed. */
  triedAt: time('tried_at').notNull().default(NOW),
});

export const titles = hullcast.table('title', {
  id: text().primaryKey(),
  name: text().notNull(),
  source: json().$type<MasterSource>().notNull(),
  /** The upload that `source` names: as a column of its own it keeps the upload from being removed. */
  uploadId: text('upload_id').references(() => uploads.id),
  profile: text().notNull(),
  options: json(),
  priority: smallint().notNull(),
  externalId: text('external_id'),
  metadata: json().$type<Record<string, string>>(),
  callbackUrl: text('callback_url'),
  idempotencyKey: text('idempotency_key'),
  requestDigest: text('request_digest').notNull(),
  tokenId: text('token_id').notNull(),
  state: text().$type<TitleState>().notNull().default('queued'),
  attempt: integer().notNull().default(1),
  createdAt: time('created_at').notNull().default(NOW),
  updatedAt: time('updated_at').notNull().default(NOW),
  startedAt: time('started_at'),
  finishedAt: time('finished_at'),
  error: json().$type<TitleError>(),
  result: json().$type<TitleResult>(),
});

export const events = hullcast.table('event', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  type: text().$type<EventType>().notNull(),
  titleId: text('title_id').notNull(),
  at: time().notNull().default(NOW),
  data: json().$type<Title>().notNull(),
});

export const deliveries = hullcast.table('delivery', {
  id: bigint({ mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  eventId: bigint('event_id', { mode: 'number' })
    .notNull()
    .references(() => events.id),
  titleId: text('title_id').notNull(),
  url: text().notNull(),
  state: text().$type<DeliveryState>().notNull().default('pending'),
  attempts: integer().notNull().default(0),
  nextAttemptAt: time('next_attempt_at').notNull().default(NOW),
  lastStatus: integer('last_status'),
  lastError: text('last_error'),
  deliveredAt: time('delivered_at'),
});

/** One row, or none: the newest event that is no longer kept. */
export const pruned = hullcast.table('pruned', {
  one: boolean().primaryKey().default(true),
  through: bigint({ mode: 'number' }).notNull(),
});

export const tokens = hullcast.table('token', {
  id: text().primaryKey(),
  name: text().notNull(),
  scopes: json().$type<Scope[]>().notNull(),
  digest: text().notNull().unique(),
  createdAt: time('created_at').notNull().default(NOW),
  expiresAt: time('expires_at'),
  revokedAt: time('revoked_at'),
  lastUsedAt: time('last_used_at'),
});
